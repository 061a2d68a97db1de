"""The Scheduler in the local cloud: time zones, windows, beginnings and ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(start=datetime(2026, 3, 28, tzinfo=UTC)) as cloud:
        yield cloud


@pytest.fixture
def struck(cloud: LocalCloud) -> list[datetime]:
    found: list[datetime] = []
    cloud.functions.define("strike", lambda event, context: found.append(cloud.now))
    return found


def schedule(cloud: LocalCloud, expression: str, **options: Any) -> None:
    target = {
        "Arn": cloud.caller.arn("lambda", "function:strike"),
        "RoleArn": "arn:aws:iam::123456789012:role/r",
    }
    given = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Name": "s", "Target": target, **options}
    cloud.client("scheduler").create_schedule(ScheduleExpression=expression, **given)


def test_a_rate_strikes_at_once_and_then_at_its_rate(cloud: LocalCloud, struck: list[datetime]) -> None:
    begin = cloud.now
    schedule(cloud, "rate(6 hours)")
    cloud.advance(timedelta(days=1))

    assert [each - begin for each in struck] == [timedelta(hours=6 * each) for each in range(5)]


def test_a_cron_follows_the_wall_clock_of_its_zone(cloud: LocalCloud, struck: list[datetime]) -> None:
    schedule(cloud, "cron(30 9 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")
    cloud.advance(timedelta(days=3))

    # clocks go forward on 29 March 2026
    assert [f"{each:%d %H:%M}" for each in struck] == ["28 08:30", "29 07:30", "30 07:30"]


def test_a_schedule_for_one_instant_strikes_once_and_may_go_then(
    cloud: LocalCloud, struck: list[datetime]
) -> None:
    schedule(cloud, "at(2026-03-28T10:00:00)", ActionAfterCompletion="DELETE")
    cloud.advance(timedelta(days=1))

    assert [f"{each:%H:%M}" for each in struck] == ["10:00"]
    assert cloud.client("scheduler").list_schedules()["Schedules"] == []


def test_a_window_lets_it_strike_a_little_later_and_always_the_same(
    cloud: LocalCloud, struck: list[datetime]
) -> None:
    schedule(
        cloud,
        "at(2026-03-28T10:00:00)",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    )
    cloud.advance(timedelta(days=1))

    late = struck[0] - datetime(2026, 3, 28, 10, tzinfo=UTC)
    assert timedelta() <= late <= timedelta(minutes=15)


def test_beginning_and_end_bound_it(cloud: LocalCloud, struck: list[datetime]) -> None:
    begin = cloud.now + timedelta(days=1)
    schedule(cloud, "rate(1 hour)", StartDate=begin, EndDate=begin + timedelta(hours=2))
    cloud.advance(timedelta(days=3))

    assert [each - begin for each in struck] == [timedelta(hours=hour) for hour in range(3)]


def test_a_change_takes_the_place_of_what_was(cloud: LocalCloud, struck: list[datetime]) -> None:
    schedule(cloud, "at(2026-03-28T10:00:00)")
    scheduler = cloud.client("scheduler")
    before = scheduler.get_schedule(Name="s")
    scheduler.update_schedule(
        Name="s",
        ScheduleExpression="at(2026-03-28T11:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=before["Target"],
    )
    cloud.advance(timedelta(days=1))

    assert [f"{each:%H:%M}" for each in struck] == ["11:00"]


def test_groups_hold_schedules_and_take_them_along(cloud: LocalCloud, struck: list[datetime]) -> None:
    scheduler = cloud.client("scheduler")
    scheduler.create_schedule_group(Name="g")
    schedule(cloud, "at(2026-03-28T10:00:00)", GroupName="g")
    assert [each["GroupName"] for each in scheduler.list_schedules()["Schedules"]] == ["g"]

    scheduler.delete_schedule_group(Name="g")
    cloud.advance(timedelta(days=1))
    assert struck == []


@pytest.mark.parametrize(
    ("expression", "options", "text"),
    [
        ("every day", {}, "Invalid Schedule Expression every day."),
        ("rate(1 hour)", {"ScheduleExpressionTimezone": "Mars/Olympus"}, "Mars/Olympus"),
        ("rate(1 hour)", {"GroupName": "none"}, "Schedule group none does not exist"),
    ],
)
def test_what_is_no_schedule_is_refused(
    cloud: LocalCloud, struck: list[datetime], expression: str, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(cloud.client("scheduler").exceptions.ClientError, match=text):
        schedule(cloud, expression, **options)
