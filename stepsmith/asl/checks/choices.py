"""The rules of Choice states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.asl.checks.expressions import check_operand_path, check_variable
from stepsmith.asl.checks.remarks import remark_on_operand
from stepsmith.asl.checks.report import ONE, Report
from stepsmith.asl.checks.values import expect, is_timestamp
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_COMPARISONS: Final = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    **{f"String{comparison}": ("STRING",) for comparison in (*_COMPARISONS, "Matches")},
    **{f"Numeric{comparison}": ("INTEGER", "NUMBER") for comparison in _COMPARISONS},
    **{f"Timestamp{comparison}": ("STRING",) for comparison in _COMPARISONS},
    "BooleanEquals": ("BOOLEAN",),
    **{
        f"Is{kind}": ("BOOLEAN",) for kind in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")
    },
}
_PATHS: Final = frozenset(
    f"{name}Path" for name in _KINDS if not name.startswith("Is") and name != "StringMatches"
)
OPERATORS: Final = frozenset(_KINDS) | _PATHS
"""The comparison operators of JSONPath rules."""
_FIRST: Final = ("StringEquals", "IsBoolean", "StringLessThan", "IsNumeric", "BooleanEquals")
_LISTED: Final = (*_FIRST, *sorted(OPERATORS - set(_FIRST)))
"""The operators as AWS lists them, as far as is known (validation/tiny/Choice-003)."""
_SELECTORS: Final = ("And", "Or", "Not", "Variable", "Condition")
LOGIC: Final = frozenset({"And", "Or", "Not"})
RULE_FIELDS: Final = OPERATORS | LOGIC | {"Variable"}
"""The fields that a rule has in JSONPath states only."""


def check_rule(report: Report, rule: Mapping[str, Json], place: Place) -> None:
    """Check the comparison or the logic of one JSONPath rule."""
    logic = [name for name in rule if name in LOGIC]
    operators = [name for name in rule if name in OPERATORS]
    if len(logic) + ("Variable" in rule) > 1:
        report.add(place, f"{ONE}{', '.join(_SELECTORS)}]", rule="choice-rule-shape")
    elif logic:
        if operators:
            report.add(place, f"Field '{operators[0]}' is not supported", rule="choice-rule-shape")
        _check_logic(report, logic[0], rule[logic[0]], (*place, logic[0]))
    elif "Variable" not in rule:
        fault = "These fields are required: [Variable]" if operators else f"{ONE}{', '.join(_SELECTORS)}]"
        report.add(place, fault, rule="choice-variable" if operators else "choice-rule-shape")
    else:
        check_variable(report, rule["Variable"], (*place, "Variable"))
        _check_comparison(report, rule, operators, place)


def _check_comparison(report: Report, rule: Mapping[str, Json], operators: list[str], place: Place) -> None:
    """Check that a rule about a variable compares it once."""
    if len(operators) != 1:
        start = "There should only be one of the following fields: [" if operators else ONE
        report.add(place, f"{start}{', '.join(_LISTED)}]", rule="choice-rule-shape")
    else:
        name = operators[0]
        _check_operand(report, name, rule[name], (*place, name))


def _check_operand(report: Report, name: str, value: Json, place: Place) -> None:
    if name in _PATHS:
        check_operand_path(report, value, place)
        return
    remark_on_operand(report, name, value, place)
    if (
        expect(report, value, _KINDS[name], place, rule="choice-operand")
        and name.startswith("Timestamp")
        and not is_timestamp(str(value))
    ):
        report.add(place, "String does not match RFC3339 timestamp", rule="choice-operand")


def _check_logic(report: Report, name: str, value: Json, place: Place) -> None:
    if name == "Not":
        if expect(report, value, ("OBJECT",), place, rule="choice-rule-shape"):
            _check_nested(report, value, place)
        return
    if not isinstance(value, list):
        report.add(place, "Expected value of type [ARRAY]", rule="choice-rule-shape")
    elif not value:
        report.add(place, "Value cannot be empty", rule="choice-rule-shape")
    else:
        for index, item in enumerate(value):
            if expect(report, item, ("OBJECT",), (*place, index), rule="choice-rule-shape"):
                _check_nested(report, item, (*place, index))


def _check_nested(report: Report, rule: Json, place: Place) -> None:
    assert isinstance(rule, dict)
    for name in rule:
        if name not in RULE_FIELDS and name != "Comment":
            rule_name = "choice-rule-next" if name == "Next" else "choice-rule-shape"
            report.add(place, f"Field '{name}' is not supported", rule=rule_name)
    check_rule(report, rule, place)
