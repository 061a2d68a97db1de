"""Plain states to states of the model; how values are written is the query language's own."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from stepsmith.asl import model
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed.tree import Expression

Fields: TypeAlias = dict[str, Any]
"""Attributes of a state of the model, or of a part of one."""


class Language(Protocol):
    """How a query language writes values; each method gives the attributes to set, none where there is no value."""

    def payload(self, attribute: str, value: Expression | None) -> Fields:
        """Write what is handed to a service, a processor or a reader."""
        ...

    def items(self, value: Expression | None) -> Fields:
        """Write what a Map state goes through."""
        ...

    def scalar(self, attribute: str, value: Expression | None) -> Fields:
        """Write a number or a timestamp."""
        ...

    def text(self, attribute: str, value: Expression | None) -> Fields:
        """Write the error or cause of a Fail state."""
        ...

    def shape(self, state: graph.Shaping) -> Fields:
        """Write what a state assigns and gives."""
        ...

    def catcher(self, catcher: graph.Catcher) -> Fields:
        """Write what is assigned and given on the way to a handler."""
        ...

    def rule(self, rule: graph.ChoiceRule) -> Fields:
        """Write a condition, and what is assigned and given where it holds."""
        ...


def write(state: graph.State, inner: tuple[model.Branch, ...], language: Language) -> model.State:
    """Write one state; `inner` holds its branches or its processor, already written."""
    match state:
        case graph.Task():
            return model.Task(
                resource=state.resource,
                **language.payload("arguments", state.arguments),
                **language.payload("credentials", state.credentials),
                **language.scalar("timeout_seconds", state.timeout_seconds),
                **language.scalar("heartbeat_seconds", state.heartbeat_seconds),
                **_called(state, language),
            )
        case graph.Pass():
            return model.Pass(**_flowing(state, language))
        case graph.Wait():
            return model.Wait(
                **language.scalar("seconds", state.seconds),
                **language.scalar("timestamp", state.timestamp),
                **_flowing(state, language),
            )
        case graph.Choice():
            choices = tuple(model.ChoiceRule(next=rule.next, **language.rule(rule)) for rule in state.rules)
            return model.Choice(
                choices=choices, default=state.next, comment=state.comment, **language.shape(state)
            )
        case graph.Succeed():
            return model.Succeed(comment=state.comment, **language.shape(state))
        case graph.Fail():
            return model.Fail(
                comment=state.comment,
                **language.text("error", state.error),
                **language.text("cause", state.cause),
            )
        case graph.Parallel():
            return model.Parallel(branches=inner, **_called(state, language))
        case graph.Map():
            return _map(state, inner[0], language)
        case graph.RawState():
            raise AssertionError("raw states are written by build")


def _map(state: graph.Map, processor: model.Branch, language: Language) -> model.Map:
    reader, batcher, writer = state.item_reader, state.item_batcher, state.result_writer
    return model.Map(
        item_processor=model.ItemProcessor(
            start_at=processor.start_at,
            states=processor.states,
            processor_config=state.config,
            comment=processor.comment,
        ),
        item_reader=reader
        and model.ItemReader(
            resource=reader.resource,
            reader_config=reader.config,
            **language.payload("arguments", reader.arguments),
        ),
        item_batcher=batcher
        and model.ItemBatcher(
            **language.scalar("max_items_per_batch", batcher.max_items),
            **language.scalar("max_input_bytes_per_batch", batcher.max_bytes),
            **language.payload("batch_input", batcher.batch_input),
        ),
        result_writer=writer
        and model.ResultWriter(
            resource=writer.resource,
            writer_config=writer.config,
            **language.payload("arguments", writer.arguments),
        ),
        label=state.label,
        **language.items(state.items),
        **language.payload("item_selector", state.item_selector),
        **language.scalar("max_concurrency", state.max_concurrency),
        **language.scalar("tolerated_failure_count", state.tolerated_failure_count),
        **language.scalar("tolerated_failure_percentage", state.tolerated_failure_percentage),
        **_called(state, language),
    )


def _flowing(state: graph.Flowing, language: Language) -> Fields:
    return {
        "next": state.next,
        "end": True if state.next is None else None,
        "comment": state.comment,
        **language.shape(state),
    }


def _called(state: graph.Calling, language: Language) -> Fields:
    catch = tuple(
        model.Catcher(error_equals=catcher.errors, next=catcher.next, **language.catcher(catcher))
        for catcher in state.catch
    )
    return {"retry": state.retry, "catch": catch, **_flowing(state, language)}
