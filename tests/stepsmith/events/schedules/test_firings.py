"""When schedules fire, over changes of the clock too; nobody has recorded it, the guides are the law."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.refusals import Refused
from stepsmith.events.schedules import (
    Firing,
    flexed,
    flexible_window,
    next_firing,
    rule_schedule,
    scheduler_schedule,
    time_zone,
)

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def following(expression: str, after: str, count: int, zone: str = "UTC") -> list[str]:
    """Give the next firings, in UTC."""
    found: list[str] = []
    at: float | None = instant(after)
    schedule = scheduler_schedule(expression)
    for _ in range(count):
        assert at is not None
        at = next_firing(schedule, at, zone=time_zone(zone))
        if at is None:
            break
        found.append(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("cron(0 10 * * ? *)", "2024-01-01T10:00", ["2024-01-02T10:00", "2024-01-03T10:00"]),
        ("cron(0/30 0-2 ? * MON-FRI *)", "2024-01-05T02:00", ["2024-01-05T02:30", "2024-01-08T00:00"]),
        ("cron(0 0 ? * 6L *)", "2024-01-01T00:00", ["2024-01-26T00:00", "2024-02-23T00:00"]),
        ("cron(0 0 ? * SAT#3 *)", "2024-01-01T00:00", ["2024-01-20T00:00", "2024-02-17T00:00"]),
        ("cron(0 0 ? * 1#5 *)", "2024-01-01T00:00", ["2024-03-31T00:00"]),
        ("cron(0 0 L * ? *)", "2024-01-31T00:00", ["2024-02-29T00:00", "2024-03-31T00:00"]),
        ("cron(0 0 L-2 2 ? *)", "2024-01-31T00:00", ["2024-02-27T00:00", "2025-02-26T00:00"]),
        ("cron(0 0 1W * ? *)", "2024-05-31T00:00", ["2024-06-03T00:00", "2024-07-01T00:00"]),
        ("cron(0 0 LW * ? *)", "2024-03-01T00:00", ["2024-03-29T00:00"]),
        ("cron(0 0 31 * ? *)", "2024-02-01T00:00", ["2024-03-31T00:00", "2024-05-31T00:00"]),
        ("cron(0 0 29 2 ? *)", "2024-03-01T00:00", ["2028-02-29T00:00"]),
        ("cron(0 0 ? * FRI-MON *)", "2024-01-03T00:00", ["2024-01-05T00:00", "2024-01-06T00:00"]),
        ("cron(15 10 ? * 6L 2002-2005)", "2024-01-01T00:00", []),
        ("cron(0 0 30 2 ? *)", "2024-01-01T00:00", []),
        ("at(2024-01-01T08:00:00)", "2024-01-01T07:59", ["2024-01-01T08:00"]),
        ("at(2022-01-01T08:00:00)", "2024-01-01T07:59", []),
    ],
)
def test_fields_say_when_a_cron_expression_fires(expression: str, after: str, expected: list[str]) -> None:
    assert following(expression, after, max(len(expected), 1))[: len(expected) or 1] == expected


def test_a_time_that_the_wall_never_shows_is_skipped() -> None:
    # Berlin, 31 March 2024: after 01:59 comes 03:00.
    assert following("cron(30 2 * * ? *)", "2024-03-29T12:00", 3, BERLIN) == [
        "2024-03-30T01:30", "2024-04-01T00:30", "2024-04-02T00:30",
    ]  # fmt: skip


def test_a_time_that_the_wall_shows_twice_fires_once() -> None:
    # New York, 3 November 2024: 01:30 is there at 05:30 and at 06:30 UTC.
    assert following("cron(30 1 * * ? *)", "2024-11-02T12:00", 2, NEW_YORK) == [
        "2024-11-03T05:30", "2024-11-04T06:30",
    ]  # fmt: skip
    assert following("cron(30 1 * * ? *)", "2024-11-03T05:45", 1, NEW_YORK) == ["2024-11-04T06:30"]


def test_a_schedule_keeps_its_time_on_the_wall_over_the_year() -> None:
    assert following("cron(0 8 1 1,7 ? *)", "2023-12-01T00:00", 2, BERLIN) == [
        "2024-01-01T07:00", "2024-07-01T06:00",
    ]  # fmt: skip


def test_once_in_a_time_that_is_skipped_is_not_lost() -> None:
    assert len(following("at(2024-03-31T02:30:00)", "2024-01-01T00:00", 1, BERLIN)) == 1


@given(
    st.sampled_from(["cron(*/15 * * * ? *)", "cron(30 1,2,3 * * ? *)", "cron(0 0/6 ? * SUN *)"]),
    st.sampled_from(["UTC", BERLIN, NEW_YORK, "Australia/Lord_Howe"]),
    st.datetimes(datetime(2023, 1, 1), datetime(2026, 1, 1)),
)
def test_firings_go_forward_and_show_each_time_on_the_wall_once(
    expression: str, zone: str, after: datetime
) -> None:
    schedule, place = scheduler_schedule(expression), time_zone(zone)
    at: float | None = after.replace(tzinfo=UTC).timestamp()
    walls: list[str] = []

    for _ in range(20):
        assert at is not None
        before, at = at, next_firing(schedule, at, zone=place)
        assert at is not None
        assert at > before
        walls.append(datetime.fromtimestamp(at, place).strftime("%Y-%m-%dT%H:%M"))

    assert len(set(walls)) == 20
    assert walls == sorted(walls)


@given(st.integers(1, 90), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_rate_fires_at_its_anchor_and_each_rate_later(minutes: int, anchor: float, after: float) -> None:
    at = next_firing(
        rule_schedule(f"rate({minutes} minute{'s' if minutes > 1 else ''})"), after, anchor=anchor
    )

    assert at is not None
    assert at > after
    assert at >= anchor
    assert at == anchor or at - after <= minutes * 60 + 1e-6


def test_bounds_of_a_schedule_hold_with_their_ends() -> None:
    start, end = instant("2024-01-02T10:00"), instant("2024-01-03T10:00")
    firing = Firing(scheduler_schedule("cron(0 10 * * ? *)"), 0, start=start, end=end)

    assert firing.next(0) == start
    assert firing.next(start) == end
    assert firing.next(end) is None


def test_a_window_lets_a_schedule_fire_later() -> None:
    assert flexed(60.0, 10, 0.5) == 360.0
    assert flexible_window({"Mode": "OFF"}).minutes == 0


@pytest.mark.parametrize(
    "window",
    [
        {"Mode": "FLEXIBLE"},
        {"Mode": "OFF", "MaximumWindowInMinutes": 4},
        {"Mode": "x"},
        {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441},
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window: dict[str, object]) -> None:
    with pytest.raises(Refused, match="Invalid FlexibleTimeWindow"):
        flexible_window(window)


@pytest.mark.parametrize(
    "expression",
    [
        "cron(60 * * * ? *)", "cron(* 24 * * ? *)", "cron(* * 32 * ? *)", "cron(* * * 13 ? *)", "cron(* * ? * 8 *)",
        "cron(* * * * ? 2200)", "cron(* * ? * ? *)", "cron(*/0 * * * ? *)", "cron(1,, * * * ? *)", "cron(* * * * ?)",
        "cron(* * ? * 1#6 *)", "cron(1- * * * ? *)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1.5 hours)",
        "rate(٣ minutes)", "at(2024-02-30T00:00:00)", "at(2024-01-01T00:00:00Z)", "", "cron", "x(1)",
        "rate(1 minutes) ",
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(Refused, match="Invalid Schedule Expression"):
        scheduler_schedule(expression)


@pytest.mark.parametrize("expression", ["rate(1 minutes)", "rate(2 minute)", "at(2024-01-01T00:00:00)"])
def test_a_rule_takes_less_than_the_scheduler(expression: str) -> None:
    with pytest.raises(Refused, match="Parameter ScheduleExpression is not valid"):
        rule_schedule(expression)

    assert scheduler_schedule(expression)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    for name in ("Europe/Nowhere", "../etc/passwd", ""):
        with pytest.raises(Refused, match="Invalid ScheduleExpressionTimezone"):
            time_zone(name)


def test_an_expression_that_never_fires_ends_soon() -> None:
    schedule = scheduler_schedule("cron(0 0 30 2 ? *)")

    assert next_firing(schedule, timedelta(days=1).total_seconds()) is None
