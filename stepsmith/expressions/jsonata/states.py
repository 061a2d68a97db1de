"""What Step Functions refuses in an expression when a definition is created."""

from __future__ import annotations

from stepsmith.expressions.jsonata.closures import references
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.expression import compile as compiled
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.frozen import frozen


@frozen
class Finding:
    """A refusal: the service's code and text, and the number of characters up to its place."""

    code: str
    message: str
    position: int | None


def check_for_states(text: str) -> list[Finding]:
    """The refusals of an expression, without its `{%` and `%}`; empty where the service takes it."""
    try:
        node = compiled(text).tree
    except JsonataError as error:
        return [Finding("INVALID_JSONATA_EXPRESSION", error.message, error.position)]
    found = [
        Finding(
            "UNSUPPORTED_JSONATA_EXPRESSION",
            f"Reference to '{reference.name}' at the top level is not supported.",
            reference.position,
        )
        for reference in references.top_level(node)
    ]
    found += [
        Finding("UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$$' is not supported.", inner.position)
        for inner in tree.walk(node)
        if inner.of == tree.Variable("$")
    ]
    return sorted(found, key=lambda finding: finding.position or 0)
