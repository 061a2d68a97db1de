"""States, and what they are joined to: chains, and jumps to a state that is elsewhere in the chain.

States and chains are values. `a >> b` gives a `Chain` and writes nothing into `a`, and a method such as
`.assign(...)` gives a new state; so one state or tail can stand at the end of two handlers, and a state that was
defined once can be used in two machines. Where a state leads is known only to the `StateMachine` that its chain is in.
A state is identified by its name, which is why `goto(poll)` means the state called like `poll`, also when the chain
holds `poll.assign(...)`.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from dataclasses import replace
from typing import Any, Generic, Never, Self, TypeVar, cast, final

from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed.static_types import NEVER, Type
from stepsmith.expressions.types import Json

T = TypeVar("T")
U = TypeVar("U")


class Flow(Generic[T]):
    """A state, a chain of states, or a jump; `T` is the type of what comes out at its end."""

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the state it begins with."""

    @property
    @abstractmethod
    def parts(self) -> tuple[State[Any] | Goto, ...]:
        """The states it is made of, in order; only the last can be a jump."""

    @property
    @abstractmethod
    def gives(self) -> Type:
        """The static type of what comes out at its end."""

    def __rshift__(self, after: Flow[U]) -> Chain[U]:
        """Give the chain of this and what comes after it."""
        return Chain(*self.parts, *after.parts)

    def __bool__(self) -> bool:
        raise TypeError(
            "a state is neither true nor false; `a >> b` joins two, and Choice(...).when(...) branches"
        )


class State(Flow[T]):
    """An explicit state. What all kinds of states share is here; use the kinds."""

    __slots__ = ("_gives", "data")

    data: graph.State
    """The state without its transitions."""

    def __init__(self, data: graph.State, gives: Type) -> None:
        self.data = data
        self._gives = gives

    @property
    def gives(self) -> Type:
        """The static type of its output."""
        return self._gives

    @property
    def name(self) -> str:
        """Its name."""
        return self.data.name

    @property
    def parts(self) -> tuple[State[Any] | Goto, ...]:
        """The state alone."""
        return (self,)

    def raw(self, **fields: Json) -> Self:
        """Lay fields over the state as they are, named as in the States Language."""
        if isinstance(self.data, graph.RawState):
            return self.changed(definition={**self.data.definition, **fields})
        return self.changed(raw={**self.data.raw, **fields})

    def comment(self, text: str) -> Self:
        """Give the state a comment."""
        return self.raw(Comment=text) if isinstance(self.data, graph.RawState) else self.changed(comment=text)

    def changed(self, **fields: object) -> Self:
        """Give the state with other data."""
        new = copy.copy(self)
        new.data = cast("graph.State", replace(cast(Any, self.data), **fields))
        return new

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


@final
class Chain(Flow[T]):
    """States one after the other."""

    __slots__ = ("_parts",)

    def __init__(self, *parts: State[Any] | Goto) -> None:
        for part in parts[:-1]:
            if isinstance(part, Goto):
                raise TypeError(f"nothing can follow goto({part.name!r})")
        self._parts = parts

    @property
    def name(self) -> str:
        """The name of its first state."""
        return self._parts[0].name

    @property
    def parts(self) -> tuple[State[Any] | Goto, ...]:
        """Its states in order."""
        return self._parts

    @property
    def gives(self) -> Type:
        """What its last state gives."""
        return self._parts[-1].gives

    def __repr__(self) -> str:
        return " >> ".join(map(repr, self._parts))


@final
class Goto(Flow[Never]):
    """A jump to a state that is elsewhere in the same chain."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The name of the state it leads to."""
        return self._name

    @property
    def parts(self) -> tuple[State[Any] | Goto, ...]:
        """The jump alone."""
        return (self,)

    @property
    def gives(self) -> Type:
        """Nothing: what follows a jump is elsewhere."""
        return NEVER

    def __repr__(self) -> str:
        return f"goto({self._name!r})"


def goto(state: Flow[Any] | str) -> Goto:
    """Lead back, or on, to a state of the same chain, given as the state or by its name."""
    return Goto(state if isinstance(state, str) else state.name)
