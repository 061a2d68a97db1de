"""Objects of the model to JSON by the table of the language: fixed field order, nothing that is absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.asl.fields import NULLABLE, PARTS, STATES, Field, Kind
from stepsmith.expressions.types import UNDEFINED, Json


def write(value: object, fields: tuple[Field, ...]) -> dict[str, Json]:
    """Give one object of the model as JSON: its fields in the order of the table, without those that are absent."""
    out: dict[str, Json] = {}
    for field in fields:
        item: Any = getattr(value, field.attribute)
        if item is UNDEFINED or item == () or (item is None and field.kind not in NULLABLE):
            continue
        convert = _WRITERS.get(field.kind)
        out[field.name] = item if convert is None else convert(item)
    return out


def _rule(rule: Any) -> dict[str, Json]:
    comment: dict[str, Json] = {} if rule.comment is None else {"Comment": rule.comment}
    match type(rule).__name__:
        case "DataTest":
            return {**comment, "Variable": rule.variable, rule.operator: rule.operand}
        case "Not":
            return {**comment, "Not": _rule(rule.rule)}
        case name:  # And, Or
            return {**comment, name: [_rule(inner) for inner in rule.rules]}


def _choice(choice: Any) -> dict[str, Json]:
    rest = write(choice, PARTS["ChoiceRule"])
    if choice.rule is None:
        return rest
    comment = {"Comment": rest.pop("Comment")} if "Comment" in rest else {}
    return {**comment, **_rule(choice.rule), **rest}


def write_state(state: object) -> dict[str, Json]:
    """Give one state as JSON."""
    name = type(state).__name__
    return {"Type": name, **write(state, STATES[name])}


def _states(states: Mapping[str, object]) -> Json:
    return {name: write_state(state) for name, state in states.items()}


def _part(name: str) -> Callable[[Any], Json]:
    return lambda value: write(value, PARTS[name])


def _parts(name: str) -> Callable[[Any], Json]:
    return lambda values: [write(value, PARTS[name]) for value in values]


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
