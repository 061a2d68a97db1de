"""What AWS accepts and remarks on: text that looks like a path where nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stepsmith.asl.checks.report import Report
from stepsmith.errors import ExpressionError
from stepsmith.expressions.intrinsics import compile_call, is_call
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.jsonpath import compile_path
from stepsmith.expressions.types import Json

_LIKE_PATH: Final = re.compile(r"\$\$?[.\[]|States\.\w+\(")


def looks_evaluated(value: Json) -> bool:
    """True for a text that is a path or a call."""
    if not isinstance(value, str) or _LIKE_PATH.match(value) is None:
        return False
    try:
        compile_call(value) if is_call(value) else compile_path(value)
    except ExpressionError:
        return False
    return True


def remark_on_template(report: Report, key: str, value: Json, place: Place) -> None:
    """Remark on a field of a payload template that misses its `.$`."""
    if looks_evaluated(value):
        message = f"No '.$' on the field '{key}', whose value appears to be a JSONPath or an intrinsic function call"
        report.add(
            (*place, key), message, rule="payload-missing-dollar", code="NO_DOLLAR", severity="WARNING"
        )


def remark_on_operand(report: Report, name: str, value: Json, place: Place) -> None:
    """Remark on an operand of a Choice rule that misses its `Path`."""
    if looks_evaluated(value):
        message = f"No 'Path' on the field '{name}', whose value appears to be a JSONPath"
        report.add(place, message, rule="operand-looks-like-path", code="NO_PATH", severity="WARNING")


def remark_on_result(report: Report, result: Json, place: Place) -> None:
    """Remark on the Result of a Pass state that hopes to be evaluated."""
    if not isinstance(result, Mapping):
        if looks_evaluated(result):
            _static(report, place)
        return
    for key, value in result.items():
        if key.endswith(".$") or looks_evaluated(value):
            _static(report, (*place, key))


def _static(report: Report, place: Place) -> None:
    message = "The Result of a Pass state is static; paths and intrinsic functions in it are not evaluated"
    report.add(place, message, rule="pass-result-is-static", code="PASS_RESULT_IS_STATIC", severity="WARNING")
