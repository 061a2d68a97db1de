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
from stepsmith.expressions.jsonata.runtime.values import kind_of
from stepsmith.expressions.types import UNDEFINED, Json

_CONTAINS_FUNCTION: Final = "U1004"
_AS_THEY_ARE: Final[frozenset[type]] = frozenset({str, bool, dict, list, type(None)})
"""Types of values that an expression that only reads them gives as they are."""
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


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

    names = _names_read(expression)
    return run_expression if names is None else _compile_reading(names, extra, run_expression)


def _names_read(expression: jsonata.Expression) -> tuple[str, ...] | None:
    """Give the names that an expression reads in `$states`, one inside the other, if it does nothing else."""
    path = expression.tree.of
    if not isinstance(path, tree.Path):
        return None
    nodes = [step.node for step in path.steps]
    bare = [tree.Node(node.of, node.position) for node in nodes]
    steps = tuple(tree.Step(node, (), None, None, None, tuples=False, cons=False) for node in bare)
    if expression.tree != tree.Node(tree.Path(steps, False, False), expression.tree.position):
        return None  # something follows a step, or the whole
    names = [node.of.name for node in nodes[1:] if isinstance(node.of, tree.Name)]
    is_read = nodes[0].of == tree.Variable("states") and len(names) == len(nodes) - 1
    return tuple(names) if names and is_read and all(map(str.isascii, names)) else None


def _compile_reading(names: tuple[str, ...], extra: Extra, run_expression: Evaluate) -> Evaluate:
    """Compile what reads names in objects without the evaluator, which is for all else: the commonest expressions."""
    source, inner = names[0], names[1:]
    if source not in ("input", extra):
        return run_expression
    of_input = source == "input"

    def read(run: Execution, frame: Frame, given: Any) -> Json:
        value: Any = frame.value if of_input else given
        for name in inner:
            if kind_of(value) is not dict or name not in value:
                return run_expression(run, frame, given)
            value = value[name]
        kind = kind_of(value)
        if kind in _AS_THEY_ARE or (kind is int and _LEAST <= value <= _MOST):
            return value
        return run_expression(run, frame, given)

    return read


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
