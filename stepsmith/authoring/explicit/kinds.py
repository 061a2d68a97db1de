"""What several kinds of explicit states share: assigning variables, having a result, and failing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self, TypedDict, TypeVar, cast

from stepsmith.authoring.calls.retries import ErrorSpec, Retry, check_policies, names_of
from stepsmith.authoring.explicit.chain import Flow, State
from stepsmith.authoring.explicit.reference import Reference, expression_of
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import seconds
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.authoring.source.places import here
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, INT, TupleType, Type, assignable, describe
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

T = TypeVar("T")
U = TypeVar("U")


class ErrorOutput(TypedDict):
    """What a catcher hands over."""

    Error: str
    """The error name."""
    Cause: str
    """What is known about the cause; JSON text where a Lambda function raised."""


@frozen
class Handler:
    """Where a state leads when it fails with one of these errors."""

    errors: tuple[str, ...]
    then: Flow[Any]
    error: str | None
    """The variable that takes the error output."""


def name_of(variable: object) -> tuple[str, Type]:
    """Give name and type of a variable. Raises TypeError for what is not a variable."""
    expression = expression_of(variable)
    if not isinstance(variable, Reference) or not isinstance(expression, tree.Variable):
        raise TypeError(
            "a value is assigned to what variable() or optional_variable() gives, and to nothing else"
        )
    return expression.name, expression.type


def check_type(what: str, source: Type, target: Type) -> None:
    """Raise DefinitionError where a value of one type cannot stand where the other is expected."""
    if source != ANY and not assignable(source, target):
        raise mistake(
            "W310",
            f"{what} is {describe(target)}, got {describe(source)}",
            "give it a value of its type",
            here(),
        )


def _assignments(targets: object, result: Expression) -> dict[str, Expression]:
    if isinstance(targets, tuple):
        parts = cast("tuple[object, ...]", targets)
        kinds = result.type.items if isinstance(result.type, TupleType) else (ANY,) * len(parts)
        if len(kinds) != len(parts):
            raise TypeError(f"{len(parts)} variables for a result of {len(kinds)} parts")
        elements = (
            tree.Item(value=result, index=tree.Constant(value=index, type=INT), type=kind)
            for index, kind in enumerate(kinds)
        )
        pairs = list(zip(parts, elements, strict=True))
    else:
        pairs = [(targets, result)]
    found: dict[str, Expression] = {}
    for target, value in pairs:
        name, kind = name_of(target)
        check_type(f"variable {name!r}", value.type, kind)
        found[name] = value
    return found


class AssigningState(State[T]):
    """A state that can assign variables."""

    __slots__ = ()

    def let(self, variable: U, value: U) -> Self:
        """Assign a value to a variable. Raises DefinitionError when it is not of the variable's type."""
        name, kind = name_of(variable)
        expression = expression_of(value)
        check_type(f"variable {name!r}", expression.type, kind)
        return self._assigned({name: expression})

    def _assigned(self, values: graph.Assign) -> Self:
        return self.changed(assign={**cast(Any, self.data).assign, **values})

    def _giving(self, value: object) -> Self:
        expression = expression_of(value)
        new = self.changed(output=expression)
        new._gives = expression.type
        return new


class CallingState(AssigningState[T]):
    """A state that has a result and can fail."""

    __slots__ = ("handlers", "result")

    result: Expression
    """Its result, as `$states.result` holds it."""
    handlers: tuple[Handler, ...]

    def __init__(self, data: graph.State, gives: Type, result: Expression) -> None:
        super().__init__(data, gives)
        self.result = result
        self.handlers = ()

    def assign(self, variable: T) -> Self:
        """Assign the result to a variable of its type, or its parts to a tuple of variables."""
        return self._assigned(_assignments(variable, self.result))

    def retry(self, *policies: Retry) -> Self:
        """Call again when it fails, by the first of these policies that names the error; instead of any before."""
        return self.changed(retry=tuple(policy.retrier() for policy in check_policies(policies)))

    def catch(self, *errors: ErrorSpec, then: Flow[Any], error: object = None) -> Self:
        """Go on with `then` when it fails with one of these errors, or with any where none is given.

        `error` is the variable that takes the error output. A `then` that does not end leads to what follows the state.
        """
        variable = None if error is None else name_of(error)[0]
        new = self.changed()
        new.handlers = (*self.handlers, Handler(names_of(errors), then, variable))
        return new

    def output(self, value: U) -> Flow[U]:
        """Give this instead of the result. Comes last."""
        return cast("Flow[U]", self._giving(value))


def seconds_of(what: str, value: object, *, low: int = 1) -> Expression | None:
    """Give a duration in seconds as an expression. Raises ValueError where it is not whole or out of bounds."""
    if isinstance(value, Reference):
        check_type(what, expression_of(value).type, INT)
        return expression_of(value)
    if not isinstance(value, int | timedelta | None) or isinstance(value, bool):
        raise TypeError(f"{what} is a timedelta or a number of seconds, not {type(value).__name__}")
    return seconds(what, value, low=low)
