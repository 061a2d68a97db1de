"""What a picture of a state machine shows: levels of nodes and edges, nested like the states.

No transition crosses the border of a branch or an item processor, so a picture is a recursion over flat graphs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from stepsmith.asl.model import (
    And,
    Branch,
    Choice,
    ChoiceRule,
    DataTest,
    Fail,
    ItemProcessor,
    Map,
    Not,
    Or,
    Parallel,
    Pass,
    Rule,
    State,
    StateMachine,
    Succeed,
    Task,
    Value,
    Wait,
)
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

EdgeKind: TypeAlias = Literal["next", "choice", "default", "catch"]


@frozen
class Edge:
    """A transition between two states of one level."""

    source: str
    target: str
    kind: EdgeKind
    label: str = ""


@frozen
class Node:
    """A state, with the levels inside it."""

    name: str
    kind: str
    detail: str
    ends: bool
    levels: tuple[Level, ...] = ()


@frozen
class Level:
    """The states of one machine, branch or item processor, in the order of the definition."""

    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def outline(machine: StateMachine) -> Level:
    """Give the nodes and edges of a state machine."""
    return _level(machine)


def walk(level: Level) -> Iterator[Node]:
    """Give every node of a level and of the levels inside it, outer ones first."""
    for node in level.nodes:
        yield node
        for inner in node.levels:
            yield from walk(inner)


def _level(states: StateMachine | Branch | ItemProcessor) -> Level:
    nodes = tuple(_node(name, state) for name, state in states.states.items())
    edges = tuple(edge for name, state in states.states.items() for edge in _edges(name, state))
    return Level(states.start_at, nodes, edges)


def _node(name: str, state: State) -> Node:
    kind = type(state).__name__
    ends = isinstance(state, Succeed | Fail) or (not isinstance(state, Choice) and state.end is True)
    return Node(name, kind, _detail(state), ends, _inner(state))


def _inner(state: State) -> tuple[Level, ...]:
    match state:
        case Parallel():
            return tuple(_level(branch) for branch in state.branches)
        case Map():
            return (_level(state.item_processor),)
        case _:
            return ()


def _detail(state: State) -> str:
    match state:
        case Task():
            return _called(state)
        case Wait():
            return _waited(state)
        case Fail():
            return _expression(state.error or state.error_path or "")
        case Map():
            distributed = state.item_processor.processor_config
            return "distributed" if distributed and distributed.mode == "DISTRIBUTED" else ""
        case _:
            return ""


def _called(state: Task) -> str:
    """Say in a few words what a Task state calls: the function's name, or service and action."""
    payload = state.arguments if state.arguments is not UNDEFINED else state.parameters
    if isinstance(payload, Mapping) and state.resource.startswith("arn:aws:states:::lambda:invoke"):
        name = payload.get("FunctionName")
        if isinstance(name, str):
            return name.removeprefix("${").removesuffix("}").rsplit(":function:", 1)[-1]
    if ":function:" in state.resource or ":activity:" in state.resource:
        return state.resource.rsplit(":", 1)[-1]
    return state.resource.partition(":::")[2] or state.resource


def _waited(state: Wait) -> str:
    if isinstance(state.seconds, int | float):
        return f"{state.seconds} s"
    return _expression(state.seconds or state.seconds_path or state.timestamp or state.timestamp_path or "")


def _edges(name: str, state: State) -> Iterator[Edge]:
    if isinstance(state, Choice):
        for rule in state.choices:
            yield Edge(name, rule.next, "choice", condition(rule))
        if state.default is not None:
            yield Edge(name, state.default, "default", "otherwise")
        return
    if isinstance(state, Task | Pass | Wait | Parallel | Map) and state.next is not None:
        yield Edge(name, state.next, "next")
    if isinstance(state, Task | Parallel | Map):
        for catcher in state.catch:
            yield Edge(name, catcher.next, "catch", ", ".join(catcher.error_equals))


def condition(rule: ChoiceRule) -> str:
    """Give the condition of a Choice rule as a short text."""
    if rule.condition is not UNDEFINED:
        return _expression(rule.condition)
    return _test(rule.rule) if rule.rule is not None else ""


def _expression(value: Value) -> str:
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value.removeprefix("{%").removesuffix("%}").strip()


_SIGNS = {
    "Equals": "=",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
}


def _test(rule: Rule) -> str:
    match rule:
        case And():
            return " and ".join(_nested(inner) for inner in rule.rules)
        case Or():
            return " or ".join(_nested(inner) for inner in rule.rules)
        case Not():
            return f"not {_nested(rule.rule)}"
        case DataTest():
            return _comparison(rule)


def _nested(rule: Rule) -> str:
    return f"({_test(rule)})" if isinstance(rule, And | Or) else _test(rule)


def _comparison(rule: DataTest) -> str:
    operator = rule.operator.removesuffix("Path")
    for kind in ("String", "Numeric", "Boolean", "Timestamp"):
        sign = _SIGNS.get(operator.removeprefix(kind)) if operator.startswith(kind) else None
        if sign is not None:
            operand = (
                rule.operand
                if rule.operator.endswith("Path")
                else json.dumps(rule.operand, ensure_ascii=False)
            )
            return f"{rule.variable} {sign} {operand}"
    if operator.startswith("Is"):
        words = f"is {operator[2:].lower()}" if rule.operand else f"is not {operator[2:].lower()}"
        return f"{rule.variable} {words}"
    return f"{rule.variable} {operator} {json.dumps(rule.operand, ensure_ascii=False)}"
