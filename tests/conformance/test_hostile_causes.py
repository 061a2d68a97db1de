"""What hostile runs end with is said in the words of AWS, or of this package; never in Python's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service import load
from tests.conformance.hostile import entries, play
from tests.conformance.hostile_machines import Maker
from tests.shared_data import needs_shared

PYTHON = re.compile(
    r"""
    \bNoneType\b | 'Undefined' | \bUNDEFINED\b | Traceback | <class | <function | \bat\ 0x[0-9a-f] | \.py\b
    | \b(?:Type|Value|Key|Index|Attribute|Overflow|Recursion|UnicodeEncode|UnicodeDecode|ZeroDivision|Assertion|Lookup
        |Arithmetic|Memory|Runtime|OS|Name|Unbound\w+|NotImplemented|JSONDecode|Syntax|Stop\w+)Error\b
    | object\ has\ no | has\ no\ attribute | object\ is\ not | is\ not\ (?:subscriptable|iterable|callable)
    | unhashable | unsupported\ operand | not\ supported\ between | positional\ argument | keyword\ argument
    | index\ out\ of\ range | pop\ from
    | dictionary | math\ (?:domain|range) | [Oo]ut\ of\ range\ float | too\ large\ to
    | cannot\ convert | could\ not\ convert | invalid\ literal | must\ be\ str | must\ be\ real | maximum\ recursion
    | codec\ can | surrogates\ not | Exceeds\ the\ limit | integer\ division | division\ by\ zero | modulo\ by
    | [Ee]xpecting\ (?:value|property|') | Extra\ data | values\ to\ unpack | bad\ operand
    """,
    re.VERBOSE,
)
FROM_THE_OUTSIDE = re.compile(r'"stackTrace":\[.*?\]\}|"errorType":"Broken"', re.DOTALL)
"""What a function of the test has raised, which Lambda reports with its stack, too."""


def spoken(text: str) -> list[str]:
    """Give what is Python's in a cause."""
    return [found[0] for found in PYTHON.finditer(FROM_THE_OUTSIDE.sub("", text))]


def told(seed: int) -> list[str]:
    """Run the machine of a seed; gives every cause that its history or the door tells."""
    maker = Maker(seed)
    definition, given, tasks = maker.definition(), maker.input(), {"echo": lambda value: value}
    try:
        execution = load(json.dumps(definition)).run(given, tasks={**tasks, "fails": maker.failure()})
    except InvalidDefinition as refused:
        return [finding.message for finding in refused.findings]
    details: list[Any] = [value for event in execution.history for value in event.values()]
    causes = [str(each.get("cause", "")) for each in details if isinstance(each, dict)]
    return [*causes, execution.cause or ""]


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 1000, 100))
def test_no_machine_made_at_random_crashes_or_shows_pythons_words(start: int) -> None:
    shown = {
        (seed, word): cause
        for seed in range(start, start + 100)
        for cause in told(seed)
        for word in spoken(cause)
    }

    assert shown == {}


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("entry", entries("definition", "input"), ids=lambda entry: str(entry["id"]))
def test_no_hostile_input_shows_pythons_words(entry: dict[str, Any]) -> None:
    seen = play(entry)

    assert spoken(seen.get("text", "")) == []


@pytest.mark.parametrize(
    "cause",
    [
        "'Undefined' object has no attribute 'arity'",
        "math domain error",
        "unsupported operand type(s) for +: 'NoneType' and 'int'",
        "int too large to convert to float",
        "'utf-8' codec can't encode character",
        "Parameter validation failed: type: <class 'str'>",
        "KeyError('x')",
    ],
)
def test_pythons_words_are_known(cause: str) -> None:
    assert spoken(cause)
