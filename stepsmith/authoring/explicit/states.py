"""Explicit states: what one writes where a workflow function cannot say it.

Each class holds a state as plain data (`stepsmith.authoring.lowered.graph`) without its transitions, and the flows
that its handlers, rules, branches or items go through; `link` makes a scope of plain states of them. Every method
gives a new state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Never, TypeVar, cast, final, overload

from stepsmith.asl.model import ProcessorConfig
from stepsmith.authoring.calls.retries import ErrorSpec
from stepsmith.authoring.explicit.chain import Flow
from stepsmith.authoring.explicit.items import item_variable
from stepsmith.authoring.explicit.kinds import AssigningState, CallingState, State, check_type, seconds_of
from stepsmith.authoring.explicit.reference import Reference, condition_of, expression_of
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.places import here
from stepsmith.authoring.values.types import error_name
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, NEVER, STR, ListType, TupleType, describe
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

T = TypeVar("T")
U = TypeVar("U")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")


@final
class Pass(AssigningState[T]):
    """A state that assigns variables or shapes its output."""

    __slots__ = ()

    def __init__(self: Pass[Any], name: str) -> None:
        super().__init__(graph.Pass(name=name, span=here()), ANY)

    def output(self, value: U) -> Pass[U]:
        """Give this instead of its input."""
        return cast("Pass[U]", self._giving(value))


@final
class Wait(AssigningState[Any]):
    """A state that waits for a time span or until a point in time."""

    __slots__ = ()

    def __init__(
        self, name: str, *, seconds: int | timedelta | None = None, timestamp: datetime | str | None = None
    ) -> None:
        if (seconds is None) == (timestamp is None):
            raise TypeError("a Wait state takes either seconds or a timestamp")
        data = graph.Wait(
            name=name,
            seconds=None if seconds is None else seconds_of("seconds", seconds, low=0),
            timestamp=None if timestamp is None else expression_of(timestamp),
            span=here(),
        )
        super().__init__(data, ANY)

    def output(self, value: U) -> Flow[U]:
        """Give this instead of its input. Comes last."""
        return cast("Flow[U]", self._giving(value))


@frozen
class Rule:
    """A condition of a Choice state and where it leads."""

    condition: Expression
    then: Flow[Any]


@final
class Choice(AssigningState[Any]):
    """A state that branches on conditions, the first that holds first.

    What follows it in the chain follows every branch that does not end, and is where it goes when no condition holds
    and there is no `otherwise`.
    """

    __slots__ = ("fallback", "rules")

    def __init__(self, name: str) -> None:
        super().__init__(graph.Choice(name=name, rules=(), span=here()), ANY)
        self.rules: tuple[Rule, ...] = ()
        self.fallback: Flow[Any] | None = None

    def when(self, condition: bool, then: Flow[Any]) -> Choice:
        """Go on with `then` where the condition holds."""
        new = self.changed()
        new.rules = (*self.rules, Rule(condition_of(condition), then))
        return new

    def otherwise(self, then: Flow[Any]) -> Choice:
        """Go on with `then` where no condition holds."""
        if self.fallback is not None:
            raise TypeError(f"Choice {self.name!r} already has an otherwise")
        new = self.changed()
        new.fallback = then
        return new


@final
class Succeed(State[T]):
    """A state that ends the state machine, branch or iteration well."""

    __slots__ = ()

    def __init__(self: Succeed[Any], name: str) -> None:
        super().__init__(graph.Succeed(name=name, span=here()), ANY)

    def output(self, value: U) -> Succeed[U]:
        """Give this instead of its input."""
        expression = expression_of(value)
        new = cast("Succeed[U]", self.changed(output=expression))
        new._gives = expression.type
        return new


@final
class Fail(State[Never]):
    """A state that ends the state machine, branch or iteration with an error, given as a class or by name."""

    __slots__ = ()

    def __init__(self, name: str, error: ErrorSpec | None = None, cause: str | None = None) -> None:
        given = error_name(error) if isinstance(error, type) else error
        data = graph.Fail(name=name, error=_text("error", given), cause=_text("cause", cause), span=here())
        super().__init__(data, NEVER)


def _text(what: str, value: object) -> Expression | None:
    if value is None:
        return None
    expression = expression_of(value)
    check_type(what, expression.type, STR)
    return expression


@final
class Parallel(CallingState[T]):
    """A state that runs branches side by side; its result is the tuple of what they give."""

    __slots__ = ("branches",)

    @overload
    def __init__(self: Parallel[tuple[A]], name: str, a: Flow[A], /) -> None: ...
    @overload
    def __init__(self: Parallel[tuple[A, B]], name: str, a: Flow[A], b: Flow[B], /) -> None: ...
    @overload
    def __init__(
        self: Parallel[tuple[A, B, C]], name: str, a: Flow[A], b: Flow[B], c: Flow[C], /
    ) -> None: ...
    @overload
    def __init__(
        self: Parallel[tuple[A, B, C, D]], name: str, a: Flow[A], b: Flow[B], c: Flow[C], d: Flow[D], /
    ) -> None: ...
    @overload
    def __init__(
        self: Parallel[tuple[A, B, C, D, E]],
        name: str,
        a: Flow[A],
        b: Flow[B],
        c: Flow[C],
        d: Flow[D],
        e: Flow[E],
        /,
    ) -> None: ...
    @overload
    def __init__(self: Parallel[tuple[F, ...]], name: str, /, *branches: Flow[F]) -> None: ...
    def __init__(self, name: str, /, *branches: Flow[Any]) -> None:
        kind = TupleType(tuple(branch.gives for branch in branches))
        result = tree.State(part="result", type=kind)
        super().__init__(graph.Parallel(name=name, branches=(), span=here()), kind, result)
        self.branches = branches


@final
class Map(CallingState[T]):
    """A state that goes through its body once for each item; its result is the list of what the body gives.

    `body` takes a reference to the item. With `distributed`, every iteration is an execution of its own, of this type,
    and cannot see the variables outside it.
    """

    __slots__ = ("body",)

    def __init__(
        self: Map[list[U]],
        name: str,
        items: Sequence[A],
        body: Callable[[A], Flow[U]],
        /,
        *,
        max_concurrency: int | None = None,
        distributed: Literal["STANDARD", "EXPRESS"] | None = None,
        tolerated_failure_count: int | None = None,
        tolerated_failure_percentage: float | None = None,
        label: str | None = None,
    ) -> None:
        source = expression_of(items)
        if not isinstance(source.type, ListType) and source.type != ANY:
            raise TypeError(f"the items of Map {name!r} are {describe(source.type)}, not a list")
        kind = source.type.item if isinstance(source.type, ListType) else ANY
        item = item_variable(name, kind)
        self.body: Flow[Any] = body(cast("A", Reference(item)))
        result = ListType(self.body.gives)
        data = graph.Map(
            name=name,
            processor=graph.Scope(states=()),
            items=source,
            config=distributed and ProcessorConfig(mode="DISTRIBUTED", execution_type=distributed),
            max_concurrency=_constant(max_concurrency),
            tolerated_failure_count=_constant(tolerated_failure_count),
            tolerated_failure_percentage=_constant(tolerated_failure_percentage),
            label=label,
            span=here(),
        )
        super().__init__(data, result, tree.State(part="result", type=result))


def _constant(value: object) -> Expression | None:
    return None if value is None else expression_of(value)


@final
class RawState(State[Any]):
    """A state in the words of the States Language. `Next` or `End` is added where neither is there."""

    __slots__ = ()

    def __init__(self, name: str, definition: Mapping[str, Json]) -> None:
        super().__init__(graph.RawState(name=name, definition=definition, span=here()), ANY)
