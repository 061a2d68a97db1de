"""Which errors Retry and Catch name, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stepsmith.asl.checks.report import Report
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

ALL: Final = "States.ALL"


def check_order(report: Report, handlers: Sequence[Json], place: Place) -> None:
    """Check that States.ALL stands alone, and in the last retrier or catcher only."""
    for index, handler in enumerate(handlers):
        names = handler.get("ErrorEquals") if isinstance(handler, dict) else None
        if not isinstance(names, list) or ALL not in names:
            continue
        if len(names) > 1 or index + 1 < len(handlers):
            message = "States.ALL must appear alone and at end of list"
            report.add((*place, index), message, rule="states-all-last")
