"""A line of control through the states of a machine, a branch or an iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from stepsmith.engine.values.failures import StateFailure
from stepsmith.engine.values.payload import Large
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.engine.kernel.retry import CompiledCatcher, CompiledRetrier
    from stepsmith.engine.kernel.run import Run

Step: TypeAlias = "Callable[[Run, Frame], Node | None]"
"""Takes a frame through one state or part of one; gives the next state, or None when the frame has to wait or ended."""
Item: TypeAlias = "tuple[int, Json, str | None, str | None]"
"""Index, value, key and source of the item of an iteration, as Map.Item of the context object shows them."""


class Node:
    """A compiled state, linked to the states that follow it."""

    __slots__ = ("attempt", "catchers", "enter", "following", "kind", "name", "retriers")

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind
        """The state's Type."""
        self.enter: Step = _unlinked
        """Enters the state."""
        self.attempt: Step = _unlinked
        """Tries the work of the state once more, for Retry."""
        self.following: Node = self
        """Next, or END."""
        self.retriers: tuple[CompiledRetrier, ...] = ()
        self.catchers: tuple[CompiledCatcher, ...] = ()


class Flow:
    """The compiled states of a machine, a branch or an item processor."""

    __slots__ = ("nodes", "start")

    def __init__(self, nodes: Mapping[str, Node], start: Node) -> None:
        self.nodes = nodes
        self.start = start


class Join(Protocol):
    """What waits for the frames of a Parallel or Map state."""

    @property
    def owner(self) -> Frame:
        """The frame of the state itself."""
        ...

    def done(self, run: Run, frame: Frame) -> None:
        """Take the output of a frame that ended well."""
        ...

    def failed(self, run: Run, frame: Frame, failure: StateFailure) -> None:
        """End the other frames, and the state with this failure."""
        ...

    def abort(self, run: Run, cause: int) -> None:
        """End all frames because of the event with id `cause`, which lies outside."""
        ...

    @property
    def place(self) -> str:
        """The place of the state in the execution, to which the index of a frame is added."""
        ...


class Work(Protocol):
    """What a blocked frame waits for: a task's attempt, a timer, branches or iterations."""

    def abort(self, run: Run, cause: int) -> None:
        """Forget it because of the event with id `cause`: neither answer nor timer may reach the frame any more."""
        ...

    def revive(self, run: Run, previous: int) -> bool:
        """Redo what did not end well, after the event with id `previous`; False if it has to be begun anew."""
        ...


class Frame:
    """Where a line of control stands and what it holds."""

    __slots__ = (
        "entered",
        "index",
        "item",
        "join",
        "live",
        "node",
        "previous",
        "redo",
        "result",
        "retries",
        "retry_count",
        "text",
        "token",
        "value",
        "variables",
        "visits",
        "work",
    )

    def __init__(
        self,
        node: Node,
        value: Json,
        text: str | Large,
        previous: int,
        variables: Mapping[str, Json],
        join: Join | None = None,
        index: int = 0,
        item: Item | None = None,
    ) -> None:
        self.node = node
        """The current state."""
        self.value = value
        """The input of the current state; never changed in place."""
        self.text: Any = text
        """Its text, or a Large in its place."""
        self.previous = previous
        """Id of the last event on this line of control."""
        self.entered = 0
        """Id of the entered event of the current state."""
        self.variables = variables
        """The variables in scope; replaced, not changed, by Assign."""
        self.join = join
        self.index = index
        self.item = item
        self.live = True
        self.retries: list[int] | None = None
        """How often each retrier of the current state has been used."""
        self.retry_count = 0
        self.token: str | None = None
        self.visits = 0
        """How many Task states this line has entered."""
        self.work: Work | None = None
        self.redo: Work | None = None
        """The work that did not end well, for a redrive."""
        self.result: Any = None
        """What a finished task or Join gives to the step that goes on."""

    @property
    def last(self) -> int:
        """Id of the last event on this line of control, the entered event of the current state included."""
        return max(self.previous, self.entered)

    @property
    def path(self) -> str:
        """The place of this line of control in the execution, such as `/Each.3/Both.1`."""
        return "" if self.join is None else f"{self.join.place}{self.index}"


def _unlinked(run: Run, frame: Frame) -> Node | None:
    raise AssertionError(f"state {frame.node.name} is not linked")


def _end(run: Run, frame: Frame) -> Node | None:
    join = frame.join
    if join is None:
        run.finish(frame)
    else:
        join.done(run, frame)
    return None


END: Final = Node("", "End")
"""What follows a state with End, or a Succeed state."""
END.enter = _end
