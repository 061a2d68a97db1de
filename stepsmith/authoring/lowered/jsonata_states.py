"""Explicit states to the model, with values in JSONata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from stepsmith.asl import model
from stepsmith.asl.model import Value
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed.to_jsonata import to_output, to_template
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED, Json


def write(state: graph.State, inner: tuple[model.Branch, ...]) -> model.State:
    """Write one state; `inner` holds its branches or its processor, already written."""
    match state:
        case graph.Task():
            return model.Task(
                resource=state.resource,
                arguments=_value(state.arguments),
                timeout_seconds=_number(state.timeout_seconds),
                heartbeat_seconds=_number(state.heartbeat_seconds),
                credentials=cast("Mapping[str, Json] | None", _absent(state.credentials)),
                **_called(state),
            )
        case graph.Pass():
            return model.Pass(**_flowing(state))
        case graph.Wait():
            return model.Wait(
                seconds=_number(state.seconds),
                timestamp=cast("str | None", _absent(state.timestamp)),
                **_flowing(state),
            )
        case graph.Choice():
            return model.Choice(
                choices=tuple(map(_rule, state.rules)),
                default=state.next,
                assign=_assign(state.assign),
                output=_output(state.output),
                comment=state.comment,
            )
        case graph.Succeed():
            return model.Succeed(output=_output(state.output), comment=state.comment)
        case graph.Fail():
            return model.Fail(
                error=cast("str | None", _absent(state.error)),
                cause=cast("str | None", _absent(state.cause)),
                comment=state.comment,
            )
        case graph.Parallel():
            return model.Parallel(branches=inner, **_called(state))
        case graph.Map():
            return _map(state, inner[0])
        case graph.RawState():
            raise AssertionError("raw states are written by build")


def _map(state: graph.Map, processor: model.Branch) -> model.Map:
    reader, batcher, writer = state.item_reader, state.item_batcher, state.result_writer
    return model.Map(
        item_processor=model.ItemProcessor(
            start_at=processor.start_at,
            states=processor.states,
            processor_config=state.config,
            comment=processor.comment,
        ),
        items=_value(state.items),
        item_selector=_value(state.item_selector),
        item_reader=reader
        and model.ItemReader(
            resource=reader.resource, arguments=_value(reader.arguments), reader_config=reader.config
        ),
        item_batcher=batcher
        and model.ItemBatcher(
            max_items_per_batch=_number(batcher.max_items),
            max_input_bytes_per_batch=_number(batcher.max_bytes),
            batch_input=_value(batcher.batch_input),
        ),
        result_writer=writer
        and model.ResultWriter(
            resource=writer.resource, arguments=_value(writer.arguments), writer_config=writer.config
        ),
        max_concurrency=_number(state.max_concurrency),
        tolerated_failure_count=_number(state.tolerated_failure_count),
        tolerated_failure_percentage=_number(state.tolerated_failure_percentage),
        label=state.label,
        **_called(state),
    )


def _flowing(state: graph.Task | graph.Pass | graph.Wait | graph.Parallel | graph.Map) -> dict[str, Any]:
    return {
        "assign": _assign(state.assign),
        "output": _output(state.output),
        "next": state.next,
        "end": True if state.next is None else None,
        "comment": state.comment,
    }


def _called(state: graph.Task | graph.Parallel | graph.Map) -> dict[str, Any]:
    return {**_flowing(state), "retry": state.retry, "catch": tuple(map(_catcher, state.catch))}


def _catcher(catcher: graph.Catcher) -> model.Catcher:
    return model.Catcher(
        error_equals=catcher.errors,
        next=catcher.next,
        assign=_assign(catcher.assign),
        output=_output(catcher.output),
    )


def _rule(rule: graph.ChoiceRule) -> model.ChoiceRule:
    return model.ChoiceRule(
        condition=to_template(rule.condition),
        next=rule.next,
        assign=_assign(rule.assign),
        output=_output(rule.output),
    )


def _assign(assign: graph.Assign) -> Mapping[str, Json] | None:
    return {name: to_template(value) for name, value in assign.items()} or None


def _output(expression: Expression | None) -> Value:
    return UNDEFINED if expression is None else to_output(expression)


def _value(expression: Expression | None) -> Value:
    return UNDEFINED if expression is None else to_template(expression)


def _absent(expression: Expression | None) -> Json:
    return None if expression is None else to_template(expression)


def _number(expression: Expression | None) -> model.Number | None:
    return cast("model.Number | None", _absent(expression))
