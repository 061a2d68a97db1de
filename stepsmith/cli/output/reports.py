"""What a run leaves on the screen: output, files, states with their times, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepsmith.cli.output.messages import one_line, visible
from stepsmith.cli.output.progress import Passed, passed_states

if TYPE_CHECKING:
    from stepsmith.expressions.types import Json
    from stepsmith.service import AwsExecution, Execution

MOST_STATES = 60
LONGEST_CAUSE = 2000


def pretty(value: Json) -> str:
    """Return JSON for people: indented, control characters escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return visible(text)


def json_report(execution: Execution[Any], files: Mapping[str, Path]) -> Json:
    """Return the execution as one JSON object."""
    states: list[Json] = [
        {"name": each.state, "entered": each.entered, "exited": each.exited}
        for each in passed_states(execution.history)
    ]
    report: dict[str, Json] = {"status": execution.status}
    if execution.status == "SUCCEEDED":
        report["output"] = execution.output
    else:
        report["error"] = execution.error
        report["cause"] = execution.cause
        report["state"] = execution.failed_state
    report["elapsed"] = execution.elapsed.total_seconds()
    report["states"] = states
    report["files"] = {address: str(path) for address, path in files.items()}
    return report


def summary_lines(execution: Execution[Any] | AwsExecution[Any], files: Mapping[str, Path]) -> list[str]:
    """Return the files written and the states passed, with the virtual seconds at which they were."""
    visits = passed_states(execution.history)
    lines = ["", "Files", *file_lines(files)] if files else []
    lines += ["", "States"]
    lines += [_state_line(visit) for visit in visits[:MOST_STATES]]
    if len(visits) > MOST_STATES:
        lines.append(f"  and {len(visits) - MOST_STATES} more")
    return [*lines, ending_line(execution)]


def file_lines(files: Mapping[str, Path]) -> list[str]:
    """Return where the objects of local S3 were written."""
    return [f"  {one_line(f'{address} is {path}')}" for address, path in files.items()]


def ending_line(execution: Execution[Any] | AwsExecution[Any]) -> str:
    """Return how it ended, and when on its own clock."""
    return f"{execution.status} after {execution.elapsed.total_seconds():g} s"


def failure_lines(execution: Execution[Any]) -> list[str]:
    """Return error, cause and state of an execution that did not succeed, and the line that the state stands for."""
    error, message = _failure(execution)
    cause = one_line(message)[:LONGEST_CAUSE]
    text = f"{error}: {cause}" if cause else error
    state = execution.failed_state
    lines = [f"stepsmith: {execution.status}: {text}"]
    if state is not None:
        span = execution.spans.get(state)
        place = "" if span is None else f" ({span.file}:{span.line})"
        lines.append(f"  in state {one_line(state)!r}{place}")
    if error == "Lambda.ResourceNotFoundException" and execution.clients.is_local:
        lines.append("  no function answers this task here: name a module that has one with --tasks")
    return lines


def _failure(execution: Execution[Any]) -> tuple[str, str]:
    from stepsmith.service.executions.shown import shown_error, shown_message

    return shown_error(execution) or execution.status, shown_message(execution)


def _state_line(visit: Passed) -> str:
    until = "" if visit.exited is None else f"{visit.exited:g} s"
    return f"  {visit.entered:>8g} s  {until:>10}  {one_line(visit.state)}"
