from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.service import VIRTUAL_START, VirtualClock, WallClock


def test_virtual_time_begins_at_the_same_instant() -> None:
    assert VirtualClock().now() == VIRTUAL_START.timestamp()
    assert (
        VirtualClock(datetime(2030, 1, 1, tzinfo=UTC)).now() == datetime(2030, 1, 1, tzinfo=UTC).timestamp()
    )


@given(st.lists(st.floats(0, 1e9)))
def test_virtual_time_never_goes_back(moves: list[float]) -> None:
    clock = VirtualClock()
    seen = [clock.now()]

    for move in moves:
        clock.move_to(move * 4)
        seen.append(clock.now())

    assert seen == sorted(seen)


def test_a_wall_clock_does_not_follow_a_clock_that_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = WallClock()
    before = clock.now()

    monkeypatch.setattr(time, "time", lambda: 0.0)
    clock.move_to(before + 1000)

    assert before <= clock.now() < before + 60


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="the system does not count sleep")
def test_a_wall_clock_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = WallClock()
    before, ticks = clock.now(), time.clock_gettime(time.CLOCK_BOOTTIME)

    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(time, "clock_gettime", lambda clock: ticks + 8 * 3600)

    assert before + 8 * 3600 - 60 < clock.now() < before + 8 * 3600 + 60
