"""What explicit states are joined to: chains, and jumps to a state that is elsewhere in the chain.

States and chains are values. `a >> b` gives a `Chain` and writes nothing into `a`, and a method such as
`.assign(...)` gives a new state; so one state or tail can stand at the end of two handlers, and a state that was
defined once can be used in two machines. Where a state leads is known only to the `StateMachine` that its chain is in.
A state is identified by its name, which is why `goto(poll)` means the state called like `poll`, also when the chain
holds `poll.assign(...)`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Never, TypeVar, final

from stepsmith.expressions.typed.static_types import NEVER, Type

if TYPE_CHECKING:
    from stepsmith.authoring.explicit.states import State

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
