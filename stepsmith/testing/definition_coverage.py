"""Which states, transitions, catchers and retriers of a definition executions went through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stepsmith.asl.model import Choice, Fail, Map, Parallel, Pass, State, StateMachine, Task, Wait
from stepsmith.engine.kernel.retry import matches
from stepsmith.engine.values.failures import StateFailure
from stepsmith.views.histories.history_events import FAILURES, Event, Owners, details_of, name_in

Kind: TypeAlias = Literal["state", "transition", "catcher", "retrier"]


@dataclass(frozen=True, slots=True, order=True)
class Element:
    """Something in a definition that an execution can go through."""

    state: str
    kind: Kind
    label: str = ""
    """Target of a transition, or the error names of a catcher or retrier."""

    def __str__(self) -> str:
        match self.kind:
            case "state":
                return f"state {self.state!r}"
            case "transition":
                return f"transition {self.state!r} -> {self.label!r}"
            case _:
                return f"{self.kind} of {self.state!r} for {self.label}"


@dataclass(slots=True)
class DefinitionCoverage:
    """What of one definition has been covered so far."""

    name: str
    machine: StateMachine
    seen: set[Element] = field(default_factory=set[Element])

    @property
    def elements(self) -> list[Element]:
        """Everything there is to cover, in the order of the definition."""
        return list(_elements(self.machine.states))

    @property
    def missed(self) -> list[Element]:
        """What no execution went through."""
        return [element for element in self.elements if element not in self.seen]

    @property
    def percent(self) -> float:
        """The covered share, from 0 to 100."""
        everything = self.elements
        return 100 * (len(everything) - len(self.missed)) / len(everything)

    def add(self, events: Iterable[Event]) -> None:
        """Take the history of an execution in."""
        self.seen.update(_covered(list(events), dict(_states(self.machine.states))))


def _states(states: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    for name, state in states.items():
        yield name, state
        for inner in _inner(state):
            yield from _states(inner)


def _inner(state: State) -> list[Mapping[str, State]]:
    if isinstance(state, Parallel):
        return [branch.states for branch in state.branches]
    if isinstance(state, Map) and not _is_distributed(state):
        return [state.item_processor.states]
    return []


def _is_distributed(state: Map) -> bool:
    """Say whether the items of a Map are executions of their own, with histories of their own."""
    config = state.item_processor.processor_config
    return config is not None and config.mode == "DISTRIBUTED"


def _elements(states: Mapping[str, State]) -> Iterator[Element]:
    for name, state in _states(states):
        yield Element(name, "state")
        for target in dict.fromkeys(_targets(state)):
            yield Element(name, "transition", target)
        if isinstance(state, Task | Parallel | Map):
            for catcher in state.catch if _can_fail(state) else ():
                yield Element(name, "catcher", ", ".join(catcher.error_equals))
            for retrier in state.retry:
                if retrier.max_attempts != 0:
                    yield Element(name, "retrier", ", ".join(retrier.error_equals))


def _can_fail(state: State) -> bool:
    """Say whether the failure of a task can leave a state.

    It cannot leave a Parallel or Map in which everything that fails is caught: what only a failing expression could
    reach is not asked for.
    """
    match state:
        case Fail() | Task():
            return True
        case Map() if _is_distributed(state):
            return True
        case Parallel() | Map():
            inside = [inner for states in _inner(state) for inner in states.values()]
            return any(_can_fail(inner) and not _catches_everything(inner) for inner in inside)
        case _:
            return False


def _catches_everything(state: State) -> bool:
    return isinstance(state, Task | Parallel | Map) and any(
        "States.ALL" in catcher.error_equals for catcher in state.catch
    )


def _targets(state: State) -> Iterator[str]:
    if isinstance(state, Choice):
        yield from (rule.next for rule in state.choices)
        if state.default is not None:
            yield state.default
    elif isinstance(state, Task | Pass | Wait | Parallel | Map) and state.next is not None:
        yield state.next


def _covered(events: list[Event], states: Mapping[str, State]) -> Iterator[Element]:
    by_id = {event["id"]: event for event in events}
    owners = Owners()
    for event in events:
        kind, owner, previous = str(event["type"]), owners.take(event), by_id.get(event["previousEventId"])
        if owner is None:
            continue
        if kind.endswith("StateEntered"):
            yield Element(owner.name, "state")
            if previous is not None and str(previous["type"]).endswith("StateExited"):
                yield from _left(name_in(previous), owner.name, previous, by_id, states)
        elif _begins_again(kind, previous):
            yield from _retried(owner.name, previous, by_id, states)


def _left(
    source: str,
    target: str,
    exit: Event,
    by_id: Mapping[int, Event],
    states: Mapping[str, State],
) -> Iterator[Element]:
    """Tell a transition from a caught error: an exit that follows a failure is the work of a catcher."""
    state = states.get(source)
    before = by_id.get(exit["previousEventId"])
    if (
        before is None
        or not str(before["type"]).endswith(FAILURES)
        or not isinstance(state, Task | Parallel | Map)
    ):
        yield Element(source, "transition", target)
        return
    error = _error(before, by_id)
    for catcher in state.catch:
        if catcher.next == target and (error is None or _names(catcher.error_equals, error)):
            yield Element(source, "catcher", ", ".join(catcher.error_equals))
            return


def _begins_again(kind: str, previous: Event | None) -> bool:
    """Say whether an event begins a further attempt: work that follows a failure, or the end of a failed branch."""
    if previous is None:
        return False
    before = str(previous["type"])
    if kind.endswith("Scheduled"):
        return before.endswith(FAILURES)
    return kind in ("MapStateStarted", "ParallelStateStarted") and not before.endswith("StateEntered")


def _retried(
    name: str,
    failure: Event | None,
    by_id: Mapping[int, Event],
    states: Mapping[str, State],
) -> Iterator[Element]:
    state = states.get(name)
    error = _error(failure, by_id)
    if not isinstance(state, Task | Parallel | Map):
        return
    for retrier in state.retry:
        if error is None or _names(retrier.error_equals, error):
            yield Element(name, "retrier", ", ".join(retrier.error_equals))
            return


def _names(error_equals: tuple[str, ...], error: str) -> bool:
    return matches(frozenset(error_equals), StateFailure(error, None))


def _error(event: Event | None, by_id: Mapping[int, Event]) -> str | None:
    """Find the error of a failure; a failed Parallel or Map has none of its own and points to what failed inside."""
    while event is not None and (
        str(event["type"]).endswith(FAILURES) or "StateEntered" in str(event["type"])
    ):
        error = details_of(event).get("error")
        if isinstance(error, str):
            return error
        event = by_id.get(event["previousEventId"])
    return None
