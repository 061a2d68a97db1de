"""Redriving many executions: what would be done with each and why, and doing it at a rate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, Protocol, TypeAlias
from zlib import crc32

from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.service.executions.search import Search

Action: TypeAlias = Literal["redrive", "restart", "leave"]
Anew: TypeAlias = Literal["none", "others", "all"]
"""Which executions are started anew: none, those that cannot be redriven, or all."""
Done: TypeAlias = Literal["redriven", "restarted", "left", "failed"]
FAILURES: Final = ("FAILED", "TIMED_OUT", "ABORTED")
LONGEST_NAME: Final = 80
_SUFFIX: Final = "-restarted"


@frozen(kw_only=True)
class Step:
    """What would be done with one execution."""

    arn: str
    status: str
    action: Action
    why: str = ""
    """Why it is not redriven."""
    is_stuck: bool = False
    """Whether it failed and stays so, as nothing can be done."""


@frozen(kw_only=True)
class Outcome:
    """What was done with one execution."""

    step: Step
    done: Done
    began: str | None = None
    """The ARN of the execution that began in its place."""
    reason: str = ""
    """Why it could not be done."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is left to be done."""
        return self.done != "failed" and not self.step.is_stuck

    def to_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {**described(self.step), "done": self.done, "began": self.began, "reason": self.reason or None}


class Place(Protocol):
    """Where executions are redriven: AWS, or a journal."""

    def plan(self, search: Search, anew: Anew) -> Iterator[Step]:
        """Say what would be done with each execution that a search means."""
        ...

    def redrive(self, arn: str) -> None:
        """Let one go on where it failed."""
        ...

    def restart(self, arn: str) -> str:
        """Start one with the same input anew, once; give the ARN of the new one."""
        ...


def decided(arn: str, status: str, reason: str, anew: Anew) -> Step:
    """Return what is done with an execution; the reason says why it cannot be redriven, where it cannot."""
    if status not in FAILURES:
        return Step(arn=arn, status=status, action="leave", why=_WHY.get(status, f"it is {status}"))
    if anew == "all":
        return Step(arn=arn, status=status, action="restart", why=reason or "all are started anew")
    if not reason:
        return Step(arn=arn, status=status, action="redrive")
    if anew == "others":
        return Step(arn=arn, status=status, action="restart", why=reason)
    return Step(arn=arn, status=status, action="leave", why=reason, is_stuck=True)


_WHY: Final = {
    "RUNNING": "it runs",
    "PENDING_REDRIVE": "it is about to be redriven",
    "SUCCEEDED": "it has succeeded",
}


def described(step: Step) -> dict[str, Json]:
    """Return a step for programs."""
    return {"executionArn": step.arn, "status": step.status, "action": step.action, "why": step.why or None}


def carry_out(
    steps: Iterable[Step],
    place: Place,
    *,
    rate: float,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Outcome]:
    """Do it, so many in a second; what one execution refuses does not keep the others."""
    due = now()
    for step in steps:
        if step.action == "leave":
            yield Outcome(step=step, done="left")
            continue
        pause = due - now()
        if pause > 0:
            sleep(pause)
        due = max(due, now()) + 1 / rate
        yield _done(step, place)


def _done(step: Step, place: Place) -> Outcome:
    try:
        if step.action == "redrive":
            place.redrive(step.arn)
            return Outcome(step=step, done="redriven")
        return Outcome(step=step, done="restarted", began=place.restart(step.arn))
    except StepsmithError as error:
        return Outcome(step=step, done="failed", reason=str(error))


def name_again(name: str) -> str:
    """Return the name of the execution that begins in the place of another: the same each time, so that one begins."""
    if len(name) + len(_SUFFIX) <= LONGEST_NAME:
        return name + _SUFFIX
    check = f"-{crc32(name.encode()):08x}{_SUFFIX}"
    return name[: LONGEST_NAME - len(check)] + check
