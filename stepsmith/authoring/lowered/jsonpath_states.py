"""Explicit states to the model, with values as paths, payload templates, intrinsic calls and Choice rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from stepsmith.asl import model
from stepsmith.asl.build import build_rule
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.to_choice_rule import to_choice_rule
from stepsmith.expressions.typed.to_jsonpath import (
    NotInJsonPath,
    Root,
    is_path,
    to_call,
    to_member,
    to_path,
    to_payload,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED, Json

Fields: TypeAlias = dict[str, Any]
"""Attributes of a state of the model."""


def write(state: graph.State, inner: tuple[model.Branch, ...]) -> model.State:
    """Write one state; `inner` holds its branches or its processor.

    Raises DefinitionError for what JSONPath cannot say.
    """
    try:
        return _write(state, inner)
    except NotInJsonPath as error:
        help = "write it in another way, or leave the machine in JSONata"
        raise mistake("W320", f"state {state.name!r} in JSONPath: {error}", help, state) from None


def _write(state: graph.State, inner: tuple[model.Branch, ...]) -> model.State:
    match state:
        case graph.Task():
            return model.Task(
                resource=state.resource,
                parameters=_payload(state.arguments),
                credentials=None if state.credentials is None else _object(state.credentials, "input"),
                **_number("timeout_seconds", state.timeout_seconds),
                **_number("heartbeat_seconds", state.heartbeat_seconds),
                **_called(state),
            )
        case graph.Pass():
            return model.Pass(**_shaped(state), **_after(state))
        case graph.Wait():
            return model.Wait(
                assign=_assign(state.assign, "input"),
                **_output_path(state.output, "input"),
                **_number("seconds", state.seconds),
                **_number("timestamp", state.timestamp),
                **_after(state),
            )
        case graph.Choice():
            return model.Choice(
                choices=tuple(map(_rule, state.rules)),
                default=state.next,
                comment=state.comment,
                assign=_assign(state.assign, "input"),
                **_output_path(state.output, "input"),
            )
        case graph.Succeed():
            return model.Succeed(comment=state.comment, **_output_path(state.output, "input"))
        case graph.Fail():
            return model.Fail(
                comment=state.comment, **_text("error", state.error), **_text("cause", state.cause)
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
        items_path=None if state.items is None else to_path(state.items, "input", reference=True),
        item_selector=_payload(state.item_selector),
        item_reader=reader
        and model.ItemReader(
            resource=reader.resource, parameters=_payload(reader.arguments), reader_config=reader.config
        ),
        item_batcher=batcher
        and model.ItemBatcher(
            **_number("max_items_per_batch", batcher.max_items),
            **_number("max_input_bytes_per_batch", batcher.max_bytes),
            batch_input=_payload(batcher.batch_input),
        ),
        result_writer=writer
        and model.ResultWriter(
            resource=writer.resource, parameters=_payload(writer.arguments), writer_config=writer.config
        ),
        label=state.label,
        **_number("max_concurrency", state.max_concurrency),
        **_number("tolerated_failure_count", state.tolerated_failure_count),
        **_number("tolerated_failure_percentage", state.tolerated_failure_percentage),
        **_called(state),
    )


def _after(state: graph.Task | graph.Pass | graph.Wait | graph.Parallel | graph.Map) -> Fields:
    return {"next": state.next, "end": True if state.next is None else None, "comment": state.comment}


def _called(state: graph.Task | graph.Parallel | graph.Map) -> Fields:
    return {
        "assign": _assign(state.assign, "result"),
        "retry": state.retry,
        "catch": tuple(map(_catcher, state.catch)),
        **_selected(state.output),
        **_after(state),
    }


def _selected(output: Expression | None) -> Fields:
    """Shape the output of a state with a result: ResultSelector makes objects, OutputPath follows paths."""
    if isinstance(output, tree.ObjectOf):
        return {"result_selector": to_payload(output, "result")}
    return _output_path(output, "result")


def _shaped(state: graph.Pass) -> Fields:
    """Shape the output of a Pass state; `$` in its Assign is what Result or Parameters give, where there are such."""
    output = state.output
    fields: Fields
    match output:
        case tree.Constant(value=value):
            fields = {"result": value}
        case tree.ObjectOf():
            fields = {"parameters": to_payload(output, "input")}
        case _:
            return {"assign": _assign(state.assign, "input"), **_output_path(output, "input")}
    return {"assign": _assign(state.assign, "result"), **fields}


def _output_path(output: Expression | None, root: Root) -> Fields:
    if output is None:
        return {}
    if not is_path(output):
        raise NotInJsonPath(
            "its output is no path: give it in a Pass state before, as an object or a constant"
        )
    return {"output_path": to_path(output, root)}


def _catcher(catcher: graph.Catcher) -> model.Catcher:
    if catcher.output is not None:
        raise NotInJsonPath("a catcher gives the error output, and nothing else")
    return model.Catcher(
        error_equals=catcher.errors, next=catcher.next, assign=_assign(catcher.assign, "errorOutput")
    )


def _rule(rule: graph.ChoiceRule) -> model.ChoiceRule:
    if rule.output is not None:
        raise NotInJsonPath("a rule has no output of its own")
    return model.ChoiceRule(
        rule=build_rule(to_choice_rule(rule.condition)), next=rule.next, assign=_assign(rule.assign, "input")
    )


def _assign(assign: graph.Assign, root: Root) -> Mapping[str, Json] | None:
    return dict(to_member(name, value, root) for name, value in assign.items()) or None


def _payload(expression: Expression | None) -> Any:
    return UNDEFINED if expression is None else _object(expression, "input")


def _object(expression: Expression, root: Root) -> dict[str, Json]:
    if not isinstance(expression, tree.ObjectOf):
        raise NotInJsonPath("a payload template is an object")
    return to_payload(expression, root)


def _number(attribute: str, expression: Expression | None) -> Fields:
    match expression:
        case None:
            return {}
        case tree.Constant(value=value):
            return {attribute: value}
        case _:
            return {f"{attribute}_path": to_path(expression, "input", reference=True)}


def _text(attribute: str, expression: Expression | None) -> Fields:
    match expression:
        case None:
            return {}
        case tree.Constant(value=value):
            return {attribute: cast(str, value)}
        case _ if is_path(expression):
            return {f"{attribute}_path": to_path(expression, "input", reference=True)}
        case _:
            return {f"{attribute}_path": to_call(expression, "input")}
