"""Mock configuration files as Step Functions Local reads them: what a state's task answers, call by call."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from stepsmith.frozen import frozen
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.integrations import TaskError

MOST_BYTES = 16_777_216
"""Bytes that a mock file may have."""


@frozen
class MockedResponse:
    """What one call, or a range of calls, is answered with."""

    first: int
    last: int
    output: Json = None
    error: str | None = None
    cause: str | None = None
    throws: bool = False


class MockedTasks:
    """The answers of one test case, for the states it names; counts the calls of each state."""

    def __init__(self, responses: Mapping[str, tuple[MockedResponse, ...]]) -> None:
        self._responses = responses
        self._calls: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def states(self) -> tuple[str, ...]:
        """The states that the test case answers for."""
        return tuple(self._responses)

    def knows(self, state: str) -> bool:
        """Say whether the test case answers for this state."""
        return state in self._responses

    def answer(self, state: str, payload: Json = None) -> Json:
        """Return what the next call of the state's task returns, whatever its payload; raises TaskError for a Throw."""
        with self._lock:
            call = self._calls.get(state, 0)
            self._calls[state] = call + 1
        for response in self._responses[state]:
            if response.first <= call <= response.last:
                if response.throws:
                    raise TaskError(response.error, response.cause)
                return response.output
        raise TaskError(
            "States.Runtime", f"The mocked responses of state {state!r} say nothing about call {call}."
        )


def read_mock_file(path: str | Path, *, machine: str | None = None, case: str | None = None) -> MockedTasks:
    """Return the answers of a test case.

    `machine` and `case` may be left out where the file has only one. Raises NotFound or InvalidInput naming the place
    in the file.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InvalidInput(f"mock file {str(path)!r} has more than {MOST_BYTES} bytes")
        content = read(data)
    except OSError as error:
        raise NotFound(f"mock file {str(path)!r} cannot be read: {error.strerror}") from None
    except InvalidJson as error:
        reason = error.message.partition("\n")[0]
        raise InvalidInput(f"{path}:{error.line}:{error.column}: {reason}") from None
    machines = _member(content, "StateMachines", str(path))
    name = _choose(machines, machine, "state machine")
    cases = _member(machines[name], "TestCases", f"StateMachines/{name}")
    chosen = _choose(cases, case, "test case")
    states = _object(cases[chosen], f"StateMachines/{name}/TestCases/{chosen}")
    mocked = _member(content, "MockedResponses", str(path))
    return MockedTasks({state: _responses(state, given, mocked) for state, given in states.items()})


def _responses(state: str, name: Json, mocked: Mapping[str, Json]) -> tuple[MockedResponse, ...]:
    if not isinstance(name, str) or name not in mocked:
        close = get_close_matches(str(name), list(mocked), n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise InvalidInput(f"state {state!r} is answered by {name!r}, which is not in MockedResponses{hint}")
    calls = _object(mocked[name], f"MockedResponses/{name}")
    return tuple(_response(f"MockedResponses/{name}/{key}", key, value) for key, value in calls.items())


def _response(place: str, key: str, value: Json) -> MockedResponse:
    first, dash, last = key.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise InvalidInput(f"{place} is no number of a call and no range such as 1-2")
    given = _object(value, place)
    start, end = int(first), int(last) if dash else int(first)
    if set(given) == {"Return"}:
        return MockedResponse(start, end, output=given["Return"])
    if set(given) == {"Throw"}:
        thrown = _object(given["Throw"], f"{place}/Throw")
        error, cause = thrown.get("Error"), thrown.get("Cause")
        return MockedResponse(
            start,
            end,
            error=error if isinstance(error, str) else None,
            cause=cause if isinstance(cause, str) else None,
            throws=True,
        )
    raise InvalidInput(f"{place} must have either Return or Throw, and nothing else")


def _member(value: Json, name: str, place: str) -> Mapping[str, Json]:
    found = _object(value, place).get(name)
    if found is None:
        raise InvalidInput(f"{place} has no {name}")
    return _object(found, f"{place}/{name}")


def _object(value: Json, place: str) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{place} is no object")
    return cast("Mapping[str, Json]", value)


def _choose(found: Mapping[str, Json], wanted: str | None, what: str) -> str:
    if wanted is None:
        if len(found) == 1:
            return next(iter(found))
        raise InvalidInput(
            f"the mock file has {len(found)} {what}s: name one of {', '.join(found) or 'none'}"
        )
    if wanted in found:
        return wanted
    close = get_close_matches(wanted, list(found), n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(found) or 'none'}"
    raise NotFound(f"the mock file has no {what} {wanted!r}{hint}")
