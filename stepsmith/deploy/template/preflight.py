"""Checks of a template before it is sent: references that lead nowhere, and definitions that AWS would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

from stepsmith.asl import check
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.template.partitions import PARTITION
from stepsmith.expressions.types import Json
from stepsmith.integrations.services.models import service_model

_PSEUDO: Final = frozenset(
    ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix", "AWS::StackId")
)
_HOLE: Final = re.compile(r"\$\{([^}!]+)\}")


def check_template(template: Mapping[str, Json]) -> None:
    """Raise DeploymentError for a reference to nothing, and for a definition that AWS would refuse."""
    problems = [*dangling(template), *bad_definitions(template)]
    if problems:
        raise DeploymentError("\n".join(problems))


def dangling(template: Mapping[str, Json]) -> list[str]:
    """Name the references to resources and parameters that the template does not have."""
    resources = _object(template.get("Resources"))
    known = {*resources, *_object(template.get("Parameters")), *_PSEUDO}
    found = [
        f"{place}: {name} is not in the template"
        for place, name in _references(template.get("Resources"), "")
        if name not in known
    ]
    for place, name in _references(template.get("Outputs"), "Outputs"):
        if name not in known:
            found.append(f"{place}: {name} is not in the template")
    return found


def bad_definitions(template: Mapping[str, Json]) -> list[str]:
    """Say what AWS would refuse in the definitions, and which of their placeholders nothing fills."""
    found: list[str] = []
    for name, resource in _object(template.get("Resources")).items():
        properties = _object(_object(resource).get("Properties"))
        if _object(resource).get("Type") != "AWS::StepFunctions::StateMachine":
            continue
        text = str(properties.get("DefinitionString"))
        given = _object(properties.get("DefinitionSubstitutions"))
        found += [f"{name}: nothing fills ${{{each}}}" for each in _HOLE.findall(text) if each not in given]
        text = _with_integrations(text, given)
        express = properties.get("StateMachineType") == "EXPRESS"
        findings = check(text, type="EXPRESS" if express else "STANDARD", services=service_model)
        found += [f"{name}: {finding}" for finding in findings if finding.severity == "ERROR"]
    return found


def _with_integrations(text: str, given: Mapping[str, Json]) -> str:
    """Give a definition with what its states call in place of the placeholders for that."""
    for name, value in given.items():
        match value:
            case {"Fn::Sub": str(arn)} if arn.startswith(f"arn:{PARTITION}:states:::"):
                text = text.replace(f"${{{name}}}", arn.replace(PARTITION, "aws"))
            case _:
                pass
    return text


def _references(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """Give place and name of each Ref, Fn::GetAtt and hole of Fn::Sub."""
    match value:
        case {"Ref": str(name), **rest} if not rest:
            yield place, name
        case {"Fn::GetAtt": [str(name), *_], **rest} if not rest:
            yield place, name
        case {"Fn::Sub": str(text), **rest} if not rest:
            yield from ((place, hole.partition(".")[0]) for hole in _HOLE.findall(text))
        case dict():
            for name, inner in value.items():
                yield from _references(inner, f"{place}.{name}" if place else name)
        case list():
            for number, inner in enumerate(cast("list[Json]", value)):
                yield from _references(inner, f"{place}[{number}]")
        case _:
            return


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
