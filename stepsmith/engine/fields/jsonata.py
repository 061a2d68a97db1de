"""One JSONata expression in a state: what it sees of the execution, and how its failures read."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

from stepsmith.engine.fields.expressions import Evaluate, Extra
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.engine.values.failures import evaluation
from stepsmith.expressions import jsonata
from stepsmith.expressions.jsonata import JsonataError
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.types import UNDEFINED, Json

_CONTAINS_FUNCTION: Final = "U1004"


def compile_expression(text: str, location: str, extra: Extra) -> Evaluate:
    """Compile an expression, without delimiters, to what gives its value or fails in AWS's words."""
    expression = jsonata.compile(text)
    evaluate = expression.run
    about = f"The JSONata expression '{text}' specified for the field '{location}' "
    states_of = _compile_states(_states_fields(expression), extra)
    alone = expression.is_self_contained

    def run_expression(run: Execution, frame: Frame, given: Any) -> Json:
        states = None if states_of is None else states_of(run, frame, given)
        try:
            value = evaluate(states, frame.variables, None if alone else run.environment)
        except JsonataError as error:
            if error.code == _CONTAINS_FUNCTION:
                raise evaluation(about + "returned an unsupported result type.", location) from None
            raise evaluation(about + error.sentence(_identifiers(run)), location) from None
        if value is UNDEFINED:
            raise evaluation(about + "returned nothing (undefined).", location)
        if jsonata.is_function(value):
            raise evaluation(about + "returned an unsupported result type.", location)
        return value  # type: ignore[return-value]  # pyright: ignore[reportReturnType] - functions are gone

    return run_expression


def _identifiers(run: Execution) -> Callable[[], str]:
    return (run.environment or jsonata.SYSTEM).uuid


@lru_cache(maxsize=4096)
def _states_fields(expression: jsonata.Expression) -> frozenset[str] | None:
    """Give the fields of `$states` that an expression reads; None if it may read any."""
    uses = sum(node.of == tree.Variable("states") for node in jsonata.walk(expression.tree))
    named = sum(_reads_field(node) for node in jsonata.walk(expression.tree))
    return expression.states_fields if uses == named else None


def _reads_field(node: jsonata.Node) -> bool:
    if not isinstance(node.of, tree.Path) or len(node.of.steps) < 2:
        return False
    first, second = (step.node.of for step in node.of.steps[:2])
    return first == tree.Variable("states") and isinstance(second, tree.Name)


StatesOf: TypeAlias = "Callable[[Execution, Frame, Any], Json]"


def _compile_states(fields: frozenset[str] | None, extra: Extra) -> StatesOf | None:
    """Compile what makes `$states`, with only the fields that the expression reads; None for all of them."""
    if fields is not None and not fields:
        return None
    wants_input = fields is None or "input" in fields
    wants_context = fields is None or "context" in fields
    wanted_extra = extra if extra is not None and (fields is None or extra in fields) else None

    def states_of(run: Execution, frame: Frame, given: Any) -> Json:
        states: dict[str, Json] = {}
        if wants_input:
            states["input"] = frame.value
        if wants_context:
            states["context"] = run.context()
        if wanted_extra is not None:
            states[wanted_extra] = given
        return states

    return states_of
