"""What executions on AWS leave on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.output.messages import one_line, put, say
from stepsmith.cli.output.reports import LONGEST_CAUSE, ending_line, pretty, summary_lines
from stepsmith.service.executions.shown import shown_error, shown_message

if TYPE_CHECKING:
    from stepsmith.expressions.types import Json
    from stepsmith.service import AwsExecution


def report_end(execution: AwsExecution[Json]) -> int:
    """Write the output of an execution that has ended, or why there is none; return the exit code."""
    if execution.status == "SUCCEEDED":
        put(pretty(execution.output))
        say(ending_line(execution))
        return 0
    for line in failure_lines(execution):
        say(line)
    return 1


def failure_lines(execution: AwsExecution[Json]) -> list[str]:
    """Return error, cause and the state of an execution that did not succeed."""
    cause = one_line(shown_message(execution))[:LONGEST_CAUSE]
    error = shown_error(execution) or execution.status
    lines = [f"stepsmith: {execution.status}: {error}{f': {cause}' if cause else ''}"]
    state = execution.failed_state
    return lines if state is None else [*lines, f"  in state {one_line(state)!r}"]


def history_lines(execution: AwsExecution[Json]) -> list[str]:
    """Return the states that were passed, with their times, and how it ended."""
    lines = [line for line in summary_lines(execution, {}) if line]
    if execution.status in ("RUNNING", "SUCCEEDED"):
        return lines
    return [*lines, *failure_lines(execution)]
