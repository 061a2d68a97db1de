"""Shows executions of a journal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stepsmith.cli.output.messages import one_line, put, say
from stepsmith.cli.output.reports import history_lines

if TYPE_CHECKING:
    from pathlib import Path

    from stepsmith.expressions.types import Json
    from stepsmith.service.durable.execution import JournalExecution


def show_history(path: Path, name: str, *, as_json: bool) -> int:
    """Show what happened in an execution; exit code 1 says that it did not succeed."""
    from stepsmith.service.journals.journal import Journal

    found = Journal(path).execution(name)
    if as_json:
        put(json.dumps(described(found), ensure_ascii=True))
    else:
        put(one_line(found.arn))
        for line in history_lines(found):
            put(line)
        for token in found.waiting:
            say(
                f"waiting for an answer: {one_line(token.state)}: stepsmith answer {token.token} JSON --journal {path}"
            )
    return 0 if as_json or found.status in ("SUCCEEDED", "RUNNING") else 1


def described(execution: JournalExecution[Any]) -> dict[str, Json]:
    """Return an execution as one JSON object: what DescribeExecution says, and the events of its history."""
    from stepsmith.service.executions.shown import shown_history

    status = execution.status
    return {
        "name": execution.name,
        "arn": execution.arn,
        "status": status,
        "output": execution.output if status == "SUCCEEDED" else None,
        "error": execution.error,
        "cause": execution.cause,
        "events": list(shown_history(execution)),
    }
