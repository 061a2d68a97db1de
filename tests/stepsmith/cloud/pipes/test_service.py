"""Pipes in the local cloud. Nobody has recorded them: the guide is the law."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.cloud.local import LocalCloud

ROLE = "arn:aws:iam::123456789012:role/pipe"
EXPRESS = {
    "QueryLanguage": "JSONata",
    "StartAt": "Count",
    "States": {"Count": {"Type": "Pass", "Output": "{% [$states.input.{'id': id, 'by': 'express'}] %}", "End": True}},
}  # fmt: skip


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


@pytest.fixture
def seen(cloud: LocalCloud) -> list[Any]:
    """What the function `take` has been called with."""
    found: list[Any] = []
    cloud.functions.define("take", lambda event, context: found.append(event))
    return found


def function(cloud: LocalCloud, name: str = "take") -> str:
    return cloud.caller.arn("lambda", f"function:{name}")


def queue(cloud: LocalCloud, name: str = "orders", **attributes: str) -> str:
    cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)
    return cloud.caller.arn("sqs", name)


def stream(cloud: LocalCloud, name: str = "clicks", shards: int = 1) -> str:
    cloud.client("kinesis").create_stream(StreamName=name, ShardCount=shards)
    cloud.advance(timedelta(seconds=10))
    return cloud.caller.arn("kinesis", f"stream/{name}")


def machine(cloud: LocalCloud, kind: str, definition: dict[str, Any] = EXPRESS) -> str:
    made = cloud.client("stepfunctions").create_state_machine(
        name=kind.lower(), definition=json.dumps(definition), roleArn=ROLE, type=kind
    )
    return str(made["stateMachineArn"])


def pipe(cloud: LocalCloud, source: str, target: str, **more: Any) -> dict[str, Any]:
    return cloud.client("pipes").create_pipe(Name="p", Source=source, Target=target, RoleArn=ROLE, **more)


def send(cloud: LocalCloud, *bodies: Any, name: str = "orders", **more: Any) -> None:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    for body in bodies:
        text = body if isinstance(body, str) else json.dumps(body)
        sqs.send_message(QueueUrl=url, MessageBody=text, **more)
    cloud.settle()


def put(cloud: LocalCloud, *data: Any, key: str = "k", name: str = "clicks") -> None:
    records = [{"Data": json.dumps(each).encode(), "PartitionKey": key} for each in data]
    cloud.client("kinesis").put_records(StreamName=name, Records=records)
    cloud.settle()


def bodies(cloud: LocalCloud, name: str) -> list[str]:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [each["Body"] for each in messages]
    return found


def test_a_pipe_is_described_with_its_defaults_listed_stopped_and_deleted(cloud: LocalCloud) -> None:
    source, target = queue(cloud), queue(cloud, "target")
    client = cloud.client("pipes")
    created = pipe(cloud, source, target, Tags={"team": "tea"}, Description="moves orders")
    described = client.describe_pipe(Name="p")
    stopping = client.stop_pipe(Name="p")["CurrentState"]
    listed = client.list_pipes(NamePrefix="p", SourcePrefix=source, CurrentState="STOPPED")["Pipes"]
    deleted = client.delete_pipe(Name="p")

    assert created["Arn"] == "arn:aws:pipes:us-east-1:123456789012:pipe/p"
    assert (created["DesiredState"], created["CurrentState"]) == ("RUNNING", "CREATING")
    assert described["CurrentState"] == "RUNNING"
    assert described["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 10}}
    assert (described["Tags"], described["Description"]) == ({"team": "tea"}, "moves orders")
    assert (stopping, [each["Name"] for each in listed]) == ("STOPPING", ["p"])
    assert (deleted["CurrentState"], client.list_pipes()["Pipes"]) == ("DELETING", [])
    with pytest.raises(client.exceptions.NotFoundException):
        client.describe_pipe(Name="p")


def test_tags_are_added_and_taken_away(cloud: LocalCloud) -> None:
    arn = pipe(cloud, queue(cloud), queue(cloud, "target"))["Arn"]
    client = cloud.client("pipes")
    client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}


def test_a_name_is_taken_once(cloud: LocalCloud) -> None:
    source, target = queue(cloud), queue(cloud, "target")
    pipe(cloud, source, target)

    with pytest.raises(ClientError, match="ConflictException"):
        pipe(cloud, source, target)


def test_a_batch_of_messages_goes_to_a_function_as_one_list(cloud: LocalCloud, seen: list[Any]) -> None:
    pipe(cloud, queue(cloud), function(cloud), SourceParameters={"SqsQueueParameters": {
        "BatchSize": 2, "MaximumBatchingWindowInSeconds": 5}})  # fmt: skip
    send(cloud, {"id": 1}, {"id": 2}, {"id": 3})
    cloud.advance(timedelta(seconds=5))

    assert [[json.loads(each["body"])["id"] for each in batch] for batch in seen] == [[1, 2], [3]]


def test_what_does_not_pass_the_filter_is_deleted(cloud: LocalCloud, seen: list[Any]) -> None:
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["tea"]}})}]}
    pipe(cloud, queue(cloud), function(cloud), SourceParameters={"FilterCriteria": criteria})
    send(cloud, {"kind": "tea"}, {"kind": "coffee"}, "plain")
    cloud.advance(timedelta(minutes=5))

    assert [json.loads(each["body"]) for batch in seen for each in batch] == [{"kind": "tea"}]
    assert bodies(cloud, "orders") == []


def test_input_templates_are_filled_in_for_each_event_by_itself(cloud: LocalCloud, seen: list[Any]) -> None:
    template = '{"order": <$.body.id>, "pipe": "<aws.pipes.pipe-name>"}'
    pipe(cloud, queue(cloud), function(cloud), TargetParameters={"InputTemplate": template})
    send(cloud, {"id": 7})

    assert seen == [[{"order": 7, "pipe": "p"}]]


def test_an_enrichment_by_a_function_takes_the_place_of_the_batch(cloud: LocalCloud, seen: list[Any]) -> None:
    cloud.functions.define("enrich", lambda event, context: [{"double": 2 * each["n"]} for each in event])
    enrichment = {"EnrichmentParameters": {"InputTemplate": '{"n": <$.body.n>}'}}
    pipe(cloud, queue(cloud), function(cloud), Enrichment=function(cloud, "enrich"), **enrichment)
    send(cloud, {"n": 1}, {"n": 2})

    assert [each for batch in seen for each in batch] == [{"double": 2}, {"double": 4}]


def test_an_express_state_machine_enriches(cloud: LocalCloud, seen: list[Any]) -> None:
    template = {"InputTemplate": '{"id": <$.body.id>}'}
    arn = machine(cloud, "EXPRESS")
    pipe(cloud, queue(cloud), function(cloud), Enrichment=arn, EnrichmentParameters=template)
    send(cloud, {"id": 1})

    assert seen == [[{"id": 1, "by": "express"}]]


def test_an_empty_list_of_an_enrichment_ends_the_batch(cloud: LocalCloud, seen: list[Any]) -> None:
    cloud.functions.define("enrich", lambda event, context: list[Any]())
    pipe(cloud, queue(cloud), function(cloud), Enrichment=function(cloud, "enrich"))
    send(cloud, {"n": 1})
    cloud.advance(timedelta(minutes=5))

    assert (seen, bodies(cloud, "orders")) == ([], [])


def test_an_enrichment_that_fails_lets_the_messages_come_again(cloud: LocalCloud, seen: list[Any]) -> None:
    calls: list[Any] = []

    def enrich(event: Any, context: object) -> Any:
        calls.append(event)
        if len(calls) == 1:
            raise ValueError("not yet")
        return event

    cloud.functions.define("enrich", enrich)
    pipe(cloud, queue(cloud), function(cloud), Enrichment=function(cloud, "enrich"))
    send(cloud, {"n": 1})
    first = len(seen)
    cloud.advance(timedelta(seconds=31))

    assert (first, len(calls), len(seen)) == (0, 2, 1)


def test_an_express_target_answers_which_messages_failed(cloud: LocalCloud) -> None:
    failing = {
        "QueryLanguage": "JSONata",
        "StartAt": "Fail one",
        "States": {
            "Fail one": {
                "Type": "Pass",
                "Output": {
                    "batchItemFailures": "{% [$states.input[$parse(body).bad].{'itemIdentifier': messageId}] %}"
                },
                "End": True,
            }
        },
    }
    letters = queue(cloud, "letters")
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 2})
    pipe(cloud, queue(cloud, RedrivePolicy=redrive), machine(cloud, "EXPRESS", failing))
    send(cloud, {"n": 1}, {"n": 2, "bad": True}, {"n": 3})
    cloud.advance(timedelta(minutes=5))

    assert [json.loads(each)["n"] for each in bodies(cloud, "letters")] == [2]
    assert bodies(cloud, "orders") == []


def test_a_standard_state_machine_is_started_and_not_waited_for(cloud: LocalCloud) -> None:
    source, arn = (
        queue(cloud),
        machine(cloud, "STANDARD", {**EXPRESS, "States": {"Count": {"Type": "Succeed"}}}),
    )
    with pytest.raises(ClientError, match="is no Express state machine"):
        pipe(cloud, source, arn)
    target = {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}}
    pipe(cloud, source, arn, TargetParameters=target)
    send(cloud, {"n": 1})
    cloud.settle()

    (execution,) = cloud.executions
    assert [json.loads(each["body"]) for each in execution.result()] == [{"n": 1}]


def test_a_bus_gets_events_with_the_names_of_the_guide(cloud: LocalCloud) -> None:
    heard = queue(cloud, "heard")
    events = cloud.client("events")
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["Pipe p", "7"]}))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": heard}])
    bus = cloud.caller.arn("events", "event-bus/default")
    pipe(cloud, queue(cloud), bus, TargetParameters={"InputTemplate": '{"id": <$.body.id>}'})
    send(cloud, {"id": 1})
    own = {"DetailType": "order", "Source": "$.body.id"}
    parameters = {"InputTemplate": "<$.body>", "EventBridgeEventBusParameters": own}
    cloud.client("pipes").update_pipe(Name="p", RoleArn=ROLE, TargetParameters=parameters)
    send(cloud, {"id": "7"})

    first, second = [json.loads(each) for each in bodies(cloud, "heard")]
    assert (first["source"], first["detail-type"], first["detail"]) == (
        "Pipe p", "Event from aws:sqs", {"id": 1})  # fmt: skip
    assert (second["source"], second["detail-type"], second["detail"]) == ("7", "order", {"id": "7"})


def test_parameters_of_a_target_may_be_paths_into_the_event(cloud: LocalCloud) -> None:
    target = queue(cloud, "t.fifo", FifoQueue="true")
    own = {"SqsQueueParameters": {"MessageGroupId": "$.body.who", "MessageDeduplicationId": "$.messageId"}}
    pipe(cloud, queue(cloud), target, TargetParameters={**own, "InputTemplate": "<$.body.n>"})
    send(cloud, {"who": "ada", "n": 1}, {"who": "bob", "n": 2})
    sqs = cloud.client("sqs")
    found = sqs.receive_message(
        QueueUrl=sqs.get_queue_url(QueueName="t.fifo")["QueueUrl"],
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["All"],
    )["Messages"]

    assert [(each["Attributes"]["MessageGroupId"], each["Body"]) for each in found] == [
        ("ada", "1"), ("bob", "2")]  # fmt: skip


def test_records_of_kinesis_lie_flat_and_go_on_in_order(cloud: LocalCloud, seen: list[Any]) -> None:
    own = {"KinesisStreamParameters": {"StartingPosition": "TRIM_HORIZON", "BatchSize": 2}}
    template = {"InputTemplate": '{"n": <$.data.n>, "key": <$.partitionKey>}'}
    source = stream(cloud)
    put(cloud, {"n": 1}, {"n": 2}, {"n": 3})
    pipe(cloud, source, function(cloud), SourceParameters=own, TargetParameters=template)
    cloud.settle()

    assert [[each["n"] for each in batch] for batch in seen] == [[1, 2], [3]]


def test_what_a_stream_gives_up_is_told_to_the_dead_letters(cloud: LocalCloud) -> None:
    def fail(event: Any, context: object) -> None:
        raise ValueError("never")

    cloud.functions.define("take", fail)
    letters = queue(cloud, "letters")
    own = {
        "StartingPosition": "LATEST",
        "MaximumRetryAttempts": 1,
        "DeadLetterConfig": {"Arn": letters},
        "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
    }
    pipe(cloud, stream(cloud), function(cloud), SourceParameters={"KinesisStreamParameters": own})
    put(cloud, {"n": 1}, {"n": 2})
    cloud.advance(timedelta(minutes=1))

    told = [json.loads(each) for each in bodies(cloud, "letters")]
    assert [each["KinesisBatchInfo"]["batchSize"] for each in told] == [1, 1]
    assert told[0]["context"] == {
        "partnerResourceArn": cloud.caller.arn("pipes", "pipe/p"),
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }


def test_changes_of_a_table_go_to_a_target(cloud: LocalCloud, seen: list[Any]) -> None:
    dynamodb = cloud.client("dynamodb")
    made = dynamodb.create_table(
        TableName="stock",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    source = made["TableDescription"]["LatestStreamArn"]
    own = {"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}}
    template = {"InputTemplate": '{"pk": <$.dynamodb.Keys.pk.S>}'}
    pipe(cloud, source, function(cloud), SourceParameters=own, TargetParameters=template)
    dynamodb.put_item(TableName="stock", Item={"pk": {"S": "tea"}})
    cloud.settle()

    assert seen == [[{"pk": "tea"}]]


def test_a_pipe_that_is_stopped_goes_on_where_it_was(cloud: LocalCloud, seen: list[Any]) -> None:
    source, client = stream(cloud), cloud.client("pipes")
    own = {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}
    template = {"InputTemplate": "<$.data.n>"}
    pipe(cloud, source, function(cloud), SourceParameters=own, TargetParameters=template)
    put(cloud, {"n": 1})
    client.stop_pipe(Name="p")
    put(cloud, {"n": 2})
    while_stopped = list(seen)
    client.start_pipe(Name="p")
    cloud.settle()

    assert (while_stopped, seen) == ([[1]], [[1], [2]])


def test_an_update_replaces_what_is_for_one_service_and_keeps_the_rest(cloud: LocalCloud) -> None:
    source = stream(cloud)
    own = {"StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 3}
    criteria = {"Filters": [{"Pattern": '{"partitionKey": ["k"]}'}]}
    given = {"KinesisStreamParameters": own, "FilterCriteria": criteria}
    pipe(cloud, source, queue(cloud, "target"), SourceParameters=given)
    changed = {"KinesisStreamParameters": {"BatchSize": 5}}
    client = cloud.client("pipes")
    client.update_pipe(Name="p", RoleArn=ROLE, SourceParameters=changed)

    told = client.describe_pipe(Name="p")["SourceParameters"]
    assert told["FilterCriteria"] == criteria
    assert told["KinesisStreamParameters"] == {
        "BatchSize": 5,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
    }


def test_a_source_that_is_not_there_is_told_and_read_once_it_is(cloud: LocalCloud, seen: list[Any]) -> None:
    client = cloud.client("pipes")
    pipe(cloud, cloud.caller.arn("sqs", "orders"), function(cloud))
    before = client.describe_pipe(Name="p")
    queue(cloud)
    client.start_pipe(Name="p")
    send(cloud, {"n": 1})

    assert (before["CurrentState"], "orders does not exist" in before["StateReason"]) == (
        "CREATE_FAILED",
        True,
    )
    assert (client.describe_pipe(Name="p")["CurrentState"], len(seen)) == ("RUNNING", 1)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"Source": "arn:aws:s3:::bucket"}, "Source"),
        ({"Target": "arn:aws:ecs:us-east-1:123456789012:cluster/c"}, "Target"),
        ({"Enrichment": "arn:aws:sqs:us-east-1:123456789012:q"}, "Enrichment"),
        ({"SourceParameters": {"SqsQueueParameters": {"BatchSize": 11}}}, "BatchSize"),
        ({"SourceParameters": {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}}, "filter pattern"),
        (
            {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}},
            "not for a source",
        ),
        ({"Source": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}, "StartingPosition"),
        ({"TargetParameters": {"InputTemplate": "<$.[>"}}, "placeholder"),
    ],
)
def test_what_cannot_be_a_pipe_is_refused(cloud: LocalCloud, more: dict[str, Any], place: str) -> None:
    client = cloud.client("pipes")
    fits = {"Source": queue(cloud), "Target": queue(cloud, "target")}
    with pytest.raises(ClientError, match=f"ValidationException.*{place}"):
        client.create_pipe(Name="p", RoleArn=ROLE, **{**fits, **more})

    assert client.list_pipes()["Pipes"] == []


@settings(max_examples=25, deadline=None)
@given(
    sent=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), min_size=1, max_size=12),
    batch=st.integers(1, 5),
    retries=st.integers(0, 3),
    parallel=st.integers(1, 3),
    bisect=st.booleans(),
)
def test_every_record_of_a_stream_arrives_in_the_order_of_its_key_or_is_in_the_letters(
    sent: list[tuple[str, int]], batch: int, retries: int, parallel: int, bisect: bool
) -> None:
    """Each record fails as often as it says; a target that reports failures gets those before it no second time."""
    left = {place: failures for place, (_, failures) in enumerate(sent)}
    taken: list[int] = []

    def take(event: list[dict[str, int]], context: object) -> Any:
        for each in event:
            place = each["place"]
            if left[place]:
                left[place] -= 1
                return {"batchItemFailures": [{"itemIdentifier": each["sequence"]}]}
            taken.append(place)
        return None

    with LocalCloud() as cloud:
        cloud.functions.define("take", take)
        own: dict[str, Any] = {
            "StartingPosition": "LATEST",
            "BatchSize": batch,
            "MaximumRetryAttempts": retries,
            "ParallelizationFactor": parallel,
            "DeadLetterConfig": {"Arn": queue(cloud, "letters")},
        }
        if bisect:
            own["OnPartialBatchItemFailure"] = "AUTOMATIC_BISECT"
        template = {"InputTemplate": '{"place": <$.data.place>, "sequence": <$.sequenceNumber>}'}
        pipe(
            cloud,
            stream(cloud),
            function(cloud),
            SourceParameters={"KinesisStreamParameters": own},
            TargetParameters=template,
        )
        for place, (key, _) in enumerate(sent):
            put(cloud, {"place": place}, key=key)
        cloud.advance(timedelta(minutes=30))
        lost = sum(json.loads(each)["KinesisBatchInfo"]["batchSize"] for each in bodies(cloud, "letters"))

    assert len(taken) == len(set(taken))
    assert len(taken) + lost == len(sent)
    for key in "abc":
        own_places = [place for place in taken if sent[place][0] == key]
        assert own_places == sorted(own_places)
