"""Distributed Map: iterations as child executions."""

from __future__ import annotations

from stepsmith.asl.model import Map
from stepsmith.engine.fields.linking import Leave, Linking, compile_entry
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.kernel.children import Tolerance
from stepsmith.engine.kernel.frames import Execution, Frame, Node
from stepsmith.engine.maps.batches import ItemStream, Select
from stepsmith.engine.maps.distributed_fields import (
    compile_batching,
    compile_destination,
    compile_source,
    execution_type,
)
from stepsmith.engine.maps.items import compile_items, compile_selector, compile_tolerance
from stepsmith.engine.maps.map_run import MapRun
from stepsmith.expressions.types import Json


def link_distributed(node: Node, state: Map, linking: Linking, leave: Leave) -> None:
    """Compile the entry and the end of a distributed Map state into its node."""
    query = linking.is_query(state)
    program = linking.compile_child(state.item_processor, execution_type(state))
    source_of = compile_source(state.item_reader, query=query)
    items_of = None if source_of is not None else compile_items(state, query=query, objects=True)
    effective_of, select = compile_selector(state, query=query)
    batching_of = compile_batching(state.item_batcher, query=query)
    destination_of = compile_destination(state.result_writer, query=query)
    concurrency_of = compile_number(
        "MaxConcurrency", state.max_concurrency, state.max_concurrency_path, query=query
    )
    tolerance_of = compile_tolerance(state, query=query)

    def attempt(run: Execution, frame: Frame) -> None:
        given = [] if items_of is None else items_of(run, frame)
        concurrency = 0 if concurrency_of is None else concurrency_of(run, frame)
        frame.previous = run.event("MapStateStarted", frame.last, None, len(given))
        source = None if source_of is None else source_of(run, frame)
        batching = None if batching_of is None else batching_of(run, frame)
        destination = None if destination_of is None else destination_of(run, frame)
        tolerance = Tolerance(None, None) if tolerance_of is None else tolerance_of(run, frame)
        effective = frame.value if effective_of is None else effective_of(run, frame)
        stream = ItemStream(selecting(run, frame, effective), batching, None)
        if source is None:
            pairs = given.items() if isinstance(given, dict) else ((None, value) for value in given)
            stream.feed(((value, key, "STATE_DATA") for key, value in pairs), last=True)
        map_run = frame.work = MapRun(
            run,
            frame,
            node,
            label=state.label or run.random.uuid(),
            program=program,
            stream=stream,
            source=source,
            concurrency=concurrency,
            tolerance=tolerance,
            destination=destination,
            step=finish,
        )
        map_run.begin(run)

    def selecting(run: Execution, frame: Frame, effective: Json) -> Select | None:
        chosen = select
        if chosen is None:
            return None
        return lambda index, value, key, source: chosen(run, frame, effective, (index, value, key, source))

    def finish(run: Execution, frame: Frame) -> Node:
        (result, succeeded), frame.result = frame.result, None
        run.event("MapStateSucceeded", succeeded)
        return leave(run, frame, result, None)

    node.enter = compile_entry(node, attempt)
    node.attempt = attempt
