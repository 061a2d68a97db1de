"""Workflow variables: their names, and which ones a state assigns and reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from stepsmith.asl.checks import jsonata
from stepsmith.asl.checks.expressions import check_any, inner_text, is_expression
from stepsmith.asl.checks.report import Report, Spot
from stepsmith.asl.checks.values import LONGEST_VARIABLE, expect, is_variable
from stepsmith.asl.fields import Field
from stepsmith.errors import ExpressionError
from stepsmith.expressions.intrinsics import Call, compile_call, is_call
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.jsonpath import Path, compile_path
from stepsmith.expressions.types import Json

RESERVED: Final = "states"
_ASSIGNING: Final = ("Choices", "Catch")
_INNER: Final = frozenset({"ItemProcessor", "Iterator", "Branches"})


class Assignment(NamedTuple):
    """A variable that a state gives a value."""

    place: Place
    """Where in the state."""
    name: str
    target: str | None
    """The state that follows where this value was given: a rule's and a catcher's own one."""


def check_assign(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check the names that Assign gives values to, and the values."""
    if not expect(report, value, ("OBJECT",), place):
        return
    assert isinstance(value, dict)
    for key in value:
        name = _name(key, spot.language)
        if name == RESERVED:
            message = "Cannot assign to reserved variable '$states'."
            report.add(place, message, rule="variable-name", code="RESERVED_VARIABLE_NAME")
        elif not is_variable(name):
            message = f"Invalid variable name '{name}': {_fault(name)}."
            report.add(place, message, rule="variable-name", code="INVALID_VARIABLE_NAME")
    check_any(report, value, place, field, spot)


def _fault(name: str) -> str:
    if len(name) > LONGEST_VARIABLE:
        return f"the variable name exceeds the {LONGEST_VARIABLE}-character limit allowed by the service"
    return "the variable name contains invalid characters" if name else "the variable name is empty"


def _name(key: str, language: str) -> str:
    return key.removesuffix(".$") if language == "JSONPath" else key


def assignments(state: Mapping[str, Json], language: str) -> Iterator[Assignment]:
    """Give the variables that a state assigns."""
    yield from _assigned(state, (), state.get("Next", state.get("Default")), language)
    for field in _ASSIGNING:
        items = state.get(field)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                yield from _assigned(item, (field, index), item.get("Next"), language)


def _assigned(holder: Mapping[str, Json], place: Place, target: Json, language: str) -> Iterator[Assignment]:
    assign = holder.get("Assign")
    for key in assign if isinstance(assign, dict) else {}:
        following = target if isinstance(target, str) else None
        yield Assignment((*place, "Assign", key), _name(key, language), following)


def references(state: Mapping[str, Json], language: str) -> Iterator[tuple[Place, str]]:
    """Give the variables that a state reads, with the place; those of states inside it are not its own."""
    for field, value in state.items():
        if field not in _INNER and field not in ("Result", "Comment", "Resource", "Next", "Default"):
            yield from _read(value, field, (field,), language)


def _read(value: Json, key: str, place: Place, language: str) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for inner_key, item in value.items():
            yield from _read(item, inner_key, (*place, inner_key), language)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _read(item, "", (*place, index), language)
    elif isinstance(value, str):
        for name in _names(value, key, language):
            yield place, name


def _names(text: str, key: str, language: str) -> Iterator[str]:
    if language == "JSONata":
        if is_expression(text):
            yield from sorted(jsonata.look(inner_text(text)).references)
        return
    is_path = key.endswith((".$", "Path")) or key == "Variable"
    if not is_path or "$" not in text:
        return
    try:
        yield from _of_call(compile_call(text).call) if is_call(text) else _of_path(compile_path(text))
    except ExpressionError:
        return


def _of_path(path: Path) -> Iterator[str]:
    if path.variable is not None:
        yield path.variable


def _of_call(call: Call) -> Iterator[str]:
    for argument in call.arguments:
        if isinstance(argument, Path):
            yield from _of_path(argument)
        elif isinstance(argument, Call):
            yield from _of_call(argument)
