"""A state machine compiled once to linked closures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from stepsmith.asl.model import (
    Branch,
    Choice,
    Fail,
    ItemProcessor,
    Map,
    Parallel,
    Pass,
    State,
    StateMachine,
    Succeed,
    Task,
    Wait,
)
from stepsmith.engine.fields.linking import Linking
from stepsmith.engine.kernel.frames import END, Flow, Node, Program
from stepsmith.engine.kernel.retry import compile_retriers
from stepsmith.engine.kernel.settings import MachineType
from stepsmith.engine.maps.map_ import compile_map
from stepsmith.engine.states.choice import compile_choice
from stepsmith.engine.states.fail import compile_fail
from stepsmith.engine.states.parallel import compile_parallel
from stepsmith.engine.states.pass_ import compile_pass
from stepsmith.engine.states.succeed import compile_succeed
from stepsmith.engine.states.task import compile_task
from stepsmith.engine.states.wait import compile_wait

MOST_NARROW: Final = 64
"""Texts in one template up to which it does not count as wide."""


def link(machine: StateMachine, type: MachineType, flow: Flow, timeout_seconds: int | None = None) -> Program:
    """Make a program of compiled states, the whole machine's or those of a part of it."""
    states = tuple(_all_states(machine.states.values()))
    languages = {machine.query_language, *(state.query_language for state in states)}
    is_wide = any(map(_is_wide, states))
    return Program(machine, type, flow, timeout_seconds, uses_query="JSONata" in languages, is_wide=is_wide)


def _all_states(states: Iterable[State]) -> Iterator[State]:
    for state in states:
        yield state
        if isinstance(state, Parallel):
            for branch in state.branches:
                yield from _all_states(branch.states.values())
        elif isinstance(state, Map):
            yield from _all_states(state.item_processor.states.values())


def _is_wide(state: State) -> bool:
    """Tell whether a state's templates have so many texts that a small payload may become a huge one."""
    fields = ("parameters", "arguments", "result_selector", "item_selector", "assign", "output")
    return any(_texts(getattr(state, field, None)) > MOST_NARROW for field in fields)


def _texts(template: object) -> int:
    if isinstance(template, str):
        return 1
    parts: Iterable[object] = ()
    if isinstance(template, Mapping):
        parts = cast("Mapping[str, object]", template).values()
    elif isinstance(template, list):
        parts = cast("list[object]", template)
    return sum(map(_texts, parts))


def compile(machine: StateMachine, *, type: MachineType = "STANDARD") -> Program:
    """Compile a checked definition; raises ExpressionError where an expression does not parse."""
    return link(machine, type, compile_flow(machine, machine), machine.timeout_seconds)


def compile_flow(machine: StateMachine, states: StateMachine | Branch | ItemProcessor) -> Flow:
    """Compile the states of a machine, branch or item processor."""
    nodes: dict[str, Node] = {name: Node(name, type(state).__name__) for name, state in states.states.items()}

    def compile_inner(inner: Branch | ItemProcessor) -> Flow:
        return compile_flow(machine, inner)

    def compile_child(processor: ItemProcessor, type: MachineType) -> Program:
        return link(machine, type, compile_inner(processor))

    linking = Linking(nodes, machine.query_language or "JSONPath", compile_inner, compile_child)
    for name, state in states.states.items():
        compile_state(nodes[name], state, linking)
    return Flow(nodes, nodes[states.start_at])


def compile_state(node: Node, state: State, linking: Linking) -> None:
    """Compile one state into its node."""
    match state:
        case Task() | Pass() | Wait() | Parallel() | Map():
            node.following = linking.following(state.next)
        case _:
            node.following = END
    if isinstance(state, Task | Parallel | Map):
        node.retriers = compile_retriers(state.retry)
    match state:
        case Pass():
            compile_pass(node, state, linking)
        case Choice():
            compile_choice(node, state, linking)
        case Task():
            compile_task(node, state, linking)
        case Wait():
            compile_wait(node, state, linking)
        case Succeed():
            compile_succeed(node, state, linking)
        case Fail():
            compile_fail(node, state, linking)
        case Parallel():
            compile_parallel(node, state, linking)
        case Map():
            compile_map(node, state, linking)
