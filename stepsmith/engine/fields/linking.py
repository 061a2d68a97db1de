"""What compiling one state needs to know of the machine around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from stepsmith.asl.model import Branch, ItemProcessor, QueryLanguage, State
from stepsmith.engine.fields.assign import Assign, compile_path_assign, compile_query_assign, names_of
from stepsmith.engine.fields.query import Extra
from stepsmith.engine.kernel.frames import END, Flow, Frame, Node, Step
from stepsmith.engine.kernel.settings import MachineType
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.engine.kernel.run import Run
    from stepsmith.engine.states.compiling import Program


@frozen
class Linking:
    """The states that a state may go to, and the machine's settings."""

    nodes: Mapping[str, Node]
    language: QueryLanguage
    """The query language of the machine."""
    compile_flow: Callable[[Branch | ItemProcessor], Flow]
    compile_child: Callable[[ItemProcessor, MachineType], Program]
    """Compiles the processor of a distributed Map, whose iterations are executions of their own."""

    def is_query(self, state: State) -> bool:
        """Tell whether a state uses JSONata."""
        return (state.query_language or self.language) == "JSONata"

    def following(self, next: str | None) -> Node:
        """Give the state named by Next, or END."""
        return END if next is None else self.nodes[next]


def compile_entry(node: Node, attempt: Step) -> Step:
    """Compile the entry of a state with work: record it and try for the first time."""
    kind, name = f"{node.kind}StateEntered", node.name

    def enter(run: Run, frame: Frame) -> Node | None:
        run.record((kind, run.now, frame.previous, name, frame.text))
        frame.entered = run.last = run.last + 1
        frame.retries = None
        frame.retry_count = 0
        frame.visits += 1
        return attempt(run, frame)

    return enter


def compile_assign(
    assign: Mapping[str, Json] | None, *, query: bool, location: str = "Assign", extra: Extra = None
) -> tuple[Assign | None, tuple[str, ...]]:
    """Compile an Assign field; gives the closure, if any, and the names it sets."""
    if not assign:
        return None, ()
    if query:
        return compile_query_assign(assign, location, extra), names_of(assign)
    return compile_path_assign(assign), names_of(assign)
