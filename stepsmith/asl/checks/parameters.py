"""What is given to a service against what the service takes, at every depth: in definitions, and of calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from stepsmith.asl.checks.report import Report
from stepsmith.asl.integrations import ACCEPTED, ACTIONS, MODELS
from stepsmith.asl.model import QueryLanguage
from stepsmith.asl.placeholders import holds_placeholder
from stepsmith.asl.resources import Resource
from stepsmith.asl.services import Naming, ServiceModel, Services
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_RULE: Final = "integration-arguments"
_LITERALS: Final = frozenset({("lambda", "Payload")})
"""Members that hold JSON of the caller's own: where it is written out, no number (validation/sfnx/lambda-payload-*)."""


def check_parameters(
    report: Report, resource: Resource, given: Mapping[str, Json], place: Place, language: QueryLanguage
) -> None:
    """Check the parameters of an integration as far as they are written out in a definition."""
    for name in _missing(resource, given, report.services):
        report.add(place, f"The field '{name}' is required but was missing", rule=_RULE)
    for problem in _first_problem(resource, given, report.services, language):
        report.add(place, problem, rule=_RULE)


def unusable(resource: Resource, given: Mapping[str, Json], services: Services) -> list[str]:
    """Say in AWS's words why evaluated parameters start no task."""
    missing = [
        f"The field '{name}' is required but was missing" for name in _missing(resource, given, services)
    ]
    return missing + _first_problem(resource, given, services, None)


def _missing(resource: Resource, given: Mapping[str, Json], services: Services) -> Iterator[str]:
    if resource.kind == "optimised":
        for name in _required(resource, services):
            if name not in given and f"{name}.$" not in given:
                yield name


def _required(resource: Resource, services: Services) -> list[str]:
    named = list(ACTIONS[f"{resource.service}:{resource.action}"].required)
    model, shape = _input_of(resource, services)
    modelled = () if model is None or shape is None else model.required(shape, "optimised")
    return named + [name for name in modelled if name not in named]


def _input_of(resource: Resource, services: Services) -> tuple[ServiceModel | None, str | None]:
    """Give the model of a resource's service and the shape that the action takes; None where they are not known."""
    if resource.kind == "sdk":
        service, action = resource.service, resource.action
    else:
        service, _, action = MODELS.get(f"{resource.service}:{resource.action}", "").partition(":")
    model = services(service) if service else None
    operation = None if model is None else model.actions.get(action.lower())
    if model is None or operation is None:
        return None, None
    return model, model.input_of(operation)


def _first_problem(
    resource: Resource, given: Mapping[str, Json], services: Services, language: QueryLanguage | None
) -> list[str]:
    """Give the first problem alone; AWS names no second one (case lint-unknown-parameter-of-optimised-integration)."""
    return list(islice(_problems(resource, given, services, language), 1))


def _problems(
    resource: Resource, given: Mapping[str, Json], services: Services, language: QueryLanguage | None
) -> Iterator[str]:
    """Give what is wrong with parameters in a query language, or with evaluated ones."""
    naming: Naming = "sdk" if resource.kind == "sdk" else "optimised"
    accepted = ACCEPTED.get(f"{resource.service}:{resource.action}") if naming == "optimised" else None
    written = naming == "optimised" and language is not None
    model, shape = _input_of(resource, services)
    members: Mapping[str, str] = {}
    if model is not None:
        members = {} if shape is None else model.members(shape, naming)
    elif not accepted:
        return
    for key, value in given.items():
        if _is_open(key, language):
            continue
        if key not in (accepted or members):
            yield unsupported(key)
        elif written and (resource.service, key) in _LITERALS and isinstance(value, bool | int | float):
            yield f"The value of the field '{key}' has an invalid format"
        elif model is not None and key in members:
            yield from _value(model, members[key], value, naming, language)


def _value(
    model: ServiceModel, shape: str, value: Json, naming: Naming, language: QueryLanguage | None
) -> Iterator[str]:
    """Give the members inside one value that the service does not have; AWS makes a list of a single value."""
    if isinstance(value, list):
        inner = model.inner(shape) if model.kind(shape) == "list" else shape
        for item in value:
            yield from _value(model, inner, item, naming, language)
        return
    while model.kind(shape) == "list":
        shape = model.inner(shape)
    kind = model.kind(shape)
    if not isinstance(value, dict) or kind not in ("structure", "map"):
        return
    members = None if kind == "map" else model.members(shape, naming)
    for key, item in value.items():
        if _is_open(key, language):
            continue
        if members is not None and key not in members:
            yield unsupported(key)
        else:
            inner = model.inner(shape) if members is None else members[key]
            yield from _value(model, inner, item, naming, language)


def _is_open(key: str, language: QueryLanguage | None) -> bool:
    """Tell whether only the run, or whoever fills in placeholders, says what a member is; AWS then looks at it."""
    return (language == "JSONPath" and key.endswith(".$")) or (
        language is not None and holds_placeholder(key)
    )


def unsupported(name: str) -> str:
    """Word the refusal of a member that a service does not take."""
    return f'The field "{name}" is not supported by Step Functions'
