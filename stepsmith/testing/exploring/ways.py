"""What can go wrong with a call of a task, by its state: known once for all plays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from stepsmith.engine.ports import StartTask
from stepsmith.testing.exploring.mishaps import AFTER
from stepsmith.testing.exploring.raised import Fault

Does: TypeAlias = "Callable[[Any, Any, StartTask], None]"
"""Lets it happen on a stage, to the call of an actor."""


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that can go wrong with a call, besides its coming too late."""

    does: str
    act: Does
    alike: str = ""


@dataclass(frozen=True, slots=True)
class Acts:
    """What a stage can let happen to a call."""

    call: Callable[..., None]
    fail: Callable[..., None]
    lose: Callable[..., None]


def ways_of(faults: Iterable[Fault], timeout: Fault | None, acts: Acts) -> Iterator[Way]:
    """Give what can go wrong with a call that may fail by these faults, and by the last when it has a deadline."""
    for fault in faults:
        for when in ("", AFTER) if fault.is_sudden else ("",):
            fail = partial(acts.fail, fault=fault, worked=bool(when))
            yield from _once_and_always(fail, fault, f"with {fault.error}{when}", f"{fault.alike}{when}")
    if timeout is not None:
        for when in ("", AFTER):
            lose = partial(acts.lose, worked=bool(when))
            yield from _once_and_always(lose, timeout, f"to answer in time{when}", "")
        yield Way("works when it has timed out", partial(acts.lose, worked=False, later=True))
    yield Way("works twice", partial(acts.call, times=2))
    yield Way("works again later", partial(acts.call, later=True))


def _once_and_always(fail: Does, fault: Fault, how: str, alike: str) -> Iterator[Way]:
    """Give a failure that comes once, and where the state tries again, one that comes as often as it does."""
    yield Way(f"fails {how}", fail, alike and f"fails {alike}")
    if fault.retries:
        always = f"keeps failing {how}"
        yield Way(always, partial(_keep, fail, always), alike and f"keeps failing {alike}")


def _keep(fail: Does, always: str, stage: Any, actor: Any, command: StartTask) -> None:
    actor.lasting[command.state] = always
    fail(stage, actor, command)
