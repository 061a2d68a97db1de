"""Paths, payload templates and JSONata expressions wherever a field takes one."""

from __future__ import annotations

from typing import Final

from stepsmith.asl.checks import jsonata
from stepsmith.asl.checks.remarks import remark_on_template
from stepsmith.asl.checks.report import Report, Spot
from stepsmith.asl.checks.values import check_number, check_timestamp, expect
from stepsmith.asl.fields import Field
from stepsmith.errors import ExpressionError
from stepsmith.expressions.intrinsics import compile_call, is_call
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.jsonpath import Path, compile_path, compile_reference_path, is_reference
from stepsmith.expressions.types import Json

_TEXT_FUNCTIONS: Final = frozenset(
    {"Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"}
)
NO_EXPRESSION: Final = "JSONata string must start with {% and end with %}"
"""AWS's words for a text where an expression has to be (validation/preflight/half-open-expression)."""
_WITHOUT_CONTEXT: Final = frozenset(
    {
        "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath", "MaxItemsPath",
        "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath",
    }
)  # fmt: skip
"""Fields whose path may not lead into the context object (validation/floci/map-number-context-path)."""


def is_expression(text: str) -> bool:
    """True for a text that JSONata states evaluate."""
    return text.startswith("{%") and text.endswith("%}") and len(text) >= 4


def inner_text(text: str) -> str:
    """Give an expression without its delimiters."""
    return text[2:-2].strip()


def check_path(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a path into the data."""
    _path(report, value, place, rule="path-syntax")


def check_path_or_null(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check InputPath or OutputPath."""
    if value is not None:
        _path(report, value, place, rule="path-syntax")


def check_result_path(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check ResultPath, which must name one place that can be written to."""
    if value is None or not expect(report, value, ("STRING",), place, rule="result-path"):
        return
    try:
        compile_reference_path(str(value))
    except ExpressionError:
        _refuse_reference(report, value, place, rule="result-path")


def check_reference(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a path that must name one value."""
    if not expect(report, value, ("STRING",), place, rule="path-syntax"):
        return
    path = _compiled(value)
    if path is None or not is_reference(path) or (path.root == "context" and field.name in _WITHOUT_CONTEXT):
        _refuse_reference(report, value, place, rule="path-syntax")


def _refuse_reference(report: Report, value: Json, place: Place, *, rule: str) -> None:
    """Refuse a text that is no reference path, in the words of validation/tiny/Choice-004."""
    starts = isinstance(value, str) and value.startswith("$")
    told = "" if starts else ": Reference path didn't start with '$'"
    report.add(place, f"Value is not a Reference Path{told}", rule=rule)


def check_reference_or_intrinsic(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check ErrorPath or CausePath: a reference path, or a function that gives a text."""
    if not (isinstance(value, str) and is_call(value)):
        path = _path(report, value, place, rule="fail-path")
        if path is not None and not is_reference(path):
            _refuse_reference(report, value, place, rule="fail-path")
        return
    try:
        fits = compile_call(value).call.name in _TEXT_FUNCTIONS
    except ExpressionError:
        fits = False
    if not fits:
        report.add(
            place, "Value must be a valid JSONPath or a valid intrinsic function call", rule="fail-path"
        )


def check_operand_path(report: Report, value: Json, place: Place) -> None:
    """Check the path that a Choice rule's operand comes from."""
    _path(report, value, place, rule="choice-operand")


def check_variable(report: Report, value: Json, place: Place) -> None:
    """Check the Variable of a Choice rule."""
    if isinstance(value, str) and _compiled(value) is None:
        _refuse_reference(report, value, place, rule="choice-variable")
    else:
        _path(report, value, place, rule="choice-variable")


def _path(report: Report, value: Json, place: Place, *, rule: str) -> Path | None:
    if not expect(report, value, ("STRING",), place, rule=rule):
        return None
    path = _compiled(value)
    if path is None:
        report.add(place, "Value must be a valid JSONPath.", rule=rule)
    return path


def _compiled(value: Json) -> Path | None:
    try:
        return compile_path(str(value))
    except ExpressionError:
        return None


def check_template(report: Report, value: Json, place: Place) -> None:
    """Check a payload template: every key that ends in `.$`, however deep."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_template(report, item, (*place, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if not key.endswith(".$"):
                if isinstance(item, dict | list):
                    check_template(report, item, (*place, key))
                else:
                    remark_on_template(report, key, item, place)
                continue
            _template_value(report, key, item, place)
            if key[:-2] in value:
                message = f"The fields '{key[:-2]}' and '{key}' cannot both be given"
                report.add(place, message, rule="payload-duplicate-key")


def _template_value(report: Report, key: str, value: Json, place: Place) -> None:
    if isinstance(value, str):
        try:
            compile_call(value) if is_call(value) else compile_path(value)
        except ExpressionError:
            pass
        else:
            return
    report.add(
        place,
        f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call",
        rule="intrinsic-syntax" if isinstance(value, str) and not value.startswith("$") else "payload-path",
    )


def check_any(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a field of any JSON: a template in JSONPath states, expressions in JSONata states."""
    if spot.language == "JSONata":
        check_expressions(report, value, place, spot)
    else:
        check_template(report, value, place)


def check_expressions(report: Report, value: Json, place: Place, spot: Spot) -> None:
    """Check every text of a JSONata field, however deep."""
    if isinstance(value, str):
        if value.startswith("{%") or value.endswith("%}"):
            check_expression(report, value, place, spot)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_expressions(report, item, (*place, index), spot)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_expressions(report, item, (*place, key), spot)


def check_expression(report: Report, text: str, place: Place, spot: Spot) -> None:
    """Check one JSONata expression with its delimiters."""
    if not is_expression(text):
        if text.endswith("%}") and not text.startswith("{%") and "{%" in text:
            return  # a padded or embedded expression is a literal
        report.add(place, NO_EXPRESSION, rule="jsonata-delimiters")
        return
    inner = inner_text(text)
    seen = jsonata.look(inner)
    for found in seen.findings:
        rule = "jsonata-syntax" if found.code == "INVALID_JSONATA_EXPRESSION" else "jsonata-scope"
        report.add(place, found.message, rule=rule, code=found.code)
    for name in sorted(seen.results - spot.state_fields):
        message = f"Field '$states.{name}' does not exist."
        report.add(place, message, rule="jsonata-scope", code="UNSUPPORTED_JSONATA_EXPRESSION")


def check_number_or_expression(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check a number that a JSONata state may also compute."""
    if not (field.expression and spot.language == "JSONata" and isinstance(value, str)):
        check_number(report, value, place, field)
    elif is_expression(value):
        check_expression(report, value, place, spot)
    else:
        report.add(place, NO_EXPRESSION, rule="number-type")


def check_timestamp_or_expression(
    report: Report, value: Json, place: Place, field: Field, spot: Spot
) -> None:
    """Check a timestamp that a JSONata state may also compute."""
    if spot.language == "JSONata" and isinstance(value, str) and is_expression(value):
        check_expression(report, value, place, spot)
    else:
        check_timestamp(report, value, place)


def check_text_or_expression(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check the Error or Cause of a Fail state."""
    if expect(report, value, ("STRING",), place) and spot.language == "JSONata":
        check_expressions(report, value, place, spot)


def check_condition(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check the Condition of a Choice rule: true, false or an expression."""
    if isinstance(value, bool):
        return
    if isinstance(value, str) and is_expression(value):
        check_expression(report, value, place, spot)
    elif isinstance(value, str):
        report.add(place, NO_EXPRESSION, rule="choice-condition")
    else:
        report.add(place, "Condition must be a boolean or a JSONata expression", rule="choice-condition")
