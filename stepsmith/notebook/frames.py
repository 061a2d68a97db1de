"""One frame of a live figure: the graph with a line of progress above it, as SVG and as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stepsmith.asl.model import StateMachine
from stepsmith.terminal_text import one_line
from stepsmith.views import LayoutUnavailable, StateStatus, graph_svg, state_statuses, to_mermaid, to_text
from stepsmith.views.graphs.graph import GLYPHS
from stepsmith.views.histories.history_events import Event, seconds
from stepsmith.views.histories.progress import MapRuns
from stepsmith.views.histories.timeline import duration
from stepsmith.views.lettering import shorten
from stepsmith.views.report import WORDS, counted

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What an execution is at one moment."""

    machine: StateMachine
    machine_name: str
    status: str
    error: str | None
    message: str
    events: Iterable[Event]
    map_runs: MapRuns
    waiting: tuple[str, ...]
    """States that wait for somebody outside to answer."""
    real_seconds: float
    note: str = ""
    """What else there is to say of an execution that runs."""


def frame(moment: Moment) -> dict[str, str]:
    """Draw a moment; without Graphviz the picture is Mermaid text."""
    events = list(moment.events)
    statuses = state_statuses(events, map_runs=moment.map_runs)
    head = headlines(moment, events, statuses)
    text = "\n".join([*map(one_line, head), "", to_text(moment.machine, statuses=statuses)])
    try:
        figure = graph_svg(moment.machine, title=head[0], statuses=statuses, head=head)
    except LayoutUnavailable:
        return {"text/vnd.mermaid": to_mermaid(moment.machine), "text/plain": text}
    return {"image/svg+xml": figure, "text/plain": text}


def headlines(moment: Moment, events: list[Event], statuses: dict[str, StateStatus]) -> list[str]:
    """Give the lines above the graph: status and times, then counts and what goes on or went wrong."""
    passed = seconds(events[-1]["timestamp"]) - seconds(events[0]["timestamp"]) if events else 0.0
    glyph = GLYPHS[WORDS.get(moment.status, "running")]
    first = (
        f"{glyph} {moment.machine_name} {moment.status} · {duration(passed)} on its clock, "
        f"{duration(round(moment.real_seconds, 2))} here"
    )
    entered = sum(status.visits for status in statuses.values())
    retries = sum(status.retries for status in statuses.values())
    counts = ((len(statuses), "state"), (entered, "visit"), (len(events), "event"))
    parts = [", ".join(counted(number, noun) for number, noun in counts)]
    if retries:
        parts.append(f"{retries} {'retry' if retries == 1 else 'retries'}")
    return [first, " · ".join(parts), *_latest(moment, statuses)]


def _latest(moment: Moment, statuses: dict[str, StateStatus]) -> list[str]:
    if moment.note:
        return [moment.note]
    if moment.waiting:
        return [f"waiting for an answer: {_names(list(moment.waiting))}"]
    if moment.status == "RUNNING":
        running = [name for name, status in statuses.items() if status.word == "running"]
        return [f"running: {_names(running)}"] if running else []
    if moment.status == "SUCCEEDED":
        return []
    words = f": {moment.message}" if moment.message else ""
    return [shorten(f"{moment.error or moment.status}{words}", 90)]


def _names(names: list[str]) -> str:
    shown = ", ".join(shorten(name, 40) for name in names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"
