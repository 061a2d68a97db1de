"""State machines and executions as notebooks show them: pictures and texts by MIME type."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from stepsmith.asl.model import StateMachine
from stepsmith.authoring.source.places import source_line
from stepsmith.errors import StepsmithError
from stepsmith.privacy import PersonalValues, masked_events, personal_values
from stepsmith.service.executions.declared import frames, message_of
from stepsmith.service.executions.failure import AnyExecution, origin
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
)

MOST_CHILDREN: Final = 20
"""Executions that others have started of which a report shows all, the latest."""
DEEPEST_CHILD: Final = 3
"""How many executions around a child may be, for a report to show it."""


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


def report_on(execution: AnyExecution, *, depth: int = 0) -> Report:
    """Collect what is shown of an execution; personal fields are masked, unless inside `with unmasked()`.

    `depth` is how many executions around it are shown.
    """
    events = list(execution.history)
    way = origin(execution)
    first, state = way[-1]
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
        failed_state=way[0][1],
        origin=None if first is execution or state is None else f"{state} of {first.machine_name}",
        source=source_of(first, state),
        trace=tuple(values.masked_text(each) for each in frames(first.cause)),
        events=masked_events(events, values) if values else events,
        map_runs=execution.item_counts,
        children=_children(execution, depth),
    )


def _children(execution: AnyExecution, depth: int) -> tuple[Report, ...]:
    if depth >= DEEPEST_CHILD:
        return ()
    with suppress(StepsmithError):  # who may not look at them still sees this one
        return tuple(report_on(each, depth=depth + 1) for each in execution.children[-MOST_CHILDREN:])
    return ()


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


def source_of(execution: AnyExecution, state: str | None) -> Source | None:
    """Find the line of the workflow function that a state stands for."""
    span = execution.spans.get(state) if state is not None else None
    if span is None:
        return None
    return Source(file=span.file, line=span.line, text=source_line(span).strip())
