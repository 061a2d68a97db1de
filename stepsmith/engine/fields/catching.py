"""Catch: what a state gives when one of its errors is caught."""

from __future__ import annotations

from stepsmith.asl.model import Catcher
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.data_flow import compile_output
from stepsmith.engine.fields.linking import Linking, compile_leave
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import CaughtStep, CompiledCatcher, Execution, Frame, Node
from stepsmith.engine.values.failures import StateFailure
from stepsmith.expressions.types import UNDEFINED, Json, Undefined


def error_output(failure: StateFailure) -> dict[str, Json]:
    """Give what a catcher sees of a failure."""
    return {"Error": failure.error, "Cause": failure.caught if failure.cause is None else failure.cause}


def compile_catchers(
    node: Node, catchers: tuple[Catcher, ...], linking: Linking, *, query: bool
) -> tuple[CompiledCatcher, ...]:
    """Compile the Catch field of a state."""
    return tuple(
        CompiledCatcher(
            frozenset(catcher.error_equals), _compile_leave(node, index, catcher, linking, query=query)
        )
        for index, catcher in enumerate(catchers)
    )


def _compile_leave(node: Node, index: int, catcher: Catcher, linking: Linking, *, query: bool) -> CaughtStep:
    place = f"Catch[{index}]/"
    assign, names = compile_assign(
        catcher.assign, query=query, location=f"{place}Assign", extra="errorOutput"
    )
    if not query:
        output = compile_output(UNDEFINED, catcher.result_path, UNDEFINED)
    elif isinstance(catcher.output, Undefined):
        output = None
    else:
        output = compile_value(catcher.output, f"{place}Output", "errorOutput")
    leave = compile_leave(node.kind, node.name, output, assign, names, linking.nodes[catcher.next])

    def caught(run: Execution, frame: Frame, failure: StateFailure) -> Node:
        following = leave(run, frame, error_output(failure), None)
        frame.token = None
        return following

    return caught
