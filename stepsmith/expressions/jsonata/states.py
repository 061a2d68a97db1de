"""What Step Functions refuses in an expression when a definition is created."""

from __future__ import annotations

from typing import Final

from stepsmith.expressions.jsonata.closures import references
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.expression import compile as compiled
from stepsmith.expressions.jsonata.expression import read_tree
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.frozen import frozen

_NOTHING: Final[frozenset[str]] = frozenset()
_RESULTS: Final = frozenset({"result", "errorOutput"})


@frozen
class Finding:
    """A refusal: the service's code and text, and the number of characters up to its place."""

    code: str
    message: str
    position: int | None


@frozen
class Look:
    """What can be told of an expression without evaluating it."""

    findings: tuple[Finding, ...]
    """The refusals; empty where the service takes it."""
    results: frozenset[str] = _NOTHING
    """Which of `result` and `errorOutput`, which are there at times only, it reads of `$states` by name."""
    references: frozenset[str] = _NOTHING
    """The workflow variables that it reads."""


def check_for_states(text: str) -> list[Finding]:
    """The refusals of an expression, without its `{%` and `%}`; empty where the service takes it."""
    return list(look(text).findings)


def look(text: str) -> Look:
    """Look through an expression, without its `{%` and `%}`."""
    try:
        # the patterns of regular expressions are looked at when they are compiled, and nothing else is
        node = compiled(text).tree if "/" in text else read_tree(text)
    except JsonataError as error:
        return Look((Finding("INVALID_JSONATA_EXPRESSION", error.message, error.position),))
    found = [
        Finding(
            "UNSUPPORTED_JSONATA_EXPRESSION",
            f"Reference to '{reference.name}' at the top level is not supported.",
            reference.position,
        )
        for reference in references.top_level(node)
    ]
    if "$$" in text:
        found += [
            Finding("UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$$' is not supported.", inner.position)
            for inner in tree.walk(node)
            if inner.of == tree.Variable("$")
        ]
    states = text.count("$states")
    return Look(
        tuple(sorted(found, key=lambda finding: finding.position or 0)),
        # nothing is looked for that the text cannot hold
        references.states_fields(node) & _RESULTS if states and _may_hold_result(text) else _NOTHING,
        references.free_variables(node) - {"states"} if text.count("$") > states else _NOTHING,
    )


def _may_hold_result(text: str) -> bool:
    return "result" in text or "errorOutput" in text or "\\" in text
