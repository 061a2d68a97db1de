from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.engine import duration
from stepsmith.engine.values.timestamps import iso, parse_instant, seconds_of
from tests.stepsmith.engine.playing import one, play


def test_ninety_seconds_pass_in_virtual_time() -> None:
    run = play(one({"Type": "Wait", "Seconds": 90}), {})

    assert run.status == "SUCCEEDED"
    assert duration(run.history) == 90.0


@pytest.mark.parametrize(
    "state", [{"Timestamp": "1970-01-01T00:01:00Z"}, {"TimestampPath": "$.t"}, {"SecondsPath": "$.s"}]
)
def test_all_forms_wait_until_their_instant(state: dict[str, Any]) -> None:
    run = play(one({"Type": "Wait", **state}), {"t": "1970-01-01T00:01:00+00:00", "s": 60})

    assert run.now == 60.0


def test_expressions_give_seconds_and_instants() -> None:
    seconds = play(one({"Type": "Wait", "Seconds": "{% $states.input * 2 %}"}, language="JSONata"), 30)
    instant = play(
        one({"Type": "Wait", "Timestamp": "{% $states.input %}"}, language="JSONata"), "1970-01-01T00:01:00Z"
    )

    assert seconds.now == instant.now == 60.0


@pytest.mark.parametrize("value", [1.5, -1, "text"])
def test_an_expression_that_gives_no_span_fails(value: Any) -> None:
    run = play(one({"Type": "Wait", "Seconds": "{% $states.input %}"}, language="JSONata"), value)

    assert run.error == "States.QueryEvaluationError"


def test_a_past_instant_is_no_wait() -> None:
    run = play(one({"Type": "Wait", "Timestamp": "1960-01-01T00:00:00Z"}), {})

    assert run.status == "SUCCEEDED"
    assert run.now == 0.0


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (1.5, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"),
        (-1, "The SecondsPath parameter references a negative value: $.s == -1"),
    ],
)
def test_unusable_seconds_fail(value: Any, cause: str) -> None:
    run = play(one({"Type": "Wait", "SecondsPath": "$.s"}), {"s": value})

    assert (run.cause or "").endswith(cause)


@pytest.mark.parametrize(
    "text",
    [
        "05-12-2016T21:29:29Z",
        "2016-12-05 21:29:29Z",
        "2016-12-05T21:29:29",
        "2016-12-05T25:29:29Z",
        "2016-13-05T21:29:29Z",
    ],
)
def test_texts_outside_the_profile_are_no_timestamps(text: str) -> None:
    assert parse_instant(text) is None


def test_a_delay_past_the_longest_fails() -> None:
    run = play(one({"Type": "Wait", "Timestamp": "2100-01-01T00:00:00Z"}), {})

    assert (run.cause or "").endswith("Wait state delay is too long.")


def test_a_wait_that_is_never_over_ends_with_the_year() -> None:
    run = play(one({"Type": "Wait", "Seconds": 99999999}), {})

    assert run.status == "TIMED_OUT"


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_instants_survive_being_written(millis: int) -> None:
    instant = parse_instant(iso(millis / 1000))

    assert instant is not None
    assert round(seconds_of(instant) * 1000) == millis


@given(st.datetimes(), st.integers(-1080, 1080))
def test_offsets_do_not_change_the_instant(moment: Any, minutes: int) -> None:
    sign, rest = ("-" if minutes < 0 else "+"), abs(minutes)
    local = f"{moment:%m-%dT%H:%M:%S}"

    at_zero = parse_instant(f"{moment.year:04d}-{local}Z")
    shifted = parse_instant(f"{moment.year:04d}-{local}{sign}{rest // 60:02d}:{rest % 60:02d}")

    assert at_zero is not None
    assert shifted is not None
    assert shifted[0] == at_zero[0] - minutes * 60
