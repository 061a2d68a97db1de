"""State machines and executions as notebooks show them: pictures and texts by MIME type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from stepsmith.asl.model import StateMachine
from stepsmith.authoring.source.places import source_line
from stepsmith.expressions.typed.tree import Span
from stepsmith.expressions.types import Json
from stepsmith.privacy import Marks, PersonalValues, masked_events, personal_values
from stepsmith.service.executions.declared import Ended, message_of
from stepsmith.service.executions.history import Event
from stepsmith.service.personal import is_masked
from stepsmith.views import (
    LayoutUnavailable,
    Report,
    Source,
    graph_svg,
    report_html,
    report_text,
    to_mermaid,
    to_text,
    visits,
)


class AnyExecution(Ended, Protocol):
    """What is shown of an execution, here or on AWS."""

    @property
    def name(self) -> str:
        """The name of the execution."""
        ...

    @property
    def machine_name(self) -> str:
        """The name of its state machine."""
        ...

    @property
    def definition(self) -> StateMachine:
        """Its state machine."""
        ...

    @property
    def input(self) -> Json:
        """The input."""
        ...

    @property
    def history(self) -> Sequence[Event]:
        """The events so far."""
        ...

    @property
    def failed_state(self) -> str | None:
        """The innermost state that made it fail."""
        ...

    @property
    def spans(self) -> Mapping[str, Span]:
        """State name -> the place in the source that the state stands for."""
        ...

    @property
    def item_counts(self) -> dict[str, dict[str, int]]:
        """The items of each Map Run by their status."""
        ...

    def marks(self) -> Marks | None:
        """Give what is personal in it; None where nothing is known to be."""
        ...


def machine_bundle(machine: StateMachine, name: str) -> dict[str, str]:
    """Give the graph as SVG and as text, which is what a notebook that is not trusted shows; as HTML it would be torn.

    Where Graphviz is not installed, Mermaid text takes the place of the SVG.
    """
    text = f"{name}\n{to_text(machine)}"
    try:
        figure = graph_svg(machine, title=f"State machine {name}")
    except LayoutUnavailable:
        return {"text/vnd.mermaid": to_mermaid(machine), "text/plain": text}
    return {"image/svg+xml": figure, "text/plain": text}


def execution_bundle(execution: AnyExecution, *, unfolded: bool = True) -> dict[str, str]:
    """Give the report on an execution as HTML, its graph unfolded or not, and as text."""
    report = report_on(execution)
    return {"text/html": report_html(report, unfolded=unfolded), "text/plain": report_text(report)}


def report_on(execution: AnyExecution) -> Report:
    """Collect what is shown of an execution; personal fields are masked, unless inside `with unmasked()`."""
    events = list(execution.history)
    failed = origin(execution, events)
    values = personal_values_in(execution, events)
    cause = execution.cause
    return Report(
        machine=execution.definition,
        machine_name=execution.machine_name,
        name=execution.name,
        status=execution.status,
        input=values.masked(execution.input),
        output=values.masked(execution.output),
        error=None if execution.error is None else values.masked_text(execution.error),
        message=values.masked_text(message_of(cause)),
        cause=None if cause is None else values.masked_text(cause),
        failed_state=failed,
        source=source_of(execution, failed),
        events=masked_events(events, values) if values else events,
        map_runs=execution.item_counts,
    )


def personal_values_in(execution: AnyExecution, events: Sequence[Event]) -> PersonalValues:
    """Give what is to be masked where an execution is shown."""
    marks = execution.marks() if is_masked() else None
    return PersonalValues() if marks is None else personal_values(events, marks)


def shown_history(execution: AnyExecution) -> Sequence[Event]:
    """Give the events as they are shown: with personal fields masked, unless inside `with unmasked()`."""
    events = execution.history
    values = personal_values_in(execution, events)
    return masked_events(events, values) if values else events


def shown_message(execution: AnyExecution) -> str:
    """Give what the error of an execution says, as it is shown."""
    message = message_of(execution.cause)
    return personal_values_in(execution, execution.history).masked_text(message) if message else ""


def shown_error(execution: AnyExecution) -> str | None:
    """Give the name of the error of an execution, as it is shown: a Fail state may make it of anything."""
    error = execution.error
    return personal_values_in(execution, execution.history).masked_text(error) if error else error


def origin(execution: AnyExecution, events: Sequence[Event]) -> str | None:
    """Name the state that failed first with the error of the execution, which a later one may have raised again."""
    for visit in visits(events) if execution.error is not None else []:
        if (visit.error, visit.cause) == (execution.error, execution.cause):
            return visit.name
    return execution.failed_state


def source_of(execution: AnyExecution, state: str | None) -> Source | None:
    """Find the line of the workflow function that a state stands for."""
    span = execution.spans.get(state) if state is not None else None
    if span is None:
        return None
    return Source(file=span.file, line=span.line, text=source_line(span).strip())
