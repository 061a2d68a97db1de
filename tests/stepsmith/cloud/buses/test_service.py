"""EventBridge in the local cloud: who hears of an event, in which form, when the clock strikes, and what fails."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("sqs").create_queue(QueueName="heard")
        yield cloud


def heard(cloud: LocalCloud, name: str = "heard") -> list[Any]:
    cloud.settle()
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [each["Body"] for each in answer.get("Messages", [])]


def rule(cloud: LocalCloud, bus: str = "default", given: dict[str, Any] | None = None, **target: Any) -> None:
    events = cloud.client("events")
    events.put_rule(Name="r", EventBusName=bus, **(given or {"EventPattern": '{"source": ["shop"]}'}))
    events.put_targets(
        Rule="r",
        EventBusName=bus,
        Targets=[{"Id": "t", "Arn": cloud.caller.arn("sqs", "heard"), **target}],
    )


def put(cloud: LocalCloud, bus: str = "default", source: str = "shop", **detail: Any) -> dict[str, Any]:
    entry = {"Source": source, "DetailType": "sold", "Detail": json.dumps(detail), "EventBusName": bus}
    return cloud.client("events").put_events(Entries=[entry])


def test_an_event_reaches_those_whose_pattern_it_fits(cloud: LocalCloud) -> None:
    rule(cloud)
    id = put(cloud, cans=2)["Entries"][0]["EventId"]
    put(cloud, source="elsewhere")

    (event,) = map(json.loads, heard(cloud))
    assert event == {
        "version": "0",
        "id": id,
        "detail-type": "sold",
        "source": "shop",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"cans": 2},
    }


def test_a_target_gets_what_its_input_says(cloud: LocalCloud) -> None:
    transformer = {"InputPathsMap": {"n": "$.detail.cans"}, "InputTemplate": '{"sold": <n>}'}
    rule(cloud, InputTransformer=transformer)
    put(cloud, cans=2)

    assert [json.loads(body) for body in heard(cloud)] == [{"sold": 2}]


def test_a_bus_hands_on_to_another_bus(cloud: LocalCloud) -> None:
    events = cloud.client("events")
    arn = events.create_event_bus(Name="other")["EventBusArn"]
    rule(cloud, "other")
    events.put_rule(Name="on", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="on", Targets=[{"Id": "bus", "Arn": arn}])
    put(cloud)

    assert len(heard(cloud)) == 1


def test_a_disabled_rule_lets_nothing_through(cloud: LocalCloud) -> None:
    rule(cloud)
    cloud.client("events").disable_rule(Name="r")
    put(cloud)
    assert heard(cloud) == []

    cloud.client("events").enable_rule(Name="r")
    put(cloud)
    assert len(heard(cloud)) == 1


def test_a_rate_strikes_after_its_time_and_then_again_and_again(cloud: LocalCloud) -> None:
    rule(cloud, given={"ScheduleExpression": "rate(5 minutes)"})
    begin = cloud.now
    cloud.advance(timedelta(minutes=16))

    times = [json.loads(body)["time"] for body in heard(cloud)]
    assert times == [f"{begin + timedelta(minutes=each):%Y-%m-%dT%H:%M:%SZ}" for each in (5, 10, 15)]


def test_a_rule_that_is_deleted_strikes_no_more(cloud: LocalCloud) -> None:
    rule(cloud, given={"ScheduleExpression": "rate(5 minutes)"})
    cloud.client("events").remove_targets(Rule="r", Ids=["t"])
    cloud.client("events").delete_rule(Name="r")
    cloud.advance(timedelta(hours=1))

    assert heard(cloud) == []


def test_what_cannot_be_delivered_goes_to_the_dead_letters(cloud: LocalCloud) -> None:
    sqs = cloud.client("sqs")
    sqs.create_queue(QueueName="lost")
    rule(
        cloud,
        Arn=cloud.caller.arn("sqs", "none"),
        DeadLetterConfig={"Arn": cloud.caller.arn("sqs", "lost")},
    )
    put(cloud, cans=2)

    (body,) = heard(cloud, "lost")
    assert json.loads(body)["detail"] == {"cans": 2}


def test_an_archive_is_replayed_with_the_name_of_the_replay(cloud: LocalCloud) -> None:
    events = cloud.client("events")
    bus = cloud.caller.arn("events", "event-bus/default")
    archive = events.create_archive(ArchiveName="a", EventSourceArn=bus)["ArchiveArn"]
    put(cloud, cans=2)
    cloud.advance(timedelta(minutes=1))
    rule(cloud)
    events.start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=cloud.now - timedelta(hours=1),
        EventEndTime=cloud.now,
        Destination={"Arn": bus},
    )

    (event,) = map(json.loads, heard(cloud))
    assert event["replay-name"] == "again"
    assert events.describe_replay(ReplayName="again")["State"] == "COMPLETED"
    assert events.describe_archive(ArchiveName="a")["EventCount"] == 1


def test_entries_that_are_none_are_told_apart(cloud: LocalCloud) -> None:
    answer = cloud.client("events").put_events(
        Entries=[
            {"Source": "shop", "DetailType": "sold", "Detail": "[]"},
            {"DetailType": "sold", "Detail": "{}"},
            {"Source": "shop", "DetailType": "sold", "Detail": "{}"},
        ]
    )

    assert answer["FailedEntryCount"] == 2
    assert [each.get("ErrorCode") for each in answer["Entries"]] == [
        "MalformedDetail",
        "InvalidArgument",
        None,
    ]


@pytest.mark.parametrize(
    ("operation", "given", "text"),
    [
        ("put_rule", {"Name": "x", "EventPattern": "{"}, "Event pattern is not valid"),
        (
            "put_rule",
            {"Name": "x", "ScheduleExpression": "rate(1 minutes)"},
            "ScheduleExpression is not valid",
        ),
        ("put_rule", {"Name": "x"}, "must be specified"),
        ("describe_rule", {"Name": "x"}, "Rule x does not exist on EventBus default."),
        ("delete_event_bus", {"Name": "default"}, "Cannot delete event bus default."),
        ("describe_event_bus", {"Name": "x"}, "Event bus x does not exist."),
        ("update_archive", {"ArchiveName": "x"}, "At least one of"),
        ("start_replay", {"ReplayName": "x"}, "Archive none does not exist"),
    ],
)
def test_what_is_refused_is_refused_in_the_words_of_eventbridge(
    cloud: LocalCloud, operation: str, given: dict[str, Any], text: str
) -> None:
    events = cloud.client("events")
    if operation == "start_replay":
        given = {
            **given,
            "EventSourceArn": cloud.caller.arn("events", "archive/none"),
            "EventStartTime": cloud.now,
            "EventEndTime": cloud.now + timedelta(hours=1),
            "Destination": {"Arn": cloud.caller.arn("events", "event-bus/default")},
        }

    with pytest.raises(events.exceptions.ClientError, match=text):
        getattr(events, operation)(**given)


def test_a_connection_is_checked_before_it_is_made(cloud: LocalCloud) -> None:
    events = cloud.client("events")
    given: Any = {"AuthParameters": {"BasicAuthParameters": {"Username": "u", "Password": "p"}}}

    made = events.create_connection(Name="c", AuthorizationType="BASIC", **given)
    with pytest.raises(
        events.exceptions.ClientError, match=r"2 validation errors detected: .*'name'.*'authorizationType'"
    ):
        events.create_connection(Name="a b", AuthorizationType="NONE", **given)

    assert made["ConnectionState"] == "AUTHORIZED"
    assert [each["Name"] for each in events.list_connections()["Connections"]] == ["c"]
