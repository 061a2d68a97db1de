"""Map: runs its processor once for each item, inside the execution or in child executions."""

from __future__ import annotations

from stepsmith.asl.model import Map
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.catching import compile_catchers
from stepsmith.engine.fields.data_flow import compile_output
from stepsmith.engine.fields.linking import Linking, compile_leave
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import Node
from stepsmith.engine.maps.inline import link_inline
from stepsmith.engine.maps.items import is_distributed
from stepsmith.expressions.types import Undefined


def compile_map(node: Node, state: Map, linking: Linking) -> None:
    """Compile a Map state into its node."""
    query = linking.is_query(state)
    assign, names = compile_assign(state.assign, query=query, extra="result")
    if query:
        output = (
            None if isinstance(state.output, Undefined) else compile_value(state.output, "Output", "result")
        )
    else:
        output = compile_output(state.result_selector, state.result_path, state.output_path)
    leave = compile_leave("Map", node.name, output, assign, names, node.following)
    node.catchers = compile_catchers(node, state.catch, linking, query=query)
    if is_distributed(state):
        # Half of the engine's code for Maps; machines without a distributed one start faster.
        from stepsmith.engine.maps.distributed import link_distributed

        link_distributed(node, state, linking, leave)
    else:
        link_inline(node, state, linking, leave)
