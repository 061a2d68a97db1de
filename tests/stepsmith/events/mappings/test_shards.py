"""Readers of shards: the recorded rules, and those that nobody has recorded, as properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.filters import record_filter
from stepsmith.events.mappings import (
    Answer,
    Call,
    GivenUp,
    Raised,
    Returned,
    ShardReader,
    StreamRecord,
    StreamSettings,
)
from stepsmith.expressions.types import Json

OK = Returned(None)


def record(number: int, *, key: str = "k", at: float = 0.0) -> StreamRecord:
    return StreamRecord(str(number), key, at, {"n": number}, 10)


def records(count: int, *, keys: int = 1) -> list[StreamRecord]:
    return [record(number, key=f"k{number % keys}") for number in range(count)]


def numbers(call: Call | GivenUp) -> list[int]:
    return [int(one.sequence) for one in call.records]


@dataclass
class Played:
    """What a reader did."""

    calls: list[tuple[float, Call]] = field(default_factory=list[tuple[float, Call]])
    given_up: list[tuple[float, GivenUp]] = field(default_factory=list[tuple[float, GivenUp]])
    done: list[int] = field(default_factory=list[int])


def play(
    reader: ShardReader,
    arrivals: list[tuple[float, list[StreamRecord]]],
    answer: Callable[[Call], Answer],
    *,
    until: float = 1e6,
    most: int = 5000,
) -> Played:
    """Play a reader in virtual time; each call takes a second."""
    played, now, running, coming = (
        Played(),
        0.0,
        list[tuple[float, Call]](),
        sorted(arrivals, key=lambda a: a[0]),
    )
    for _ in range(most):
        while coming and coming[0][0] <= now:
            reader.arrive(coming.pop(0)[1], now)
        for due, call in [pair for pair in running if pair[0] <= now]:
            running.remove((due, call))
            reply = answer(call)
            lost = reader.finish(call, reply, now)
            played.given_up += [(now, one) for one in lost]
            if isinstance(reply, Returned):
                played.done += numbers(call)
        step = reader.step(now)
        played.given_up += [(now, one) for one in step.given_up]
        for call in step.calls:
            played.calls.append((now, call))
            running.append((now + 1, call))
        times = [due for due, _ in running] + [at for at, _ in coming]
        following = reader.next_time()
        if following is not None:
            times.append(following)
        if not times or min(times) > until:
            return played
        assert min(times) > now or running or coming, "time stands still"
        now = max(now, min(times))
    raise AssertionError("the reader does not come to rest")


def failing_at(*poison: int) -> Callable[[Call], Answer]:
    return lambda call: Raised() if set(poison) & set(numbers(call)) else OK


def test_batches_are_as_large_as_said_and_in_order() -> None:
    played = play(ShardReader(StreamSettings(batch_size=4)), [(0, records(10))], failing_at())

    assert [numbers(call) for _, call in played.calls] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_a_window_is_waited_for_unless_the_batch_is_full() -> None:
    reader = ShardReader(StreamSettings(batch_size=3, window=20))

    played = play(reader, [(0, records(1)), (5, [record(1)]), (30, records(3))], failing_at())

    assert [(at, len(call.records)) for at, call in played.calls] == [(20, 2), (30, 3)]


def test_a_batch_that_fails_is_tried_as_often_as_said_and_blocks_its_shard() -> None:
    reader = ShardReader(StreamSettings(batch_size=2, retries=3))

    played = play(reader, [(0, records(4))], failing_at(1))

    assert [numbers(call) for _, call in played.calls] == [[0, 1]] * 4 + [[2, 3]]
    assert [call.attempt for _, call in played.calls] == [1, 2, 3, 4, 1]
    ((_, lost),) = played.given_up
    assert (lost.condition, lost.count, lost.function_error, numbers(lost)) == (
        "RetryAttemptsExhausted", 4, "Unhandled", [0, 1],
    )  # fmt: skip


def test_retries_come_twice_as_late_each_time_up_to_a_minute() -> None:
    reader = ShardReader(StreamSettings(retries=12))

    played = play(reader, [(0, records(1))], failing_at(0))

    times = [at for at, _ in played.calls]
    waits = [after - before - 1 for before, after in pairwise(times)]
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_a_reported_failure_moves_the_start_and_counts_anew() -> None:
    # Recorded: test_kinesis_report_batch_item_failures, five calls in all and approximateInvokeCount 4.
    reader = ShardReader(StreamSettings(batch_size=3, retries=3, reports_failures=True))

    played = play(
        reader, [(0, records(3))], lambda call: Returned({"batchItemFailures": [{"itemIdentifier": "2"}]})
    )

    assert [numbers(call) for _, call in played.calls] == [[0, 1, 2], [2], [2], [2], [2]]
    ((_, lost),) = played.given_up
    assert (lost.count, lost.function_error, numbers(lost)) == (4, None, [2])


@pytest.mark.parametrize("answer", [{}, None, "", [], {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_what_reports_nothing_is_success(answer: Json) -> None:
    reader = ShardReader(StreamSettings(retries=0, reports_failures=True))

    assert play(reader, [(0, records(2))], lambda call: Returned(answer)).given_up == []


@pytest.mark.parametrize(
    "item", [{"itemIdentifier": ""}, {"itemIdentifier": None}, {"itemIdentifier": "9"}, {"foo": "1"}, "1"]
)
def test_a_report_that_names_no_record_fails_the_batch(item: Json) -> None:
    reader = ShardReader(StreamSettings(retries=0, reports_failures=True))

    played = play(reader, [(0, records(2))], lambda call: Returned({"batchItemFailures": [item]}))

    assert [numbers(lost) for _, lost in played.given_up] == [[0, 1]]


def test_without_the_setting_a_report_is_an_answer_like_any() -> None:
    played = play(
        ShardReader(StreamSettings(retries=0)),
        [(0, records(1))],
        lambda call: Returned({"batchItemFailures": [{"itemIdentifier": "0"}]}),
    )

    assert played.given_up == []


def test_a_record_that_is_too_old_is_given_up_alone_before_any_call() -> None:
    reader = ShardReader(StreamSettings(age=60))
    reader.arrive([record(1, at=0), record(2, at=95)], 100)

    step = reader.step(100)

    assert [numbers(call) for call in step.calls] == [[2]]
    (lost,) = step.given_up
    assert (lost.condition, lost.count, lost.answered, numbers(lost)) == ("RecordAgeExceeded", 1, False, [1])


def test_endless_retries_end_with_the_age_of_the_record() -> None:
    # Recorded: an age of 60 s saw eight attempts.
    played = play(ShardReader(StreamSettings(age=60)), [(0, records(1))], failing_at(0))

    assert [(lost.condition, lost.answered) for _, lost in played.given_up] == [("RecordAgeExceeded", True)]
    assert 6 <= len(played.calls) <= 9


def test_records_that_pass_no_filter_are_not_seen() -> None:
    reader = ShardReader(StreamSettings(), record_filter("dynamodb", ['{"n": [{"numeric": [">", 1]}]}']))

    played = play(reader, [(0, records(4))], failing_at())

    assert [numbers(call) for _, call in played.calls] == [[2, 3]]


@given(st.integers(1, 40), st.sets(st.integers(0, 39), max_size=3), st.integers(0, 2), st.integers(1, 16))
def test_bisecting_gives_up_the_poisonous_records_alone(
    count: int, poison: set[int], retries: int, batch_size: int
) -> None:
    reader = ShardReader(StreamSettings(batch_size=batch_size, bisect=True, retries=retries))

    played = play(reader, [(0, records(count))], failing_at(*poison))

    there = sorted(number for number in poison if number < count)
    assert [numbers(lost) for _, lost in played.given_up] == [[number] for number in there]
    # Halving costs no attempt: the record alone has all of its own.
    assert [lost.count for _, lost in played.given_up] == [retries + 1] * len(there)
    assert played.done == [number for number in range(count) if number not in poison]


def test_a_batch_is_halved_and_its_first_half_comes_first() -> None:
    reader = ShardReader(StreamSettings(bisect=True, retries=0))

    played = play(reader, [(0, records(8))], failing_at(5))

    assert [numbers(call) for _, call in played.calls] == [
        [0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [6, 7],
    ]  # fmt: skip


def test_a_report_that_names_the_whole_batch_halves_it_and_one_that_does_not_moves_the_start() -> None:
    def report(*failed: int) -> list[list[int]]:
        reader = ShardReader(StreamSettings(bisect=True, retries=0, reports_failures=True))
        items: list[Json] = [{"itemIdentifier": str(number)} for number in failed]
        answers = iter([Returned({"batchItemFailures": items}), OK, OK])
        played = play(reader, [(0, records(3))], lambda call: next(answers))
        return [numbers(call) for _, call in played.calls]

    assert report(0, 1, 2) == [[0, 1, 2], [0, 1], [2]]
    assert report(1) == [[0, 1, 2], [1, 2]]


@given(
    st.integers(1, 60),
    st.integers(1, 9),
    st.integers(1, 10),
    st.sets(st.integers(0, 59), max_size=4),
    st.booleans(),
)
def test_records_of_one_key_keep_their_order_over_parallel_lanes(
    count: int, keys: int, parallel: int, poison: set[int], bisect: bool
) -> None:
    reader = ShardReader(StreamSettings(batch_size=5, parallel=parallel, retries=1, bisect=bisect))
    sent = records(count, keys=keys)

    played = play(reader, [(0, sent)], failing_at(*poison))

    of_key = {one.sequence: one.key for one in sent}
    by_key: dict[str, list[int]] = defaultdict(list)
    for number in played.done:
        by_key[of_key[str(number)]].append(number)
    assert all(done == sorted(done) for done in by_key.values())
    lost = [number for _, one in played.given_up for number in numbers(one)]
    assert sorted(played.done + lost) == list(range(count))
    # No two calls that overlap share a key.
    for at, call in played.calls:
        mine = {one.key for one in call.records}
        beside = {
            one.key
            for other_at, other in played.calls
            if other is not call and at <= other_at < at + 1
            for one in other.records
        }
        assert not mine & beside


def test_parallel_lanes_call_at_the_same_time() -> None:
    reader = ShardReader(StreamSettings(parallel=4))
    reader.arrive(records(100, keys=50), 0)

    assert len(reader.step(0).calls) == 4
    assert reader.step(0).calls == ()


@given(
    st.lists(
        st.one_of(st.floats(0, 300), st.integers(0, 30).map(lambda n: n * 10.0)), min_size=1, max_size=30
    ).map(sorted),
    st.integers(1, 5),
    st.sampled_from([10.0, 60.0]),
)
def test_a_tumbling_window_hands_its_state_on_and_ends_once(
    arrivals: list[float], batch_size: int, length: float
) -> None:
    reader = ShardReader(StreamSettings(batch_size=batch_size, tumbling=length))
    sent = [(at, [record(number, at=at)]) for number, at in enumerate(arrivals)]

    def count(call: Call) -> Answer:
        assert call.window is not None
        state = call.window.state
        before = state.get("n", 0) if isinstance(state, dict) else 0
        assert isinstance(before, int)
        return Returned({"state": {"n": before + len(call.records)}})

    played = play(reader, sent, count)

    expected: dict[float, int] = defaultdict(int)
    for at in arrivals:
        expected[at // length * length] += 1
    ends = [call.window for _, call in played.calls if call.window is not None and call.window.final]
    assert {window.start: window.state for window in ends} == {
        start: {"n": number} for start, number in expected.items()
    }
    assert len(ends) == len(expected)
    for at, call in played.calls:
        assert call.window is not None
        assert all(call.window.start <= one.at < call.window.end for one in call.records)
        assert (
            not call.window.final
            or at >= call.window.end
            or at >= min(a for a in arrivals if a >= call.window.end)
        )


def test_a_state_beyond_a_megabyte_ends_the_window_early() -> None:
    reader = ShardReader(StreamSettings(batch_size=1, tumbling=60))

    def grow(call: Call) -> Answer:
        assert call.window is not None
        return Returned({"state": {"text": "x" * (1024 * 1024 if call.records[:1] == (large,) else 9)}})

    large = record(0, at=1)
    played = play(reader, [(1, [large]), (5, [record(1, at=5)])], grow)

    flags = [(w.final, w.early, w.start) for _, call in played.calls if (w := call.window) is not None]
    assert flags == [(False, False, 0.0), (True, True, 0.0), (False, False, 0.0), (True, False, 0.0)]


def test_the_event_of_a_window_says_its_bounds() -> None:
    reader = ShardReader(StreamSettings(tumbling=60))
    reader.arrive([record(1, at=1704067261)], 1704067261)

    (call,) = reader.step(1704067320).calls

    assert call.event(shard_id="shardId-000000000000", source_arn="arn") == {
        "Records": [{"n": 1}],
        "window": {"start": "2024-01-01T00:01:00Z", "end": "2024-01-01T00:02:00Z"},
        "state": {},
        "shardId": "shardId-000000000000",
        "eventSourceARN": "arn",
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def test_ten_thousand_records_are_read_in_steps_that_do_not_grow() -> None:
    reader = ShardReader(StreamSettings(batch_size=100))

    played = play(reader, [(0, records(10_000))], failing_at())

    assert len(played.calls) == 100
    assert reader.idle
