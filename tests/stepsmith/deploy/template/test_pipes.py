import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith import task, workflow
from stepsmith.asl.requests import check_create_request
from stepsmith.deploy.application import Application
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.assembly import render_template
from stepsmith.deploy.template.partitions import portable
from stepsmith.deploy.template.pipes import starter_definition
from stepsmith.deploy.template.preflight import check_template
from stepsmith.resources import Queue, Stream, Table, Topic
from stepsmith.service import Machine, load
from stepsmith.triggers import QueueMessage, StreamRecord, TopicMessage, Trigger
from tests.stepsmith.deploy.applications import PACKAGE
from tests.stepsmith.deploy.template_requests import Evaluator, requests, validation_errors

ARN = "arn:aws:sqs:eu-west-1:999999999999:swipes"
SWIPE = {"machine": "$.body.machine", "swipe": "$.body.swipe-id", "sent": "$.attributes.SentTimestamp"}


@task
def count(swipe: str) -> int:
    """Count a swipe."""
    return len(swipe)


def counting(*triggers: QueueMessage) -> Any:
    @workflow(triggers=triggers)
    def swiped(machine: str, swipe: str, sent: str = "") -> int:
        """Count what a machine reports."""
        return count(swipe)

    return swiped


def resources(*workflows: Any) -> dict[str, Any]:
    template: Any = render_template(Application(workflows), lambda task: PACKAGE)
    check_template(template)
    return template["Resources"]


def message(name: str, body: str) -> dict[str, Any]:
    return {"messageId": name, "body": body, "attributes": {"SentTimestamp": "1"}, "messageAttributes": {}}


def batch(*messages: dict[str, Any]) -> Any:
    """What the starter gives for a batch, and the inputs that it starts executions with."""
    started: dict[str, Any] = {}

    def begin(value: dict[str, Any]) -> dict[str, str]:
        if value["Name"] in started:
            from stepsmith import WorkflowError

            raise type("StepFunctions.ExecutionAlreadyExistsException", (WorkflowError,), {})("exists")
        started[value["Name"]] = value["Input"]
        return {"ExecutionArn": "x"}

    machine: Machine = load(starter_definition(QueueMessage(queue=ARN, input=SWIPE)), type="EXPRESS")
    execution = machine.run(list(messages), tasks={"Start": begin})
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return execution.output, started


def test_each_message_starts_an_execution_of_its_own_name() -> None:
    body = json.dumps({"machine": "m1", "swipe-id": "s1"})

    output, started = batch(message("a", body), message("b", body))

    assert output == {"batchItemFailures": []}
    assert started == {name: {"machine": "m1", "swipe": "s1", "sent": "1"} for name in ("a", "b")}


def test_a_message_that_comes_twice_starts_one_execution() -> None:
    body = json.dumps({"machine": "m1", "swipe-id": "s1"})

    output, started = batch(message("a", body), message("a", body))

    assert output == {"batchItemFailures": []}
    assert list(started) == ["a"]


@pytest.mark.parametrize("poison", ["no JSON", "{}", "[]", "null", '{"machine": "m1"}', ""])
def test_a_poisoned_message_comes_back_and_the_others_do_not(poison: str) -> None:
    body = json.dumps({"machine": "m1", "swipe-id": "s1"})

    output, started = batch(message("a", body), message("b", poison), message("c", body))

    assert output == {"batchItemFailures": [{"itemIdentifier": "b"}]}
    assert sorted(started) == ["a", "c"]


def test_a_pipe_takes_from_the_queue_of_the_stack_and_its_dead_letters_are_kept() -> None:
    trigger = QueueMessage(
        queue=Queue("swipes"),
        input=SWIPE,
        batch=100,
        window=5,
        attempts=3,
        filter={"body": {"kind": ["swipe"]}},
    )

    found = resources(counting(trigger))

    pipe, queue = found["SwipedMessagesSwipes"]["Properties"], found["SwipesQueue"]["Properties"]
    assert pipe["Source"] == {"Fn::Sub": "${SwipesQueue.Arn}"}
    assert pipe["SourceParameters"] == {
        "SqsQueueParameters": {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 5},
        "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["swipe"]}}'}]},
    }
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["SwipedMessagesSwipesDeadLetters", "Arn"]},
        "maxReceiveCount": 3,
    }
    assert queue["VisibilityTimeout"] == 360
    assert "SwipedMessagesSwipesDeadLettersAlarm" in found


def test_a_queue_of_others_keeps_its_own_dead_letters() -> None:
    found = resources(counting(QueueMessage(queue=ARN, input=SWIPE)))

    assert found["SwipedMessagesSwipes"]["Properties"]["Source"] == portable(ARN)
    assert "SwipedMessagesSwipesDeadLetters" not in found


def test_the_roles_of_a_pipe_may_do_what_it_does_and_no_more() -> None:
    found = resources(counting(QueueMessage(queue=Queue("swipes"), input=SWIPE)))

    def allowed(role: str) -> list[tuple[list[str], list[Any]]]:
        (policy,) = found[role]["Properties"]["Policies"]
        return [(each["Action"], each["Resource"]) for each in policy["PolicyDocument"]["Statement"]]

    assert allowed("SwipedMessagesSwipesRole") == [
        (
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            [{"Fn::Sub": "${SwipesQueue.Arn}"}],
        ),
        (["states:StartSyncExecution"], [{"Fn::Sub": "${SwipedMessagesSwipesStarter}"}]),
    ]
    starts = [each for each in allowed("SwipedMessagesSwipesStarterRole") if each[0][0].startswith("states:")]
    assert starts == [(["states:StartExecution"], [{"Fn::Sub": "${SwipedMachineAlias}"}])]


def test_the_service_models_take_the_pipe_and_its_machine() -> None:
    found = resources(counting(QueueMessage(queue=Queue("swipes"), input=SWIPE)))

    for _, service, operation, arguments in requests({"Resources": found}):
        assert validation_errors(service, operation, arguments) == "", operation
        if operation == "CreateStateMachine":
            check_create_request(arguments)
    start = Evaluator({"Resources": found}).definition("SwipedMessagesSwipesStarter")["States"][
        "For each message"
    ]
    arn = start["ItemProcessor"]["States"]["Start"]["Arguments"]["StateMachineArn"]
    assert arn.endswith("stateMachine:SwipedMachineAlias:live")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"queue": "swipes"}, "'swipes' is no ARN of a queue"),
        ({"batch": 11}, "batch is 11; it is 1 to 10"),
        ({"batch": 10_001, "window": 1}, "batch is 10001; it is 1 to 10,000"),
        ({"window": 301}, "window is 301; it is 0 to 300"),
        ({"attempts": 0}, "attempts is 0; it is 1 to 1,000"),
        ({"input": {"machine": "body.machine"}}, "is no path into a message"),
        ({"input": {"machine": "$.body[0]"}}, "is no path into a message"),
        ({"input": {"machine": "$.body.a` & $eval("}}, "is no path into a message"),
    ],
)
def test_a_trigger_that_cannot_be_is_refused(changes: Any, message: str) -> None:
    given: Any = {"queue": ARN, "input": SWIPE, **changes}

    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace("$", r"\$").replace("[", r"\[")):
        QueueMessage(**given)


def test_an_input_that_does_not_fit_the_workflow_is_refused() -> None:
    with pytest.raises(DeploymentError, match="a trigger cannot start swiped: swipe is missing"):
        resources(counting(QueueMessage(queue=ARN, input={"machine": "$.body"})))


def test_two_triggers_of_one_queue_are_refused() -> None:
    trigger = QueueMessage(queue=Queue("swipes"), input=SWIPE)
    first = counting(trigger)

    @workflow(triggers=[trigger])
    def swiped_too(machine: str, swipe: str, sent: str = "") -> int:
        return count(swipe)

    with pytest.raises(DeploymentError, match="two triggers or functions take the messages of SwipesQueue"):
        resources(first, swiped_too)


def recording(*triggers: Trigger) -> Any:
    @workflow(triggers=triggers)
    def recorded(key: str) -> int:
        """Count what a stream tells."""
        return count(key)

    return recorded


def test_a_topic_has_a_queue_between_it_and_its_pipe_that_only_it_may_send_to() -> None:
    found = resources(recording(TopicMessage(topic=Topic("news"), input={"key": "$.body"}, attempts=7)))

    queue, pipe = found["RecordedNewsNewsQueue"]["Properties"], found["RecordedNewsNews"]["Properties"]
    subscription = found["RecordedNewsNewsSubscription"]["Properties"]
    allowed, refused = found["RecordedNewsNewsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 7
    assert pipe["Source"] == {"Fn::Sub": "${RecordedNewsNewsQueue.Arn}"}
    assert (subscription["RawMessageDelivery"], subscription["TopicArn"]) == (
        True,
        {"Fn::Sub": "${NewsTopic}"},
    )
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::Sub": "${NewsTopic}"}}}
    assert refused["Effect"] == "Deny"


@pytest.mark.parametrize(
    ("stream", "source", "member", "read"),
    [
        (Stream("clicks"), "${ClicksStream.Arn}", "KinesisStreamParameters", "kinesis:GetRecords"),
        (
            Table("stock", stream="NEW_IMAGE"),
            "${StockTable.StreamArn}",
            "DynamoDBStreamParameters",
            "dynamodb:GetRecords",
        ),
    ],
)
def test_a_pipe_reads_a_stream_and_gives_up_after_some_attempts(
    stream: Stream | Table, source: str, member: str, read: str
) -> None:
    path = "$.data" if isinstance(stream, Stream) else "$.eventID"
    found = resources(recording(StreamRecord(stream=stream, input={"key": path}, attempts=3)))

    name = f"RecordedRecords{stream.name.title()}"
    pipe, rights = found[name]["Properties"], found[f"{name}Role"]["Properties"]["Policies"][0]
    assert pipe["Source"] == {"Fn::Sub": source}
    assert pipe["SourceParameters"][member] == {
        "BatchSize": 100,
        "StartingPosition": "LATEST",
        "MaximumRetryAttempts": 2,
        "DeadLetterConfig": {"Arn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}},
    }
    (reads,) = (each for each in rights["PolicyDocument"]["Statement"] if read in each["Action"])
    assert reads["Resource"] == [{"Fn::Sub": source}]


def test_records_start_executions_called_like_them_and_those_that_fail_are_told_by_their_ids() -> None:
    stream = Stream("clicks")
    trigger = StreamRecord(
        stream=stream, input={"key": "$.data.key", "whole": "$.data", "of": "$.partitionKey"}
    )
    started: dict[str, Any] = {}

    def begin(value: dict[str, Any]) -> dict[str, str]:
        started[value["Name"]] = value["Input"]
        return {"ExecutionArn": "x"}

    def record(number: int, data: str) -> dict[str, Any]:
        text = base64.b64encode(data.encode()).decode()
        return {"eventID": f"shardId-0:{number}", "data": text, "partitionKey": "p"}

    machine: Machine = load(starter_definition(trigger), type="EXPRESS")
    execution = machine.run([record(1, '{"key": "k"}'), record(2, "no JSON")], tasks={"Start": begin})

    assert execution.output == {"batchItemFailures": [{"itemIdentifier": "shardId-0:2"}]}
    assert started == {"shardId-0-1": {"key": "k", "whole": '{"key": "k"}', "of": "p"}}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StreamRecord(stream="arn:aws:sqs:eu-west-1:1:x", input={}), "is no ARN of a stream"),
        (lambda: StreamRecord(stream=Table("stock"), input={}), "stock has no stream"),
        (
            lambda: StreamRecord(stream=Stream("s"), input={"a": "$.dynamodb.Keys"}),
            "is no path into a record",
        ),
        (lambda: StreamRecord(stream=Stream("s"), input={"a": "$.data"}, attempts=0), "attempts is 0"),
        (lambda: StreamRecord(stream=Stream("s"), input={}, batch=10_001), "batch is 10001"),
        (lambda: StreamRecord(stream=Stream("s"), input={}, start="NOW"), "start is 'NOW'"),  # type: ignore[arg-type]
        (lambda: TopicMessage(topic=Topic("news.fifo"), input={}), "is a FIFO topic"),
        (lambda: TopicMessage(topic="news", input={}), "is no ARN of a topic"),
        (lambda: TopicMessage(topic=Topic("n"), input={"a": "$.data"}), "is no path into a message"),
        (lambda: Table("stock", stream="ALL"), "stream is 'ALL'"),  # type: ignore[arg-type]
    ],
)
def test_what_no_pipe_reads_is_refused_where_it_is_declared(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_the_roles_of_pipes_may_use_the_key_of_a_stage() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    triggers: list[Trigger] = [
        QueueMessage(queue=Queue("swipes"), input=SWIPE),
        TopicMessage(topic=Topic("news"), input=SWIPE),
    ]

    @workflow(triggers=triggers)
    def swiped(machine: str, swipe: str, sent: str = "") -> int:
        """Count what a machine reports."""
        return count(swipe)

    template: Any = render_template(Application((swiped,)), lambda task: PACKAGE, Options(kms_key=key))
    pipes = [each for each in template["Resources"].values() if each["Type"] == "AWS::Pipes::Pipe"]
    roles = [template["Resources"][each["Properties"]["RoleArn"]["Fn::GetAtt"][0]] for each in pipes]

    assert len(roles) == 2
    for role in roles:
        statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (decrypting,) = [each for each in statements if "kms:Decrypt" in each["Action"]]
        assert decrypting["Resource"] == [portable(key)]


def test_a_fifo_queue_and_its_dead_letters_are_fifo_queues_and_its_messages_start_one_after_another() -> None:
    trigger = QueueMessage(queue=Queue("turns.fifo"), input=SWIPE)
    made = resources(counting(trigger))
    queues = {name: each["Properties"] for name, each in made.items() if each["Type"] == "AWS::SQS::Queue"}
    fifo = {name for name, properties in queues.items() if properties.get("FifoQueue") is True}

    assert queues["TurnsFifoQueue"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in fifo
    assert "TurnsFifoQueue" in fifo
    each: Any = starter_definition(trigger)["States"]
    assert each["For each message"]["MaxConcurrency"] == 1
    plain: Any = starter_definition(QueueMessage(queue=Queue("swipes"), input=SWIPE))["States"]
    assert plain["For each message"]["MaxConcurrency"] == 10


def test_a_queue_that_keeps_no_order_has_no_fifo_property() -> None:
    made = resources(counting(QueueMessage(queue=Queue("swipes"), input=SWIPE)))

    assert not any("FifoQueue" in str(each) for each in made.values())


def test_batches_of_a_fifo_queue_are_not_collected() -> None:
    with pytest.raises(ValueError, match="window is 5; batches of a FIFO queue are not collected"):
        QueueMessage(queue="arn:aws:sqs:eu-west-1:999999999999:turns.fifo", input=SWIPE, window=5)
