"""The names of what a definition calls: a misspelt one would silently stand for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepsmith.asl.model import Branch, ItemProcessor, Map, Parallel, State, StateMachine, Task
from stepsmith.errors import NotFound, nearest
from stepsmith.expressions.types import UNDEFINED
from stepsmith.integrations.resources import function_name

_SERVICE = "arn:aws:states:::"


def task_states(scope: StateMachine | Branch | ItemProcessor) -> Iterator[tuple[str, Task]]:
    """Give the Task states of a definition with their names, those inside others too."""
    for name, state in scope.states.items():
        if isinstance(state, Task):
            yield name, state
        for inner in _inner(state):
            yield from task_states(inner)


def check_functions(names: Iterable[str], machines: Iterable[StateMachine], place: str) -> None:
    """Raise NotFound where a name is neither a Task state nor a resource or function that one of them calls.

    Functions are known by name or ARN, services as `service:action`. Nothing is refused where an expression decides
    about a function.
    """
    states = [found for machine in machines for found in task_states(machine)]
    called = [name for _, state in states for name in _called(state)]
    if None in called:
        return
    known = {*(name for name, _ in states), *(name for name in called if name is not None)}
    for name in names:
        if name not in known and function_name(name) not in known:
            shown = [each for each in known if not each.startswith("arn:")]
            raise NotFound(f"{place}: no state calls {name!r}{nearest(name, shown, otherwise='they call')}")


def states_calling(machines: Iterable[StateMachine]) -> dict[str, list[str]]:
    """Return the states that call something, by their own names and by the names of what they call."""
    found: dict[str, dict[str, None]] = {}
    for machine in machines:
        for name, state in task_states(machine):
            for each in (name, *_called(state)):
                if each is not None:
                    found.setdefault(each, {})[name] = None
    return {name: list(states) for name, states in found.items()}


def _called(state: Task) -> Iterator[str | None]:
    """Give what a state calls: its resource, and the function in its arguments, None where that is computed."""
    yield state.resource
    if state.resource.startswith(_SERVICE):
        yield state.resource.removeprefix(_SERVICE).partition(".")[0]
    elif ":function:" in state.resource:
        yield function_name(state.resource)
    given = state.arguments if state.arguments is not UNDEFINED else state.parameters
    if isinstance(given, str):
        yield None
    if isinstance(given, dict):
        name = given.get("FunctionName")
        if "FunctionName.$" in given or (isinstance(name, str) and name.startswith("{%")):
            yield None
        elif isinstance(name, str):
            yield function_name(name)


def _inner(state: State) -> list[Branch] | list[ItemProcessor]:
    match state:
        case Parallel():
            return list(state.branches)
        case Map():
            return [state.item_processor]
        case _:
            return []
