"""State machines and executions as notebooks show them: pictures and texts by MIME type."""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from typing import Any

from stepsmith.asl.model import StateMachine
from stepsmith.service.execution import Execution, message_of
from stepsmith.service.history import Event
from stepsmith.service.remote import AwsExecution
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


def machine_bundle(machine: StateMachine, name: str) -> dict[str, str]:
    """Give the graph as SVG, inside HTML where it follows the reader's theme, and as text.

    Where Graphviz is not installed, Mermaid text takes the place of the SVG.
    """
    text = f"{name}\n{to_text(machine)}"
    try:
        figure = graph_svg(machine, title=f"State machine {name}")
    except LayoutUnavailable:
        return {"text/vnd.mermaid": to_mermaid(machine), "text/plain": text}
    return {"text/html": figure, "image/svg+xml": figure, "text/plain": text}


def execution_bundle(
    execution: Execution[Any] | AwsExecution[Any], *, unfolded: bool = True
) -> dict[str, str]:
    """Give the report on an execution as HTML, its graph unfolded or not, and as text."""
    report = report_on(execution)
    return {"text/html": report_html(report, unfolded=unfolded), "text/plain": report_text(report)}


def report_on(execution: Execution[Any] | AwsExecution[Any]) -> Report:
    """Collect what is shown of an execution."""
    events = list(execution.history)
    failed = origin(execution, events)
    return Report(
        machine=execution.definition,
        machine_name=execution.machine_name,
        name=execution.name,
        status=execution.status,
        input=execution.input,
        output=execution.output,
        error=execution.error,
        message=message_of(execution.cause),
        cause=execution.cause,
        failed_state=failed,
        source=source_of(execution, failed),
        events=events,
    )


def origin(execution: Execution[Any] | AwsExecution[Any], events: Sequence[Event]) -> str | None:
    """Name the state that failed first with the error of the execution, which a later one may have raised again."""
    for visit in visits(events) if execution.error is not None else []:
        if (visit.error, visit.cause) == (execution.error, execution.cause):
            return visit.name
    return execution.failed_state


def source_of(execution: Execution[Any] | AwsExecution[Any], state: str | None) -> Source | None:
    """Find the line of the workflow function that a state stands for."""
    span = execution.spans.get(state) if state is not None else None
    if span is None:
        return None
    known = next((name for name in list(linecache.cache) if name.endswith(f"/{span.file}")), span.file)
    return Source(file=span.file, line=span.line, text=linecache.getline(known, span.line).strip())
