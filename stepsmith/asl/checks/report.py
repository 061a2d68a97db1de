"""Where checks put what they find, and what they know about the place they are at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from stepsmith.asl.model import QueryLanguage
from stepsmith.asl.services import Services, no_services
from stepsmith.diagnostics import Finding, Severity
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

MachineType: TypeAlias = Literal["STANDARD", "EXPRESS"]
SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
ONE: Final = "This object should have only one of the following fields: ["
NO_FIELDS: Final[frozenset[str]] = frozenset()


@dataclass(slots=True)
class Report:
    """The findings on one definition so far."""

    machine_language: QueryLanguage = "JSONPath"
    """The machine's own query language, which its states inherit however deep they lie."""
    services: Services = no_services
    """What is known of the services that tasks call."""
    unfilled: bool = False
    """Whether placeholders in a resource stand for what may be there."""
    found: list[tuple[Place, Finding]] = field(default_factory=list[tuple[Place, Finding]])
    """Findings with the place they point to."""

    def add(
        self, place: Place, message: str, *, rule: str, code: str = SCHEMA, severity: Severity = "ERROR"
    ) -> None:
        """Put one finding."""
        self.found.append((place, Finding(code, message, pointer(place), severity=severity, rule=rule)))


@frozen
class Spot:
    """What counts around the value that is looked at."""

    language: QueryLanguage
    """The query language in force."""
    machine_type: MachineType
    """STANDARD or EXPRESS; the child workflows of a Distributed Map may differ from the machine."""
    state_fields: frozenset[str] = NO_FIELDS
    """Which of `result` and `errorOutput` the variable `$states` has here."""


def pointer(place: Place) -> str:
    """Write a place as AWS does: `/States/A/Choices[0]/Next`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in place) or "/"


def kind_of(value: Json) -> str:
    """Name the JSON type of a value as AWS's messages do."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "BOOLEAN"
        case int():
            return "INTEGER"
        case float():
            return "NUMBER"
        case str():
            return "STRING"
        case list():
            return "ARRAY"
        case dict():
            return "OBJECT"
