"""Queues: the recorded rules in small, and laws that hold for any order of calls."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.queues import (
    MoveTask,
    NewMessage,
    Queue,
    QueueAttributes,
    Received,
    RedrivePolicy,
    check_move,
    queue_attributes,
)
from stepsmith.events.refusals import Refused


def queue(name: str = "q", **attributes: object) -> Queue:
    numbers = count(1)
    return Queue(name, f"arn:{name}", QueueAttributes(**attributes), lambda: f"id-{next(numbers)}")  # type: ignore[arg-type] - the tests name fields


def bodies(received: Received) -> list[str]:
    return [stored.new.body for stored, _ in received.messages]


def send(to: Queue, *texts: str, group: str | None = None, now: float = 0) -> None:
    for text in texts:
        to.send(NewMessage(body=text, group=group), now)


def test_a_message_comes_back_when_its_time_is_up() -> None:
    q = queue(visibility=30)
    send(q, "a")

    assert bodies(q.receive(0)) == ["a"]
    assert (bodies(q.receive(29)), q.next_time(29)) == ([], 30)
    ((stored, _),) = q.receive(30).messages
    assert stored.system_attributes()["ApproximateReceiveCount"] == "2"


def test_a_deleted_message_is_gone_also_with_a_receipt_that_is_too_old() -> None:
    q = queue(visibility=1)
    send(q, "a")
    ((_, receipt),) = q.receive(0).messages

    q.delete(receipt, 5)

    assert bodies(q.receive(6)) == []


def test_a_receipt_of_a_fifo_queue_expires() -> None:
    q = queue(fifo=True, by_content=True, visibility=1)
    send(q, "a", group="g")
    ((_, receipt),) = q.receive(0).messages

    with pytest.raises(Refused, match=r"The receipt handle has expired\.$"):
        q.delete(receipt, 5)


def test_a_delayed_message_waits_and_counts_as_delayed() -> None:
    q = queue(delay=10)
    send(q, "a")
    q.send(NewMessage(body="b", delay=0), 0)

    assert (q.counts(0).visible, q.counts(0).delayed) == (1, 1)
    assert bodies(q.receive(0, most=10)) == ["b"]
    assert bodies(q.receive(10, most=10)) == ["a"]


def test_visibility_of_nothing_lets_it_be_received_again_at_once() -> None:
    q = queue()
    send(q, "a")

    assert bodies(q.receive(0, most=10, visibility=0)) == ["a"]
    assert bodies(q.receive(0, most=10, visibility=0)) == ["a"]


def test_retention_removes_messages_in_flight_too() -> None:
    q = queue(retention=60, visibility=100)
    send(q, "a")
    ((_, receipt),) = q.receive(0).messages

    assert (q.counts(59).in_flight, q.counts(60).in_flight) == (1, 0)
    with pytest.raises(Refused):
        q.change_visibility(receipt, 0, 61)


def test_a_group_in_flight_blocks_what_was_sent_behind_it() -> None:
    q = queue(fifo=True, by_content=True)
    send(q, "a1", "a2", group="a")
    send(q, "b1", group="b")

    assert bodies(q.receive(0)) == ["a1"]
    send(q, "a3", group="a")
    assert bodies(q.receive(0, most=10)) == ["b1"]
    assert bodies(q.receive(30, most=10)) == ["a1", "a2", "a3", "b1"]


def test_what_was_sent_before_a_hidden_message_comes_back_alone() -> None:
    q = queue(fifo=True, by_content=True, visibility=10)
    send(q, "1", "2", "3", group="g")
    (_, (_, second), _) = q.receive(0, most=3).messages

    q.change_visibility(second, 100, 1)

    assert bodies(q.receive(10, most=10)) == ["1"]


@pytest.mark.parametrize(("scope", "again"), [("queue", []), ("messageGroup", ["x"])])
def test_the_same_message_within_five_minutes_is_sent_once(scope: str, again: list[str]) -> None:
    q = queue(fifo=True, by_content=True, scope=scope)
    first = q.send(NewMessage(body="x", group="a"), 0)
    ((_, receipt),) = q.receive(0).messages
    q.delete(receipt, 1)

    assert q.send(NewMessage(body="x", group="a"), 299).id == first.id
    assert bodies(q.receive(299)) == []
    send(q, "x", group="b", now=299)
    assert bodies(q.receive(299)) == again
    assert q.send(NewMessage(body="x", group="a"), 300).id != first.id


def test_a_purge_forgets_what_was_seen_and_is_allowed_once_a_minute() -> None:
    q = queue(fifo=True, by_content=True)
    send(q, "x", group="a")
    q.purge(0)
    send(q, "x", group="a", now=1)

    assert bodies(q.receive(1)) == ["x"]
    with pytest.raises(Refused, match="Only one PurgeQueue operation on q is allowed every 60 seconds"):
        q.purge(59)
    q.purge(60)


def test_a_message_received_too_often_goes_over_with_its_id_and_count() -> None:
    dead = queue("dead")
    q = queue(redrive=RedrivePolicy("arn:dead", 2), visibility=0)
    sent = q.send(NewMessage(body="a"), 5)
    for _ in range(2):
        assert bodies(q.receive(6)) == ["a"]

    received = q.receive(7)

    assert bodies(received) == []
    dead.accept(received.dead[0], q.arn, 7)
    ((stored, _),) = dead.receive(8).messages
    attributes = stored.system_attributes()
    assert (stored.id, attributes["SentTimestamp"]) == (sent.id, "5000")
    assert attributes["ApproximateReceiveCount"] == "3"
    assert attributes["DeadLetterQueueSourceArn"] == "arn:q"


def test_dead_letters_move_back_at_a_rate() -> None:
    dead, q = queue("dead"), queue(redrive=RedrivePolicy("arn:dead", 1), visibility=0)
    send(q, *"abcde")
    q.receive(0, most=10)
    for letter in q.receive(0, most=10).dead:
        dead.accept(letter, q.arn, 0)
    check_move(dead.arn, None, queues=[dead, q], running=[])
    task = MoveTask(dead, None, started=10, rate=2)

    assert [(s.new.body, arn) for s, arn in task.step(10)] == [("a", "arn:q")]
    with pytest.raises(Refused, match="There is already a task running"):
        check_move(dead.arn, None, queues=[dead, q], running=[task])
    assert (task.to_move, task.next_time()) == (5, 10.5)
    assert [s.new.body for s, _ in task.step(20)] == ["b", "c", "d", "e"]
    assert (task.status, task.moved) == ("COMPLETED", 5)


def test_only_a_dead_letter_queue_is_moved_from() -> None:
    with pytest.raises(Refused, match="must be configured as a Dead Letter Queue"):
        check_move("arn:q", None, queues=[queue()], running=[])


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (NewMessage(body=""), "The request must contain the parameter MessageBody"),
        (NewMessage(body="a\x00"), "Invalid characters found"),
        (NewMessage(body="a" * 1_048_577), "Message must be shorter than 1048576 bytes"),
        (NewMessage(body="a", group="a b"), "can only include alphanumeric and punctuation characters"),
        (NewMessage(body="a", delay=901), "DelaySeconds must be >= 0 and <= 900"),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused(message: NewMessage, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        queue().send(message, 0)


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"Whatever": "1"}, "Unknown Attribute Whatever."),
        ({"FifoQueue": "false"}, "Unknown Attribute FifoQueue."),
        ({"DeduplicationScope": "queue"}, "only when FifoQueue is set to true"),
        ({"VisibilityTimeout": "-1"}, "Invalid value for the parameter VisibilityTimeout"),
        ({"RedrivePolicy": "{}"}, "mandatory attribute: deadLetterTargetArn"),
        ({"RedrivePolicy": '{"deadLetterTargetArn": "a", "maxReceiveCount": 0}'}, "from 1 to 1000"),
        ({"RedrivePolicy": "nothing"}, "not a valid JSON map"),
    ],
)
def test_attributes_that_no_queue_takes_are_refused(attributes: dict[str, str], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        queue_attributes(attributes)


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["send", "receive", "delete", "show", "wait"]),
        st.sampled_from("abc"),
        st.integers(1, 10),
    ),
    max_size=60,
)


@given(ACTIONS)
def test_messages_of_a_group_are_first_received_in_their_order_and_none_is_lost(
    actions: list[tuple[str, str, int]],
) -> None:
    q = queue(fifo=True, by_content=True, visibility=5, retention=1_000_000)
    now, numbers, held, deleted = 0.0, count(), dict[str, str](), set[str]()
    sent: dict[str, list[str]] = {group: [] for group in "abc"}
    in_flight: dict[str, float] = {}

    for action, group, amount in actions:
        match action:
            case "send":
                body = f"{group}{next(numbers)}"
                send(q, body, group=group, now=now)
                sent[group].append(body)
            case "receive":
                got = q.receive(now, most=amount)
                for name in "abc":
                    mine = [s.new.body for s, _ in got.messages if s.group == name]
                    there = [b for b in sent[name] if b not in deleted]
                    # What is received is the beginning of what is there.
                    assert mine == there[: len(mine)]
                    assert not any(in_flight.get(b, 0) > now for b in mine)
                for stored, receipt in got.messages:
                    held[stored.new.body] = receipt
                    in_flight[stored.new.body] = now + 5
            case "delete" | "show" if held:
                body, receipt = next(iter(held.items()))
                del held[body]
                if in_flight[body] > now:
                    if action == "delete":
                        q.delete(receipt, now)
                        deleted.add(body)
                    else:
                        q.change_visibility(receipt, 0, now)
                    in_flight[body] = now
            case _:
                now += amount

    rest = [s.new.body for s, _ in q.receive(now + 1000, most=10_000).messages]
    assert sorted(rest) == sorted(b for bodies in sent.values() for b in bodies if b not in deleted)


def test_ten_thousand_messages_are_quick() -> None:
    q = queue()
    send(q, *(str(n) for n in range(10_000)))

    seen: list[str] = []
    while messages := q.receive(0, most=10).messages:
        for stored, receipt in messages:
            seen.append(stored.new.body)
            q.delete(receipt, 0)

    assert seen == [str(n) for n in range(10_000)]
