"""An execution as its reader sees it: status, data, graph, timeline, events; as HTML without scripts, and as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from hashlib import sha256

from stepsmith.asl.model import StateMachine
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.terminal_text import one_line, visible, visible_json
from stepsmith.views.graphs.graph import GLYPHS, graph_svg
from stepsmith.views.graphs.layout import LayoutUnavailable
from stepsmith.views.graphs.text_tree import to_text
from stepsmith.views.histories.events_table import events_table
from stepsmith.views.histories.history_events import Event, seconds
from stepsmith.views.histories.progress import MapRuns, Word, state_statuses
from stepsmith.views.histories.timeline import duration, timeline_svg, timeline_text
from stepsmith.views.lettering import shorten, xml
from stepsmith.views.palette import FACE, PLAIN, variables

MOST_CHARACTERS = 20_000
WORDS: dict[str, Word] = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed out",
    "ABORTED": "aborted",
}
"""Status of an execution -> the word and colour that states have for it."""


@frozen(kw_only=True)
class Source:
    """The line of a workflow function that a state stands for."""

    file: str
    line: int
    text: str = ""


@frozen(kw_only=True)
class Report:
    """What is known of an execution when it is shown."""

    machine: StateMachine
    machine_name: str
    name: str
    status: str
    input: Json
    output: Json
    error: str | None
    message: str | None
    """What the error says, in words."""
    cause: str | None
    """The whole cause, which for a Lambda function is an object with its stack trace."""
    failed_state: str | None
    source: Source | None
    events: Sequence[Event]
    map_runs: MapRuns = field(default_factory=dict[str, Mapping[str, int]])
    origin: str | None = None
    """Where the error was raised first, if that was in an execution that this one has started."""
    trace: tuple[str, ...] = ()
    """The frames of the traceback of the task that raised it, the innermost last."""
    children: tuple[Report, ...] = ()
    """The executions that this one has started."""

    @property
    def headline(self) -> str:
        """Machine, status and time of the execution in one line."""
        word = WORDS.get(self.status, "running")
        return f"{GLYPHS[word]} {self.machine_name} {self.status} · {summary(self.events)}"


def summary(events: Sequence[Event]) -> str:
    """Count the states entered and the time between the first event and the last."""
    entered = sum(1 for event in events if str(event["type"]).endswith("StateEntered"))
    passed = seconds(events[-1]["timestamp"]) - seconds(events[0]["timestamp"]) if events else 0.0
    return f"{counted(entered, 'state')} entered · {counted(len(events), 'event')} · {duration(passed)}"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun: `1 state`, `2 states`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def report_html(report: Report, *, unfolded: bool = True) -> str:
    """Give the execution as one piece of HTML, its graph unfolded or not.

    Nothing in it reaches outside, and nothing needs a script.
    """
    scope = "ex" + sha256(f"{report.machine_name} {report.name}".encode("utf-8", "replace")).hexdigest()[:10]
    return "\n".join(
        [f'<div class="{scope} {PLAIN}"><style>{_style(scope)}</style>', *_parts(report, unfolded), "</div>"]
    )


def _parts(report: Report, unfolded: bool) -> Iterator[str]:
    word = WORDS.get(report.status, "running").replace(" ", "-")
    yield f'<p class="headline {word}"><strong>{xml(report.headline)}</strong></p>'
    yield from _failure(report)
    yield _folded("Input", f"<pre>{xml(pretty(report.input))}</pre>")
    if report.status == "SUCCEEDED":
        yield _folded("Output", f"<pre>{xml(pretty(report.output))}</pre>")
    statuses = state_statuses(report.events, map_runs=report.map_runs)
    try:
        figure = graph_svg(report.machine, title=report.headline, statuses=statuses)
    except LayoutUnavailable:
        figure = f"<pre>{xml(to_text(report.machine, statuses=statuses))}</pre>"
    else:
        figure = _figure(figure)
    yield _folded("Graph", figure, unfolded=unfolded)
    timeline = timeline_svg(report.events, title=f"Timeline of {report.machine_name}")
    yield _folded("Timeline", _figure(timeline), unfolded=True)
    yield _folded(f"Events ({len(report.events)})", events_table(report.events))
    for child in report.children:
        yield _folded(child.headline, "\n".join(_parts(child, False)))


def _figure(drawn: str) -> str:
    """Where a page drops the SVG around its words, as for notebooks that are not trusted, they stay lines of text."""
    lines = (f"{line}\n" if "</text>" in line or "</title>" in line else line for line in drawn.splitlines())
    return f'<pre class="wide">{"".join(lines)}</pre>'


def _failure(report: Report) -> Iterator[str]:
    if report.status in ("SUCCEEDED", "RUNNING"):
        return
    yield '<div class="failure">'
    if report.failed_state is not None:
        begun = f", by state {shorten(report.origin, 120)}" if report.origin else ""
        yield f"<p>in state <strong>{xml(shorten(report.failed_state, 120))}</strong>{xml(begun)}</p>"
    if report.error is not None:
        words = f": {xml(cut(report.message, 2000))}" if report.message else ""
        yield f'<p><span class="code">{xml(shorten(report.error, 200))}</span>{words}</p>'
    if report.source is not None:
        line = f"\n    {report.source.text}" if report.source.text else ""
        yield f"<pre>{xml(f'{report.source.file}:{report.source.line}{line}')}</pre>"
    if report.trace:
        yield _folded(
            "Traceback of the task", f"<pre>{xml(cut(chr(10).join(report.trace)))}</pre>", unfolded=True
        )
    if report.cause and report.cause != report.message:
        yield _folded("Cause", f"<pre>{xml(cut(report.cause))}</pre>")
    yield "</div>"


def _folded(title: str, content: str, *, unfolded: bool = False) -> str:
    return f"<details{' open' if unfolded else ''}><summary>{xml(title)}</summary>{content}</details>"


def _style(scope: str) -> str:
    """Give the rules of a report; the class twice outweighs what JupyterLab says of any table or text in an output."""
    own = f".{scope}.{scope}"
    rules = (
        f"{{ font: 13px {FACE}; color: var(--ink); background: var(--paper); padding: 8px 12px; "
        "border: 1px solid var(--grid); border-radius: 6px; text-align: left; }",
        " p { margin: 4px 0; }",
        " summary { cursor: pointer; font-weight: 600; padding: 4px 0; }",
        " pre { margin: 4px 0; padding: 6px 8px; background: var(--box); color: var(--ink); border-radius: 4px; "
        "font-size: 12px; max-height: 320px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }",
        " .code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px; overflow-wrap: anywhere; }",
        " pre.wide:has(svg) { padding: 0; background: none; max-height: none; white-space: normal; }",
        " .failure { border-left: 4px solid var(--failed); padding-left: 10px; margin: 6px 0; }",
        *(
            f" .headline.{word.replace(' ', '-')} {{ color: var(--{word.replace(' ', '-')}); }}"
            for word in WORDS.values()
        ),
        " .events { max-height: 420px; overflow: auto; }",
        " table { border-collapse: collapse; width: 100%; table-layout: auto; font-size: 12px; margin: 4px 0; }",
        " th, {own} td { text-align: left; vertical-align: top; padding: 2px 8px; color: var(--ink); "
        "border-bottom: 1px solid var(--grid); background: var(--paper); }",
        " td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }",
        " label { margin-right: 12px; }",
        *(
            f" form:has(input[value={kind}]:checked) tr[data-kind]:not([data-kind~={kind}]) {{ display: none; }}"
            for kind in ("state", "task", "wait", "map", "failure")
        ),
    )
    return (
        f"\n{variables(scope)}\n" + "\n".join(f"{own}{rule.replace('{own}', own)}" for rule in rules) + "\n"
    )


def report_text(report: Report) -> str:
    """Give the execution as plain text: headline, output or failure, and the timeline."""
    lines = [one_line(report.headline)]
    if report.status == "SUCCEEDED":
        lines.append(visible_json(cut(pretty(report.output), 2000)))
    elif report.status != "RUNNING":
        lines.extend(map(visible, _failure_lines(report)))
    return "\n".join([*lines, "", timeline_text(report.events)])


def _failure_lines(report: Report) -> Iterator[str]:
    where = f" in state {shorten(report.failed_state, 120)}" if report.failed_state else ""
    where += f", by state {shorten(report.origin, 120)}" if report.origin else ""
    yield f"{one_line(report.error or report.status)}{where}" + (
        f": {one_line(cut(report.message, 2000))}" if report.message else ""
    )
    if report.source is not None:
        yield f"{report.source.file}:{report.source.line}: {report.source.text}"
    yield from (line for frame in report.trace for line in frame.splitlines())


def pretty(value: Json) -> str:
    """Give JSON indented, cut to 20,000 characters."""
    return cut(json.dumps(value, ensure_ascii=False, indent=2))


def cut(text: str, most: int = MOST_CHARACTERS) -> str:
    """Cut text and say how much is left out."""
    return text if len(text) <= most else f"{text[:most]}… and {len(text) - most:,} more characters"
