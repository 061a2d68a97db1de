"""Models to JSON: fixed field order, nothing that is absent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.asl.fields import NULLABLE, PARTS, STATES, Field, Kind
from stepsmith.asl.model import And, ChoiceRule, DataTest, Not, Or, Rule, State, StateMachine
from stepsmith.expressions.types import UNDEFINED, Json


def render(machine: StateMachine) -> dict[str, Json]:
    """Give the definition as JSON; JSON values inside it are shared with the model."""
    return _object(machine, PARTS["StateMachine"])


def to_json(machine: StateMachine) -> str:
    """Give the definition as text, the same bytes for the same model; ends in a newline."""
    return json.dumps(render(machine), indent=2, ensure_ascii=False) + "\n"


def render_state(state: State) -> dict[str, Json]:
    """Give one state as JSON."""
    name = type(state).__name__
    return {"Type": name, **_object(state, STATES[name])}


def _object(value: object, fields: tuple[Field, ...]) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for field in fields:
        item: Any = getattr(value, field.attribute)
        if item is UNDEFINED or item == () or (item is None and field.kind not in NULLABLE):
            continue
        write = _WRITERS.get(field.kind)
        out[field.name] = item if write is None else write(item)
    return out


def _rule(rule: Rule) -> dict[str, Json]:
    comment: dict[str, Json] = {} if rule.comment is None else {"Comment": rule.comment}
    match rule:
        case DataTest(variable=variable, operator=operator, operand=operand):
            return {**comment, "Variable": variable, operator: operand}
        case And(rules=rules):
            return {**comment, "And": [_rule(inner) for inner in rules]}
        case Or(rules=rules):
            return {**comment, "Or": [_rule(inner) for inner in rules]}
        case Not(rule=inner):
            return {**comment, "Not": _rule(inner)}


def _choice(choice: ChoiceRule) -> dict[str, Json]:
    rest = _object(choice, PARTS["ChoiceRule"])
    if choice.rule is None:
        return rest
    comment = {"Comment": rest.pop("Comment")} if "Comment" in rest else {}
    return {**comment, **_rule(choice.rule), **rest}


def _states(states: Mapping[str, State]) -> Json:
    return {name: render_state(state) for name, state in states.items()}


def _part(name: str) -> Callable[[Any], Json]:
    return lambda value: _object(value, PARTS[name])


def _parts(name: str) -> Callable[[Any], Json]:
    return lambda values: [_object(value, PARTS[name]) for value in values]


_WRITERS: Final[Mapping[Kind, Callable[[Any], Json]]] = {
    "states": _states,
    "strings": list,
    "assign": dict,
    "credentials": dict,
    "choices": lambda choices: [_choice(choice) for choice in choices],
    "retriers": _parts("Retrier"),
    "catchers": _parts("Catcher"),
    "branches": _parts("Branch"),
    "processor": _part("ItemProcessor"),
    "processor config": _part("ProcessorConfig"),
    "item reader": _part("ItemReader"),
    "reader config": _part("ReaderConfig"),
    "item batcher": _part("ItemBatcher"),
    "result writer": _part("ResultWriter"),
    "writer config": _part("WriterConfig"),
}
