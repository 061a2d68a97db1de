"""The events of a history as an HTML table that can be filtered without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from stepsmith.views.histories.history_events import FAILURES, Event, Owners, details_of, seconds
from stepsmith.views.histories.timeline import duration
from stepsmith.views.lettering import shorten, xml

MOST = 500
KINDS = {
    "all": "all",
    "state": "states",
    "task": "tasks",
    "wait": "waits",
    "map": "maps and branches",
    "failure": "failures",
}
"""Value of the filter -> what it is called."""
_LEFT_OUT = ("name", "inputDetails", "outputDetails", "assignedVariablesDetails")


def events_table(events: Sequence[Event]) -> str:
    """Give the table with its filter; of more than 500 events the first and the last 250 are shown, and it says so.

    The filter is radio buttons, which belong to their own form; the style sheet around the table hides rows.
    """
    buttons = "".join(
        f'<label><input type="radio" name="kind" value="{value}"{" checked" if value == "all" else ""}> {words}</label>'
        for value, words in KINDS.items()
    )
    head = "".join(f"<th>{title}</th>" for title in ("#", "after", "event", "state", "details"))
    return "\n".join(
        [
            f'<form>{buttons}<div class="events"><table><thead><tr>{head}</tr></thead><tbody>',
            *_rows(events),
            "</tbody></table></div></form>",
        ]
    )


def _rows(events: Sequence[Event]) -> Iterator[str]:
    if not events:
        return
    first = seconds(events[0]["timestamp"])
    left_out = len(events) - MOST
    owners = Owners()
    for place, event in enumerate(events):
        owner = owners.take(event)
        name = owner.name if owner is not None else ""
        if left_out > 0 and place == MOST // 2:
            yield f'<tr><td colspan="5">{left_out} events are not shown</td></tr>'
        if left_out <= 0 or place < MOST // 2 or place >= len(events) - MOST // 2:
            yield _row(event, name, seconds(event["timestamp"]) - first)


def _row(event: Event, name: str, after: float) -> str:
    kind = str(event["type"])
    text = " · ".join(_told(key, value) for key, value in details_of(event).items() if key not in _LEFT_OUT)
    return (
        f'<tr data-kind="{" ".join(kinds_of(kind))}"><td class="number">{event["id"]}</td>'
        f'<td class="number">{duration(after)}</td><td>{xml(kind)}</td><td>{xml(shorten(name, 80))}</td>'
        f'<td class="code">{xml(shorten(text, 300))}</td></tr>'
    )


def kinds_of(kind: str) -> list[str]:
    """Give the filters that show an event of a type."""
    found: list[str] = []
    if kind.endswith(("StateEntered", "StateExited")):
        found.append("state")
    if kind.startswith(("Task", "LambdaFunction", "Activity")):
        found.append("task")
    if kind.startswith("Wait"):
        found.append("wait")
    if kind.startswith(("Map", "Parallel")):
        found.append("map")
    if kind.endswith(FAILURES) or kind.startswith("FailState"):
        found.append("failure")
    return found


def _told(key: str, value: object) -> str:
    """Give a detail as it is where it is text: inputs and outputs are JSON already."""
    return (
        f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain)}"
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
