"""Single values: texts, numbers, enumerations, timestamps, names of states, labels and variables."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from stepsmith.asl.checks.report import Report, Spot, kind_of
from stepsmith.asl.fields import Field
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

LONGEST_STATE: Final = 80
LONGEST_LABEL: Final = 40
LONGEST_VARIABLE: Final = 80
LONGEST_MACHINE: Final = 80
LONGEST_POINTER: Final = 1999
_NOT_IN_LABELS: Final = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]")
_NOT_IN_NAMES: Final = re.compile(
    r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)
_TIMESTAMP: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def is_label(text: str) -> bool:
    """True for a text that a Map Run may be labelled with."""
    return 1 <= len(text) <= LONGEST_LABEL and _NOT_IN_LABELS.search(text) is None


def is_resource_name(text: str) -> bool:
    """True for a text that a state machine, an execution or an activity may be named."""
    return 1 <= len(text) <= LONGEST_MACHINE and _NOT_IN_NAMES.search(text) is None


def is_variable(text: str) -> bool:
    """True for a text that a workflow variable may be named."""
    return len(text) <= LONGEST_VARIABLE and text.isidentifier()


def is_timestamp(text: str) -> bool:
    """True for a timestamp in the profile of RFC 3339 that the States Language asks for."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1] + "+00:00")
    except ValueError:
        return False
    return True


def expect(
    report: Report, value: Json, kinds: tuple[str, ...], place: Place, rule: str = "field-type"
) -> bool:
    """Put a finding unless the value has one of the types; True when it has."""
    if kind_of(value) in kinds:
        return True
    report.add(place, f"Expected value of type [{', '.join(kinds)}]", rule=rule)
    return False


def check_string(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a text."""
    expect(report, value, ("STRING",), place)


def check_boolean(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check true or false."""
    expect(report, value, ("BOOLEAN",), place)


def check_state_name(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a text that names a state; whether the state is there is another check."""
    expect(
        report,
        value,
        ("STRING",),
        place,
        rule="start-at-target" if field.name == "StartAt" else "transition-target",
    )


def check_enum(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check one of a few words."""
    if not isinstance(value, str):
        report.add(place, "Expected value of type [STRING]", rule=_enum_rule(field))
    elif value not in field.words:
        report.add(
            place, f"Value should be one of the following: [{', '.join(field.words)}]", rule=_enum_rule(field)
        )


def _enum_rule(field: Field) -> str:
    match field.name:
        case "QueryLanguage":
            return "bad-query-language"
        case "Version":
            return "bad-version"
        case "JitterStrategy":
            return "jitter-strategy"
        case "Mode" | "ExecutionType":
            return "processor-config"
        case "OutputType":
            return "result-writer"
        case "Transformation" if "COMPACT" in field.words:
            return "result-writer"
        case _:
            return "item-reader"


def check_number(report: Report, value: Json, place: Place, field: Field) -> None:
    """Check the type and range of a number."""
    whole = field.kind == "int"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        # AWS writes Java's types of numbers, otherwise than its other types (validation/tiny/Wait-004).
        report.add(place, f"Expected value of type {'Integer' if whole else 'Float'}", rule="number-type")
    elif field.low is not None and value < field.low:
        report.add(place, f"Minimum value is {_bound(field.low, whole)}", rule="number-range")
    elif field.high is not None and value > field.high:
        report.add(place, f"Maximum value is {_bound(field.high, whole)}", rule="number-range")


def _bound(bound: int, whole: bool) -> str:
    """Write a bound as Java does: `0.0` where fractions are allowed (validation/floci/map-number-percent-negative)."""
    return str(bound) if whole else f"{bound}.0"


def check_timestamp(report: Report, value: Json, place: Place) -> None:
    """Check a literal timestamp."""
    if expect(report, value, ("STRING",), place, rule="timestamp") and not is_timestamp(str(value)):
        report.add(place, "String does not match RFC3339 timestamp", rule="timestamp")


def check_strings(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a list of texts."""
    rule = "error-equals" if field.name == "ErrorEquals" else "item-reader"
    if not isinstance(value, list):
        report.add(place, "Expected value of type [ARRAY]", rule=rule)
    elif not value:
        report.add(place, "Value cannot be empty", rule=rule)
    else:
        for index, item in enumerate(value):
            expect(report, item, ("STRING",), (*place, index), rule=rule)


def check_pointer(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a JSON Pointer."""
    if not expect(report, value, ("STRING",), place, rule="item-reader"):
        return
    text = str(value)
    if text and not text.startswith("/"):
        message = f"Invalid input: JSON Pointer expression must start with '/': \"{text}\""
        report.add(place, message, rule="item-reader")
    elif len(text) > LONGEST_POINTER:
        message = f"A JSON Pointer must have less than {LONGEST_POINTER + 1} characters"
        report.add(place, message, rule="item-reader")
