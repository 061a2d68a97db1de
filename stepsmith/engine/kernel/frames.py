"""Lines of control through compiled states, and what a state may ask of the execution it is in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from stepsmith.asl.model import StateMachine
from stepsmith.engine.history.records import Recorder
from stepsmith.engine.kernel.children import Child, DescribedMapRun
from stepsmith.engine.kernel.retry import CompiledRetrier
from stepsmith.engine.kernel.settings import MachineType, Settings, Status
from stepsmith.engine.kernel.timers import TimedT, Timer
from stepsmith.engine.ports import Command
from stepsmith.engine.values.failures import StateFailure
from stepsmith.engine.values.payload import Large
from stepsmith.expressions.scope import Randomness, Scope
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.expressions.jsonata import Environment

Step: TypeAlias = "Callable[[Execution, Frame], Node | None]"
"""Takes a frame through one state or part of one; gives the next state, or None when the frame has to wait or ended."""
CaughtStep: TypeAlias = "Callable[[Execution, Frame, StateFailure], Node]"
"""Leaves a state by a catcher: records the exit and gives the state to go to."""
Item: TypeAlias = "tuple[int, Json, str | None, str | None]"
"""Index, value, key and source of the item of an iteration, as Map.Item of the context object shows them."""


class CompiledCatcher:
    """One element of Catch."""

    __slots__ = ("errors", "leave")

    def __init__(self, errors: frozenset[str], leave: CaughtStep) -> None:
        self.errors = errors
        self.leave = leave


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


class Program:
    """A compiled state machine; any number of executions may share it."""

    __slots__ = ("flow", "is_wide", "machine", "timeout_seconds", "type", "uses_query")

    def __init__(
        self,
        machine: StateMachine,
        type: MachineType,
        flow: Flow,
        timeout_seconds: int | None,
        *,
        uses_query: bool,
        is_wide: bool,
    ) -> None:
        self.machine = machine
        self.type: MachineType = type
        self.flow = flow
        self.timeout_seconds = timeout_seconds
        self.uses_query = uses_query
        """Whether any state uses JSONata."""
        self.is_wide = is_wide
        """Whether payloads have to be measured before their text is made, however small they begin."""


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


class Join(Protocol):
    """What waits for the frames of a Parallel or Map state."""

    @property
    def owner(self) -> Frame:
        """The frame of the state itself."""
        ...

    def done(self, run: Execution, frame: Frame) -> None:
        """Take the output of a frame that ended well."""
        ...

    def failed(self, run: Execution, frame: Frame, failure: StateFailure) -> None:
        """End the other frames, and the state with this failure."""
        ...

    def abort(self, run: Execution, cause: int) -> None:
        """End all frames because of the event with id `cause`, which lies outside."""
        ...

    @property
    def place(self) -> str:
        """The place of the state in the execution, to which the index of a frame is added."""
        ...


class Work(Protocol):
    """What a blocked frame waits for: a task's attempt, a timer, branches or iterations."""

    def abort(self, run: Execution, cause: int) -> None:
        """Forget it because of the event with id `cause`: neither answer nor timer may reach the frame any more."""
        ...

    def revive(self, run: Execution, previous: int) -> bool:
        """Redo what did not end well, after the event with id `previous`; False if it has to be begun anew."""
        ...


class Receiver(Protocol):
    """What an answer is for: an attempt of a task, or a Map Run."""

    @property
    def run(self) -> Execution:
        """The execution it belongs to."""
        ...

    def succeed(self, run: Execution, output: Json, text: str) -> None:
        """Take the result of a task, with its text if that is known; a Map Run has none."""
        ...


class Agenda(Protocol):
    """What a state may put on the way: lines that can go on, commands, timers."""

    ready: deque[tuple[Execution, Frame, Step]]
    """What is to be done next, in order."""
    commands: list[Command]
    """What the outside is asked for."""
    waiting: dict[int, Receiver]
    """What waits for the answer to a command, by its id."""
    last_command: int

    def next_id(self) -> int:
        """Give the id of the next command."""
        ...

    def at(self, run: TimedT, due: float, fire: Callable[[TimedT], None]) -> Timer:
        """Set a timer."""
        ...


class Execution(Protocol):
    """What states, their fields and their Map Runs may ask of the execution they are in."""

    settings: Settings
    scope: Scope
    """What paths and intrinsic functions read; input and variables are set before each use."""
    random: Randomness
    environment: Environment | None
    """What JSONata expressions see of the time and of chance; None where no state uses JSONata."""
    record: Recorder
    """`last` has to be moved along."""
    last: int
    """Id of the newest event."""
    now: float
    frame: Frame
    """The line of control that is being taken further."""
    stored: dict[str, int] | None
    """Bytes of each variable, once there are large ones."""
    map_runs: tuple[DescribedMapRun, ...]
    """The Map Runs of distributed Maps, in the order of their start."""

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        ...

    @property
    def status(self) -> Status:
        """How it stands."""
        ...

    @property
    def scheduler(self) -> Agenda:
        """What is to be done, shared with its child executions."""
        ...

    def context(self) -> dict[str, Json]:
        """Give the context object as the current state sees it."""
        ...

    def event(self, kind: str, previous: int, subject: Any = None, payload: Any = None) -> int:
        """Record one event and give its id."""
        ...

    def text(self, value: Json, what: str) -> Any:
        """Give the text of a value, or a Large; raises States.DataLimitExceeded in the name of `what`."""
        ...

    def fail(self, frame: Frame, failure: StateFailure) -> Node | None:
        """Let Retry, Catch or what is around the state take a failure; gives the state to go on with."""
        ...

    def finish(self, frame: Frame) -> None:
        """End the execution well."""
        ...

    def drive(self, frame: Frame, step: Step) -> bool:
        """Take a frame as far as it goes without waiting; tells whether it was stopped on its way."""
        ...

    def resume_failed(self, frame: Frame, failure: StateFailure, *, inner: bool = False) -> None:
        """Let a frame whose work failed go on with that failure."""
        ...

    def wake(self, frame: Frame, due: float, step: Step) -> None:
        """Let a frame wait until an instant and then go on."""
        ...

    def child(
        self, program: Program, settings: Settings, input: Json, on_end: Callable[[Child], None]
    ) -> Child:
        """Start a child execution."""
        ...


def _unlinked(run: Execution, frame: Frame) -> Node | None:
    raise AssertionError(f"state {frame.node.name} is not linked")


def _end(run: Execution, frame: Frame) -> Node | None:
    join = frame.join
    if join is None:
        run.finish(frame)
    else:
        join.done(run, frame)
    return None


END: Final = Node("", "End")
"""What follows a state with End, or a Succeed state."""
END.enter = _end
