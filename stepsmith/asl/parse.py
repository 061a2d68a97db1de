"""Definitions, as text, JSON or models, checked; and checked definitions to models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast

from stepsmith.asl.build import build, build_state
from stepsmith.asl.checks.machine import check_machine, check_state
from stepsmith.asl.checks.report import SCHEMA, MachineType, Report, Spot
from stepsmith.asl.checks.scopes import variable_references as references_of
from stepsmith.asl.model import QueryLanguage, State, StateMachine
from stepsmith.asl.render import render
from stepsmith.asl.services import Services, no_services
from stepsmith.diagnostics import Finding, InvalidDefinition
from stepsmith.expressions.json_scan import Place, scan
from stepsmith.expressions.json_text import InvalidJson, line_and_column, read
from stepsmith.expressions.types import Json

LARGEST: Final = 1_048_576
"""Bytes that a definition may have."""

_ALONE: Final = ("States", "StateName")
"""Where TestState says that a state stands which has no machine around it."""

Definition: TypeAlias = StateMachine | Mapping[str, Any] | str | bytes
"""What a definition may come as."""


def parse(
    definition: str | bytes | Mapping[str, Any],
    *,
    type: MachineType = "STANDARD",
    services: Services = no_services,
) -> StateMachine:
    """Turn a definition into the model; raises InvalidDefinition when AWS would refuse it for this type of machine.

    `services` gives the models of services, without which nothing is known of what they take.
    """
    text, value = read_definition(definition)
    found = check_machine(value, type, services).found
    errors = [each for each in found if each[1].severity == "ERROR"]
    if errors:
        raise InvalidDefinition(placed(text, errors))
    return build(cast("Mapping[str, Json]", value))


def parse_state(
    definition: str | bytes | Mapping[str, Any],
    *,
    query_language: QueryLanguage = "JSONPath",
    type: MachineType = "STANDARD",
) -> State:
    """Turn one state, as TestState takes it, into the model; raises InvalidDefinition. Its targets are not looked for.

    The query language is the one that the machine around it would have.
    """
    text, value = read_definition(definition)
    report = Report(machine_language=query_language)
    check_state(report, value, _ALONE[-1], _ALONE, Spot(query_language, type))
    errors = [(place[2:], finding) for place, finding in report.found if finding.severity == "ERROR"]
    if errors:
        raise InvalidDefinition(placed(text, errors))
    return build_state(cast("Mapping[str, Json]", value))


def check(
    definition: Definition, *, type: MachineType = "STANDARD", services: Services = no_services
) -> tuple[Finding, ...]:
    """Give everything AWS refuses or remarks on about a definition, for this type of machine.

    `services` gives the models of services, without which nothing is known of what they take.
    """
    try:
        text, value = read_definition(definition)
    except InvalidDefinition as error:
        return error.findings
    return placed(text, check_machine(value, type, services).found)


def variable_references(definition: Definition) -> dict[str, list[str]]:
    """Give each state that reads workflow variables, with their names, as DescribeStateMachine does."""
    _, value = read_definition(definition)
    return references_of(value) if isinstance(value, dict) else {}


def read_text(text: str | bytes) -> Json:
    """Read the JSON of a definition; raises InvalidDefinition."""
    size = len(text) if isinstance(text, bytes) else len(text.encode(errors="surrogatepass"))
    if size > LARGEST:
        message = f"The definition has more than {LARGEST} bytes"
        raise InvalidDefinition(
            [Finding("INVALID_JSON_DESCRIPTION", message, "", 1, 1, rule="definition-size")]
        )
    if not text.strip():
        message = "Definition must be a valid JSON object"
        raise InvalidDefinition([Finding(SCHEMA, message, "", 1, 1, rule="json-syntax")])
    try:
        return read(text)
    except InvalidJson as error:
        code = "TOO_DEEPLY_NESTED" if error.too_deep else "INVALID_JSON_DESCRIPTION"
        rule = "nesting" if error.too_deep else "json-syntax"
        finding = Finding(code, str(error), error.location, error.line, error.column, rule=rule)
        raise InvalidDefinition([finding]) from None


def read_definition(definition: Definition) -> tuple[str | None, Json]:
    """Give the text, if the definition came as one, and its JSON, which in any case has been through our reader."""
    if isinstance(definition, str | bytes):
        value = read_text(definition)
        return definition if isinstance(definition, str) else definition.decode(), value
    value = render(definition) if isinstance(definition, StateMachine) else definition
    try:
        return None, read_text(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"The definition is not JSON: {error}"
        raise InvalidDefinition(
            [Finding("INVALID_JSON_DESCRIPTION", message, "", rule="json-syntax")]
        ) from None


def placed(text: str | None, found: Sequence[tuple[Place, Finding]]) -> tuple[Finding, ...]:
    """Add line and column; a place that is not in the text stands for the closest one around it that is."""
    if text is None or not found:
        return tuple(finding for _, finding in found)
    offsets = dict(scan(text))
    placed: list[Finding] = []
    for place, finding in found:
        while place not in offsets:
            place = place[:-1]
        line, column = line_and_column(text, offsets[place])
        placed.append(replace(finding, line=line, column=column))
    return tuple(placed)
