"""JSON that has passed the checks to models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from stepsmith.asl import model
from stepsmith.asl.fields import PARTS, STATES, Field, Kind, by_name
from stepsmith.asl.model import And, ChoiceRule, DataTest, Not, Or, Rule, State, StateMachine
from stepsmith.expressions.types import Json

_Object = dict[str, Json]


def build(definition: Mapping[str, Json]) -> StateMachine:
    """Turn a checked definition into the model; values inside it are shared, not copied."""
    return cast(StateMachine, _PART_BUILDERS["StateMachine"](definition))


def build_state(state: Mapping[str, Json]) -> State:
    """Turn one checked state into the model."""
    return cast(State, _STATE_BUILDERS[cast(str, state["Type"])](state))


def build_rule(rule: Mapping[str, Json]) -> Rule:
    """Turn one checked JSONPath rule of a Choice state into the model."""
    return _rule(rule, cast("str | None", rule.get("Comment")))


def _rule(rule: Mapping[str, Json], comment: str | None) -> Rule:
    for name, value in rule.items():
        match name:
            case "And":
                return And(rules=tuple(map(build_rule, cast(list[_Object], value))), comment=comment)
            case "Or":
                return Or(rules=tuple(map(build_rule, cast(list[_Object], value))), comment=comment)
            case "Not":
                return Not(rule=build_rule(cast(_Object, value)), comment=comment)
            case _ if name not in _RULE_FIELDS and name != "Variable":
                variable = cast(str, rule["Variable"])
                return DataTest(variable=variable, operator=name, operand=value, comment=comment)
            case _:
                continue
    raise ValueError("a choice rule without an operator")


def _choice(choice: Mapping[str, Json]) -> ChoiceRule:
    known = {name: value for name, value in choice.items() if name in _RULE_FIELDS}
    rule = None if "Condition" in choice else _rule(choice, None)
    return cast(ChoiceRule, _PART_BUILDERS["ChoiceRule"](known, rule=rule))


def _builder(cls: Callable[..., object], fields: tuple[Field, ...]) -> Callable[..., Any]:
    rows = {name: (field.attribute, _READERS.get(field.kind)) for name, field in by_name(fields).items()}

    def build_object(value: Mapping[str, Json], **more: object) -> object:
        for name, item in value.items():
            row = rows.get(name)
            if row is not None:
                attribute, read = row
                more[attribute] = item if read is None else read(item)
        return cls(**more)

    return build_object


def _part(name: str) -> Callable[[Any], Any]:
    return lambda value: _PART_BUILDERS[name](value)


def _parts(name: str) -> Callable[[Any], Any]:
    return lambda values: tuple(map(_PART_BUILDERS[name], values))


def _states(states: dict[str, _Object]) -> dict[str, State]:
    return {name: build_state(state) for name, state in states.items()}


_READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "states": _states,
    "strings": tuple,
    "choices": lambda choices: tuple(map(_choice, choices)),
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
_RULE_FIELDS: Final = frozenset(field.name for field in PARTS["ChoiceRule"])
_ITERATOR: Final = Field("Iterator", "item_processor", "processor")
_STATE_BUILDERS: Final = {
    name: _builder(getattr(model, name), (*fields, _ITERATOR) if name == "Map" else fields)
    for name, fields in STATES.items()
}
_PART_BUILDERS: Final = {name: _builder(getattr(model, name), fields) for name, fields in PARTS.items()}
