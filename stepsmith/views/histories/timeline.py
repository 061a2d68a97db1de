"""When each state ran, as a chart or as text: virtual time, attempts and waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from stepsmith.frozen import frozen
from stepsmith.views.histories.history_events import Event, seconds
from stepsmith.views.histories.progress import SERIOUS, Visit, Word, visits
from stepsmith.views.lettering import lines, shorten, width, xml
from stepsmith.views.palette import LIGHT, PLAIN, style_sheet

ROW = 22.0
LEFT = 210.0
RIGHT = 430.0
MOST = 200
ALIKE = 12
"""So many visits of one state are shown one by one; of more, those that did not succeed, and all together."""
_AT_WORK = ("Task", "Pass", "Choice", "Succeed", "Fail")
"""Types whose visits are drawn strongly: they wait for nothing but themselves, and hold no others."""
LEGEND = (
    "faint: waiting, holding other states, or many visits · strong: working; each attempt of a task is a bar"
)


@frozen
class Span:
    """The time axis: first and last instant in epoch seconds."""

    first: float
    last: float

    def place(self, at: float) -> float:
        """Give an instant's share of the axis, from 0 to 1."""
        return (at - self.first) / (self.last - self.first) if self.last > self.first else 0.0


def rows(found: Sequence[Visit]) -> list[Visit]:
    """Give what the lines of a timeline show: each visit, and many visits of one state as one."""
    groups: dict[str, list[Visit]] = {}
    for visit in found:
        groups.setdefault(visit.name, []).append(visit)
    given: list[Visit] = []
    for visit in found:
        group = groups[visit.name]
        if visit is group[0] and len(group) > ALIKE:
            given.append(_together(group))
        if len(group) <= ALIKE or visit.word in ("failed", "timed out"):
            given.append(visit)
    return given


def _together(group: Sequence[Visit]) -> Visit:
    """Make one visit of many: from the first entry to the last end, as the worst of them ended."""
    ended = [visit.ended for visit in group if visit.ended is not None]
    last = max(ended) if len(ended) == len(group) else None
    words: list[Word] = [visit.word for visit in group]
    name = f"{group[0].name} ({len(group)} visits)"
    return Visit(name, "", group[0].entered, last, max(words, key=SERIOUS.__getitem__))


def timeline_svg(events: Iterable[Event], *, title: str) -> str:
    """Draw the visits of a history over time; more than 200 lines are cut, and the figure says so."""
    events = list(events)
    found = rows(visits(events))
    span = _span(events, found)
    shown = found[:MOST]
    notes = max((width(_note(visit, _took(visit, span)), size=11) for visit in shown), default=0.0)
    wide = LEFT + RIGHT + max(60.0, notes + 14)
    high = ROW * (len(shown) + 2.6) + (ROW if len(found) > MOST else 0)
    scope = "tl" + sha256(repr((found, title)).encode("utf-8", "replace")).hexdigest()[:10]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{scope} {PLAIN}" role="img" aria-labelledby="{scope}-title" '
        f'width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}">',
        f'<title id="{scope}-title">{xml(title)}</title><style>{style_sheet(scope)}</style>',
        f'<rect class="paper" width="{wide:.0f}" height="{high:.0f}" fill="#ffffff"/>',
        *_axis(span, ROW * (len(shown) + 1.2)),
    ]
    for number, visit in enumerate(shown):
        parts.extend(_bar(visit, span, ROW * (number + 1.7)))
    if len(found) > MOST:
        parts.append(_small(8, high - ROW - 6, f"and {len(found) - MOST} more lines"))
    parts.append(_small(8, high - 8, LEGEND))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _small(x: float, y: float, words: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="small" {place} fill="{LIGHT["soft"]}" font-size="11">{xml(words)}</text>'


def _took(visit: Visit, span: Span) -> float:
    return (visit.ended if visit.ended is not None else span.last) - visit.entered


def _span(events: list[Event], found: list[Visit]) -> Span:
    times = [seconds(event["timestamp"]) for event in events] or [0.0]
    return Span(min(times), max(times))


def _axis(span: Span, high: float) -> Iterator[str]:
    steps = 5 if span.last > span.first else 1
    for step in range(steps):
        x = LEFT + RIGHT * step / 4
        after = (span.last - span.first) * step / 4
        yield f'<line class="grid" x1="{x:.1f}" y1="{ROW}" x2="{x:.1f}" y2="{high:.1f}" stroke="{LIGHT["grid"]}"/>'
        yield _small(x, 14, duration(after), "middle")
    if steps == 1:
        yield _small(LEFT + 24, 14, "all at one instant of its clock")


def _bar(visit: Visit, span: Span, middle: float) -> Iterator[str]:
    begin = LEFT + RIGHT * span.place(visit.entered)
    end = LEFT + RIGHT * span.place(visit.ended if visit.ended is not None else span.last)
    took = _took(visit, span)
    name = lines(visit.name, limit=LEFT - 20, most=1)[0]
    yield f"<g><title>{xml(f'{visit.name}: {visit.word}, {duration(took)}')}</title>"
    yield (
        f'<text class="name" x="{LEFT - 8:.1f}" y="{middle + 4:.1f}" text-anchor="end" fill="{LIGHT["ink"]}" '
        f'font-size="12">{xml(name)}</text>'
    )
    faint = visit.kind not in _AT_WORK or bool(visit.attempts)
    yield _rect(begin, end, middle, visit.word, "0.35" if faint else "0.9")
    attempts = visit.attempts if visit.kind in _AT_WORK else ()
    for number, (attempt_begin, attempt_end, good) in enumerate(attempts, 1):
        stop = span.last if attempt_end is None else attempt_end
        timed_out = visit.word == "timed out" and number == len(attempts)
        word = visit.word if good or timed_out or attempt_end is None else "failed"
        yield _rect(
            LEFT + RIGHT * span.place(attempt_begin), LEFT + RIGHT * span.place(stop), middle, word, "0.95"
        )
    yield _small(max(end, begin + 3) + 6, middle + 4, _note(visit, took))
    yield "</g>"


def _rect(begin: float, end: float, middle: float, word: str, opacity: str) -> str:
    wide, role = max(3.0, end - begin), word.replace(" ", "-")
    return (
        f'<rect class="bar-{role}" x="{begin:.1f}" y="{middle - 6:.1f}" width="{wide:.1f}" height="12" rx="2" '
        f'fill="{LIGHT[role]}" fill-opacity="{opacity}"/>'
    )


def _note(visit: Visit, took: float) -> str:
    tries = f", {len(visit.attempts)} attempts" if len(visit.attempts) > 1 else ""
    how = "" if visit.word == "succeeded" else f", {visit.word}"
    return f"{duration(took)}{tries}{how}"


def duration(seconds: float) -> str:
    """Give a span of time with its unit: `0 s`, `12 ms`, `90 s`, `2 h 5 min`, `30 d`."""
    if seconds == 0:
        return "0 s"
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 120:
        return f"{seconds:.4g} s"
    whole = round(seconds)
    for size, unit, below, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def timeline_text(events: Iterable[Event], *, columns: int = 40) -> str:
    """Give the timeline as text: one line for each visit, bars of `columns` characters."""
    events = list(events)
    found = rows(visits(events))
    span = _span(events, found)
    widest = min(40, max((len(visit.name) for visit in found), default=0))
    text: list[str] = []
    for visit in found[:MOST]:
        end = visit.ended if visit.ended is not None else span.last
        begin = round(span.place(visit.entered) * (columns - 1))
        bar = " " * begin + "━" * max(1, round(span.place(end) * (columns - 1)) - begin + 1)
        text.append(
            f"{shorten(visit.name, 40):<{widest}} {bar:<{columns}} {_note(visit, end - visit.entered)}"
        )
    if len(found) > MOST:
        text.append(f"and {len(found) - MOST} more lines")
    return "\n".join(text) + "\n"
