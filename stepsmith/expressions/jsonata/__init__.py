"""JSONata 2.0.6: the query language of Step Functions, compiled to closures over plain JSON values.

The rooms, from the ground up: `runtime` (values and bounds), `regex`, `grammar` (text to tree), `functions`, `closures`
(tree to closures); `expression.py` is the door. It touches nothing but the errors of the package and the JSON types.
"""

from __future__ import annotations

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.expression import Expression, compile, to_json  # the name the field uses
from stepsmith.expressions.jsonata.grammar.tree import Node, walk
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.limits import (
    AWS_LIMITS,
    PROCESSOR_TIME,
    REFERENCE_LIMITS,
    SYSTEM,
    Environment,
    Limits,
)
from stepsmith.expressions.jsonata.runtime.values import is_function
from stepsmith.expressions.jsonata.states import Finding, Look, check_for_states, look
from stepsmith.expressions.types import UNDEFINED

__all__ = [
    "AWS_LIMITS",
    "PROCESSOR_TIME",
    "REFERENCE_LIMITS",
    "SYSTEM",
    "UNDEFINED",
    "Dialect",
    "Environment",
    "Expression",
    "Finding",
    "JsonataError",
    "Limits",
    "Look",
    "Node",
    "check_for_states",
    "compile",
    "is_function",
    "look",
    "to_json",
    "walk",
]
