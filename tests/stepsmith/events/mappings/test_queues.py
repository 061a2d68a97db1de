"""Readers of queues: batches, windows, partial failures, one call at a time for each group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.filters import record_filter
from stepsmith.events.mappings import QueueMessage, QueueReader, QueueSettings, Raised, Returned
from stepsmith.events.refusals import Refused


def message(number: int, *, group: str = "", body: str = "") -> QueueMessage:
    return QueueMessage(f"m{number}", f"r{number}", group, {"body": body, "n": number})


def test_a_failed_batch_is_left_and_a_good_one_deleted() -> None:
    reader = QueueReader(QueueSettings(batch_size=2))
    reader.arrive([message(n) for n in range(3)], 0)

    first, second = reader.step(0)

    assert reader.finish(first, Raised()).left == ("r0", "r1")
    assert reader.finish(second, Returned("anything")).delete == ("r2",)
    assert reader.idle


def test_reported_failures_are_left_alone() -> None:
    reader = QueueReader(QueueSettings(reports_failures=True))
    reader.arrive([message(n) for n in range(3)], 0)
    (call,) = reader.step(0)

    verdict = reader.finish(call, Returned({"batchItemFailures": [{"itemIdentifier": "m1"}]}))

    assert (verdict.delete, verdict.left) == (("r0", "r2"), ("r1",))


def test_an_unknown_identifier_leaves_the_whole_batch() -> None:
    reader = QueueReader(QueueSettings(reports_failures=True))
    reader.arrive([message(0), message(1)], 0)
    (call,) = reader.step(0)

    verdict = reader.finish(call, Returned({"batchItemFailures": [{"itemIdentifier": "m7"}]}))

    assert (verdict.delete, verdict.left) == ((), ("r0", "r1"))


def test_messages_that_pass_no_filter_are_deleted() -> None:
    reader = QueueReader(QueueSettings(), record_filter("sqs", ['{"body": {"kind": ["photo"]}}']))

    dropped = reader.arrive([message(0, body="no JSON"), message(1, body='{"kind": "photo"}')], 0)

    assert dropped == ("r0",)
    assert [m.message_id for call in reader.step(0) for m in call.messages] == ["m1"]


def test_a_message_that_is_received_again_while_it_waits_is_held_once_with_its_new_receipt() -> None:
    reader = QueueReader(QueueSettings(batch_size=10, window=60))
    reader.arrive([message(0), message(1)], 0)
    reader.arrive([QueueMessage("m0", "again", "", {"n": 0})], 30)

    before, (call,) = reader.step(59.9), reader.step(60)

    assert (before, [each.receipt for each in call.messages]) == ((), ["again", "r1"])
    assert reader.idle is False
    assert reader.finish(call, Returned(None)).delete == ("again", "r1")
    assert reader.idle


def test_a_window_is_waited_for_unless_the_batch_is_full() -> None:
    reader = QueueReader(QueueSettings(batch_size=3, window=5))
    reader.arrive([message(0)], 0)
    reader.arrive([message(1)], 3)

    assert (reader.step(4), reader.next_time()) == ((), 5)
    assert [len(call.messages) for call in reader.step(5)] == [2]


def test_more_than_ten_messages_need_a_window() -> None:
    with pytest.raises(Refused, match="must be greater than 0 if maximum batch size is greater than 10"):
        QueueSettings(batch_size=11)


def test_no_more_calls_are_under_way_than_said() -> None:
    reader = QueueReader(QueueSettings(batch_size=1, concurrency=2))
    reader.arrive([message(n) for n in range(5)], 0)

    calls = reader.step(0)

    assert len(calls) == 2
    assert (reader.step(0), reader.next_time(), reader.room) == ((), None, 0)


def test_what_waits_behind_a_failure_of_a_group_is_let_go() -> None:
    reader = QueueReader(QueueSettings(batch_size=1, fifo=True))
    reader.arrive([message(0, group="a"), message(1, group="a"), message(2, group="b")], 0)
    first, _ = reader.step(0)

    assert reader.finish(first, Raised()).left == ("r0", "r1")
    assert reader.step(0) == ()


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.integers(1, 5))
def test_a_group_has_one_call_at_a_time_in_order(groups: list[str], batch_size: int) -> None:
    reader = QueueReader(QueueSettings(batch_size=batch_size, fifo=True))
    reader.arrive([message(n, group=group) for n, group in enumerate(groups)], 0)
    seen: dict[str, list[str]] = {group: [] for group in groups}

    while not reader.idle:
        calls = reader.step(0)
        assert len({call.group for call in calls}) == len(calls)
        for call in calls:
            assert {m.group for m in call.messages} == {call.group}
            seen[call.group] += [m.message_id for m in call.messages]
            reader.finish(call, Returned(None))

    assert seen == {g: [f"m{n}" for n, group in enumerate(groups) if group == g] for g in seen}
