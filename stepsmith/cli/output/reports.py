"""What an execution leaves on the screen, here or on AWS: output, files, states with times, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepsmith.cli.output.messages import for_people, one_line, put, say
from stepsmith.cli.output.progress import Passed, human, passed_states
from stepsmith.terminal_text import visible_json

if TYPE_CHECKING:
    from stepsmith.expressions.types import Json
    from stepsmith.service import AwsExecution, Execution
    from stepsmith.service.durable.execution import JournalExecution


MOST_STATES = 60
LONGEST_CAUSE = 2000


def pretty(value: Json) -> str:
    """Return JSON for people: indented, control characters escaped."""
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False))


def json_report(execution: Execution[Any] | JournalExecution[Any], files: Mapping[str, Path]) -> Json:
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


def summary_lines(
    execution: Execution[Any] | AwsExecution[Any] | JournalExecution[Any], files: Mapping[str, Path]
) -> list[str]:
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


def ending_line(execution: Execution[Any] | AwsExecution[Any] | JournalExecution[Any]) -> str:
    """Return how it ended, and when on its own clock."""
    seconds = execution.elapsed.total_seconds()
    return f"{execution.status} after {human(seconds) if for_people() else f'{seconds:g} s'}"


def failure_lines(execution: Execution[Any] | JournalExecution[Any], *, is_local: bool = True) -> list[str]:
    """Return error, cause and state of an execution that did not succeed, and the line that the state stands for.

    `is_local` says that its tasks are looked for here, and not on AWS.
    """
    error, message = _failure(execution)
    cause = one_line(message)[:LONGEST_CAUSE]
    text = f"{error}: {cause}" if cause else error
    lines = [f"stepsmith: {execution.status}: {text}", *_place_lines(execution)]
    if error == "Lambda.ResourceNotFoundException" and is_local:
        lines.append("  no function answers this task here: name a module that has one with --tasks")
    return lines


def _failure(execution: Execution[Any] | AwsExecution[Any] | JournalExecution[Any]) -> tuple[str, str]:
    """Return error and message as they may be shown; only failures import what masks them."""
    from stepsmith.service.executions.shown import shown_error, shown_message

    return one_line(shown_error(execution) or execution.status), shown_message(execution)


def _place_lines(execution: Execution[Any] | AwsExecution[Any] | JournalExecution[Any]) -> list[str]:
    """Return the states that the failure came through, the line that each stands for, and the task's traceback."""
    from stepsmith.service.executions.declared import frames
    from stepsmith.service.executions.failure import origin
    from stepsmith.service.executions.shown import personal_values_in

    way = origin(execution)
    lines: list[str] = []
    for each, state in way:
        if state is not None:
            span = each.spans.get(state)
            place = "" if span is None else f" ({span.file}:{span.line})"
            inside = "" if each is execution else f" of {one_line(each.machine_name)}"
            lines.append(f"  in state {one_line(state)!r}{inside}{place}")
    last = way[-1][0]
    values = personal_values_in(last, last.history)
    return lines + [
        f"  {line}" for frame in frames(last.cause) for line in values.masked_text(frame).splitlines()
    ]


def _state_line(visit: Passed) -> str:
    until = "" if visit.exited is None else f"{visit.exited:g} s"
    return f"  {visit.entered:>8g} s  {until:>10}  {one_line(visit.state)}"


def report_end(execution: AwsExecution[Json] | JournalExecution[Json]) -> int:
    """Write the output of an execution that has ended, or why there is none; return the exit code."""
    if execution.status == "SUCCEEDED":
        put(pretty(execution.output))
        say(ending_line(execution))
        return 0
    for line in remote_failure_lines(execution):
        say(line)
    return 1


def remote_failure_lines(execution: AwsExecution[Json] | JournalExecution[Json]) -> list[str]:
    """Return error, cause and the state of an execution that did not succeed."""
    error, message = _failure(execution)
    cause = one_line(message)[:LONGEST_CAUSE]
    lines = [f"stepsmith: {execution.status}: {error}{f': {cause}' if cause else ''}"]
    return [*lines, *_place_lines(execution)]


def history_lines(execution: AwsExecution[Json] | JournalExecution[Json]) -> list[str]:
    """Return the states that were passed, with their times, and how it ended."""
    lines = [line for line in summary_lines(execution, {}) if line]
    if execution.status in ("RUNNING", "SUCCEEDED"):
        return lines
    return [*lines, *remote_failure_lines(execution)]
