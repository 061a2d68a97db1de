"""What somebody plans for the tasks of some states, failures and answers, to see what becomes of an execution."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations import TaskError
from stepsmith.integrations.dispatch import Mocked, Unanswered

MOST_ATTEMPT = 1_000_000


@frozen
class PlannedFailure:
    """An error that a task fails with: each time, or only the nth time that it is called."""

    error: str
    attempt: int | None = None
    """Counted from 1 over all calls of the state; None for all of them."""


@frozen
class PlannedAnswer:
    """What a task gives, each time that it is called and is not planned to fail."""

    output: Json


Planned: TypeAlias = PlannedFailure | PlannedAnswer


def read_failure(text: str) -> PlannedFailure:
    """Read `ERROR` or `ERROR@ATTEMPT`; raises InvalidInput."""
    error, at, attempt = text.partition("@")
    if not error:
        raise InvalidInput(f"{text!r} names no error; write ERROR or ERROR@ATTEMPT, such as States.Timeout@1")
    if not at:
        return PlannedFailure(error)
    if not (attempt.isascii() and attempt.isdecimal()) or not 1 <= int(attempt[:8]) <= MOST_ATTEMPT:
        raise InvalidInput(f"{text!r}: {attempt!r} is no attempt; they are counted from 1")
    return PlannedFailure(error, int(attempt[:8]))


class PlannedTasks:
    """Answers for the tasks of the states it knows as planned; what is not planned is left to what answers otherwise."""

    def __init__(self, planned: Mapping[str, Sequence[Planned]], otherwise: Mocked | None = None) -> None:
        self._planned = planned
        self._otherwise = otherwise
        self._calls: dict[str, int] = {}
        self._lock = threading.Lock()

    def knows(self, state: str) -> bool:
        """Say whether something is planned for a state, or something else answers for it."""
        return state in self._planned or (self._otherwise is not None and self._otherwise.knows(state))

    def answer(self, state: str, payload: Json) -> Json:
        """Return what is planned for the state's next call, or raise it as TaskError; Unanswered where nothing is."""
        with self._lock:
            call = self._calls[state] = self._calls.get(state, 0) + 1
        planned = self._planned.get(state, ())
        for each in planned:
            if isinstance(each, PlannedFailure) and each.attempt in (None, call):
                raise TaskError(each.error, "it was told to fail")
        for each in planned:
            if isinstance(each, PlannedAnswer):
                return each.output
        if self._otherwise is not None and self._otherwise.knows(state):
            return self._otherwise.answer(state, payload)
        raise Unanswered
