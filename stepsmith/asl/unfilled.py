"""Definitions with placeholders, as they lie in files: checked as far as their texts are known, and built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from stepsmith.asl.build import build
from stepsmith.asl.checks.machine import check_machine
from stepsmith.asl.checks.report import ONE, MachineType, pointer
from stepsmith.asl.fields import Field
from stepsmith.asl.filling import NO_VALUES, Substitutions, TooLarge, left_open, substitute
from stepsmith.asl.members import UNNAMED, fields_of, value_at
from stepsmith.asl.model import StateMachine
from stepsmith.asl.parse import LARGEST, Definition, placed, read_definition
from stepsmith.asl.placeholders import PLACEHOLDER, Placeholder, holds_placeholder, placeholders
from stepsmith.asl.services import Services, no_services
from stepsmith.diagnostics import Finding, InvalidDefinition
from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

_AWARE: Final = frozenset({"resource", "integration-pattern", "express"})
"""Rules that look past placeholders themselves."""
_OF_NAMES: Final = frozenset({"state-name", "payload-missing-dollar", "payload-path"})
"""Rules about a field's name, which stands at the end of the place."""
_SHAPES: Final = frozenset(
    (
        *("enum", "states", "retriers", "catchers", "choices", "branches", "processor", "assign"),
        *(
            "processor config",
            "item reader",
            "reader config",
            "item batcher",
            "result writer",
            "writer config",
        ),
        *("strings", "credentials"),
    )
)
"""Kinds of fields that are no texts: without them a definition has no shape."""


@frozen
class Unfilled:
    """A definition that has been read, with what is known of its placeholders."""

    machine: StateMachine
    open: tuple[Placeholder, ...]
    """The placeholders that have no value and stand where a run would read them."""
    used: frozenset[str]
    """The names of values that have been used."""


def parse_unfilled(
    definition: str | bytes | Mapping[str, Any],
    *,
    type: MachineType = "STANDARD",
    services: Services = no_services,
    substitutions: Substitutions = NO_VALUES,
) -> Unfilled:
    """Turn a definition with placeholders into the model.

    Raises InvalidDefinition where AWS would refuse it whatever the placeholders stand for, and InvalidInput for a value
    that cannot stand in it, and for a placeholder without which the definition has no shape.
    """
    text, raw = read_definition(definition)
    value, used = _filled(raw, substitutions)
    holds = _may_hold(text, raw)
    errors = [each for each in findings(value, type, services, unfilled=holds) if each[1].severity == "ERROR"]
    if errors:
        raise InvalidDefinition(placed(text, errors))
    # What a value holds is text, whatever it looks like.
    found = tuple(left_open(raw, substitutions)) if holds else ()
    if found:
        fields = list(fields_of(value))
        _refuse_shapeless(value, fields)
        found = tuple(_read_by_runs(fields, found))
    return Unfilled(build(cast("Mapping[str, Json]", value)), found, used)


def check_unfilled(
    definition: Definition,
    *,
    type: MachineType = "STANDARD",
    services: Services = no_services,
    substitutions: Substitutions = NO_VALUES,
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Give everything AWS refuses or remarks on about a definition, whatever its placeholders stand for.

    Gives the names of the values that have been used, too. Raises InvalidInput for a value that cannot stand in it.
    """
    try:
        text, value = read_definition(definition)
        value, used = _filled(value, substitutions)
    except InvalidDefinition as error:
        return error.findings, frozenset()
    return placed(text, findings(value, type, services, unfilled=_may_hold(text, value))), used


def _filled(value: Json, substitutions: Substitutions) -> tuple[Json, frozenset[str]]:
    if not substitutions:
        return value, frozenset()
    try:
        return substitute(value, substitutions, largest=LARGEST)
    except TooLarge:
        message = f"The definition has more than {LARGEST} bytes"
        finding = Finding("INVALID_JSON_DESCRIPTION", message, "", 1, 1, rule="definition-size")
        raise InvalidDefinition([finding]) from None


def _may_hold(text: str | None, value: Json) -> bool:
    """Tell whether a definition may hold placeholders; its text, where there is one, tells sooner than its strings."""
    if text is None:
        return next(placeholders(value), None) is not None
    return "${" in text or "\\u00" in text


def findings(
    value: Json, type: MachineType, services: Services, *, unfilled: bool
) -> list[tuple[Place, Finding]]:
    """Give what is wrong with a definition whatever its placeholders stand for; none are in it unless `unfilled`."""
    if not unfilled:
        return check_machine(value, type, services).found
    # A word that is not known, such as a query language, may be any that the language has there.
    words = [
        (place, field.words)
        for place, item, field in fields_of(value)
        if field.words and holds_placeholder(item)
    ]
    found = check_machine(value, type, services, unfilled=True).found
    for number in range(max((len(each) for _, each in words), default=0)):
        chosen = {place: each[number % len(each)] for place, each in words}
        kept = {
            (place, each.message)
            for place, each in check_machine(_with(value, chosen, ()), type, services, unfilled=True).found
        }
        found = [each for each in found if (each[0], each[1].message) in kept]
    doubts = _Doubts(value) if found else None
    return [each for each in found if doubts is not None and doubts.leave(*each)]


def _with(value: Json, chosen: Mapping[Place, str], place: Place) -> Json:
    if place in chosen:
        return chosen[place]
    if isinstance(value, dict):
        return {key: _with(item, chosen, (*place, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_with(item, chosen, (*place, index)) for index, item in enumerate(value)]
    return value


class _Doubts:
    """What the placeholders of a definition leave in doubt."""

    def __init__(self, value: Json) -> None:
        self._value = value
        self._assigns = self._shape = self._ends = False
        self._shapeless: set[Place] = set()
        for place, item, field in fields_of(value):
            if field.kind == "assign" and isinstance(item, dict):
                self._assigns = self._assigns or any(map(holds_placeholder, item))
            elif field is UNNAMED:
                self._shapeless.add(place[:-1])
            elif any(map(holds_placeholder, (item, *_parts(item, field)))):
                self._shape = self._shape or field.kind in _SHAPES
                self._ends = self._ends or field.name == "End"
        self._shape = self._shape or bool(self._shapeless)

    def leave(self, place: Place, finding: Finding) -> bool:
        """Tell whether a finding holds whatever the placeholders stand for."""
        held, name, rule = value_at(self._value, place), place[-1] if place else None, finding.rule
        if rule in _AWARE:
            return True
        if holds_placeholder(held) or (rule in _OF_NAMES and holds_placeholder(name)):
            return False
        if any(place[: len(each)] == each for each in self._shapeless):
            return False
        if isinstance(held, dict) and not _is_certain(cast("dict[str, object]", held), finding):
            return False
        match rule:
            case "transition-target" | "start-at-target":
                return not self._names_are_open(_scope_of(place, rule))
            case "unreachable-state":
                return not self._shape and not self._leads_anywhere(place[:-2])
            case "no-terminal-state":
                return not self._shape and not self._ends
            case "undefined-variable":
                return not self._shape and not self._assigns
            case _:
                return True

    def _names_are_open(self, scope: Place) -> bool:
        states = value_at(self._value, (*scope, "States"))
        return isinstance(states, dict) and any(map(holds_placeholder, cast("dict[str, object]", states)))

    def _leads_anywhere(self, scope: Place) -> bool:
        """Tell whether some transition of a scope may lead to any of its states."""
        states = cast("dict[str, Json]", value_at(self._value, (*scope, "States")))
        start = value_at(self._value, (*scope, "StartAt"))
        leads = [start, *(lead for state in states.values() for lead in _leads(state))]
        return self._names_are_open(scope) or any(
            holds_placeholder(lead) and lead not in states for lead in leads
        )


def _is_certain(held: Mapping[str, object], finding: Finding) -> bool:
    """Tell whether a finding about an object depends on none of its names and values."""
    if finding.rule in ("integration-arguments", "variable-name") and PLACEHOLDER.search(finding.message):
        return False
    if any(map(holds_placeholder, held)) and (
        "required" in finding.message or finding.message.startswith(ONE)
    ):
        return False
    # AWS tells of the paths in a payload at the object around them.
    return finding.rule not in ("payload-path", "intrinsic-syntax") or not any(
        holds_placeholder(item) and f"'{key}'" in finding.message for key, item in held.items()
    )


def _scope_of(place: Place, rule: str) -> Place:
    """Give the machine, branch or processor that a place is in which names a target."""
    if rule == "start-at-target":
        return place[:-1]
    return place[:-5] if isinstance(place[-2], int) else place[:-3]


def _leads(state: Json) -> Iterator[Json]:
    """Give what says where a state leads, be it the name of a state or something that is not known yet."""
    if not isinstance(state, dict):
        yield state
        return
    for field in ("Next", "Default", "Choices", "Catch"):
        item = state.get(field)
        for each in item if isinstance(item, list) else [item]:
            yield each.get("Next") if isinstance(each, dict) else each


def _refuse_shapeless(value: Json, fields: list[tuple[Place, Json, Field]]) -> None:
    """Refuse a placeholder that stands for more than a text, or for the name of a state."""
    for place, item, field in fields:
        for each in [item, *_parts(item, field)]:
            found = PLACEHOLDER.search(each) if isinstance(each, str) else None
            if found and (_gives_shape(field) or _leads_nowhere(value, place, item, field)):
                raise InvalidInput(
                    f"${{{found[1]}}} at {pointer(place)} has no value, and without one the definition has no "
                    f"shape: {how_to_fill(found[1])}"
                )


def _gives_shape(field: Field) -> bool:
    return field.kind in _SHAPES or field.name == "End" or field is UNNAMED


def _parts(item: Json, field: Field) -> Iterable[Json]:
    """Give the objects in a field that has several."""
    if field.kind == "states" and isinstance(item, dict):
        return item.values()
    if field.kind in ("retriers", "catchers", "choices", "branches") and isinstance(item, list):
        return item
    return ()


def _leads_nowhere(value: Json, place: Place, target: Json, field: Field) -> bool:
    """Tell whether a field names a state that is not there as long as placeholders are open."""
    if field.kind != "state":
        return False
    scope = place[:-1] if field.name == "StartAt" else _scope_of(place, "")
    states = value_at(value, (*scope, "States"))
    return isinstance(states, dict) and target not in states


def how_to_fill(name: str) -> str:
    """Say what to write for a placeholder that needs a value."""
    return f"write --substitute {name}=..., or load(..., substitutions={{{name!r}: ...}})"


def _read_by_runs(
    fields: list[tuple[Place, Json, Field]], found: tuple[Placeholder, ...]
) -> Iterator[Placeholder]:
    """Give the placeholders that a run would read: none in comments, and in names of states only as text."""
    passed: set[Place] = set()
    for place, item, field in fields:
        if field.name == "Comment" or field.kind == "state":
            passed.add(place)
        elif field.kind == "states" and isinstance(item, dict):
            passed.update((*place, name) for name in item)
    return (each for each in found if each.place not in passed)
