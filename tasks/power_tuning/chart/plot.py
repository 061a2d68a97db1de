"""Time and cost over memory size in one drawing with two axes, of one run or of two."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from tasks.power_tuning.chart.runs import ChartRun, ChartSize, names_of
from tasks.power_tuning.chart.scales import FigureScale, MemoryScale, number, ticks

WIDTH: Final = 760
HEIGHT: Final = 400
LEFT, RIGHT, BOTTOM = 64, WIDTH - 64, HEIGHT - 52
TOP: Final = (66, 108)
"""Where the axes end, with one run and with two, whose names stand above."""
INSET: Final = 14
"""How far the first and the last size are from the axes."""
LONGEST_NAME: Final = 28

STYLE: Final = """
.power-tuning svg{width:100%;height:auto;display:block}
.power-tuning svg text{fill:var(--soft);font:12px system-ui,sans-serif}
.power-tuning svg .grid{stroke:var(--line)}
.power-tuning svg .time{stroke:var(--time);fill:var(--time)}
.power-tuning svg .cost{stroke:var(--cost);fill:var(--cost)}
.power-tuning svg .ink{stroke:var(--ink);fill:var(--ink)}
.power-tuning svg .second{fill:var(--ground);stroke-width:2}
.power-tuning svg path:is(.time,.cost,.ink,.best,.cross){fill:none;stroke-width:2}
.power-tuning svg path.second{stroke-dasharray:6 4}
.power-tuning svg path.time.p95{stroke-width:1}
.power-tuning svg .best{stroke:var(--best);stroke-dasharray:2 4}
.power-tuning svg .cross{stroke:var(--bad)}
.power-tuning svg text:is(.time,.cost,.best,.ink){stroke:none;font-weight:600}
.power-tuning svg text.time{fill:var(--time)}
.power-tuning svg text.cost{fill:var(--cost)}
.power-tuning svg text.best{fill:var(--best)}
.power-tuning svg text.ink{fill:var(--ink)}
"""


def plot(runs: Sequence[ChartRun]) -> str:
    """Return the drawing of one or two runs; the second has dashed lines and hollow marks."""
    sizes = [size for run in runs for size in run.sizes]
    powers = [size.power for size in sizes] + [failure.power for run in runs for failure in run.failed]
    across = MemoryScale.over(powers, LEFT + INSET, RIGHT - INSET)
    highest = [size.duration for size in sizes] + [
        size.p95 or 0 for size in sizes if len(runs) == 1 and _is_finite(size.p95)
    ]
    top = TOP[len(runs) - 1]
    time = FigureScale.over(highest, top, BOTTOM)
    cost = FigureScale.over([_million(size) for size in sizes], top, BOTTOM)
    names = names_of(runs) if len(runs) > 1 else [""]
    parts = [
        _legend(runs, names),
        _axes(time, cost, across, [run.best for run in runs if run.best is not None]),
        *_bests(runs, names, across, top),
        *(
            _curves(run, name, across, time, cost, is_second=index > 0, is_alone=len(runs) == 1)
            for index, (run, name) in enumerate(zip(runs, names, strict=True))
        ),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(_title(runs, names))}">'
        f"<title>{escape(_title(runs, names))}</title>{''.join(parts)}</svg>"
    )


def _title(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    what = f"Duration in milliseconds and cost of a million runs in {runs[0].currency}, by memory size"
    return what if len(runs) == 1 else f"{what}, of {' and '.join(names)}"


def _legend(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    right = f'<text class="cost" x="{WIDTH}" y="14" text-anchor="end">Cost of a million runs, {{}}</text>'
    items = [
        '<text class="time" x="0" y="14">Duration, ms</text>'
        '<path class="time" d="M92 10h30"/><circle class="time" cx="107" cy="10" r="4"/>',
        right.format(escape(runs[0].currency)),
        f'<path class="cost" d="M{WIDTH - 224} 10h30"/>'
        f'<rect class="cost" x="{WIDTH - 212.5}" y="6.5" width="7" height="7"/>',
    ]
    if len(runs) == 1 and any(_is_finite(size.p95) for size in runs[0].sizes):
        items.append('<path class="time p95" d="M140 16v-12m-4 0h8"/><text x="150" y="14">to its p95</text>')
    if len(runs) > 1:
        for x, kind, name in ((0, "ink", names[0]), (WIDTH / 2, "ink second", names[1])):
            items.append(
                f'<path class="{kind}" d="M{x} 34h30"/><circle class="{kind}" cx="{x + 15}" cy="34" r="4"/>'
                f'<text class="ink" x="{x + 38}" y="38">{escape(_short(name))}</text>'
            )
    return "".join(items)


def _axes(time: FigureScale, cost: FigureScale, across: MemoryScale, best: Sequence[int]) -> str:
    parts: list[str] = []
    for left, right in zip(ticks(time.highest), ticks(cost.highest), strict=True):
        y = time.at(left)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(left)}</text>'
            f'<text x="{RIGHT + 8}" y="{y + 4:.1f}">{number(right)}</text>'
        )
    for power in across.powers:
        x = across.at(power)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{BOTTOM}" y2="{BOTTOM + 5}"/>')
    for power in across.labels(best):
        parts.append(
            f'<text x="{across.at(power):.1f}" y="{BOTTOM + 20}" text-anchor="middle">{power:,} MB</text>'
        )
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">Memory size</text>')
    return "".join(parts)


def _bests(runs: Sequence[ChartRun], names: Sequence[str], across: MemoryScale, top: float) -> Iterator[str]:
    """Mark the size that is best for each run, one above the other, or once where it is the same for both."""
    best = [run.size(run.best) for run in runs]
    if len(runs) > 1 and best[0] is not None and best[1] is not None and best[0].power == best[1].power:
        yield _best(best[0].power, " for both", across, top - 10)
        return
    for row, (size, name) in enumerate(zip(best, names, strict=True)):
        if size is not None:
            yield _best(size.power, f" for {_short(name)}" if name else "", across, top - 10 - 16 * row)


def _best(power: int, told: str, across: MemoryScale, y: float) -> str:
    x = across.at(power)
    side = "start" if x < WIDTH / 3 else "end" if x > 2 * WIDTH / 3 else "middle"
    return (
        f'<path class="best" d="M{x:.1f} {y + 5:.1f}V{BOTTOM}"/>'
        f'<text class="best" x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{power:,} MB is best{escape(told)}</text>'
    )


def _curves(
    run: ChartRun,
    name: str,
    across: MemoryScale,
    time: FigureScale,
    cost: FigureScale,
    *,
    is_second: bool,
    is_alone: bool,
) -> str:
    second = " second" if is_second else ""
    of = f" of {name}" if name else ""
    durations = [(across.at(size.power), time.at(size.duration)) for size in run.sizes]
    costs = [(across.at(size.power), cost.at(_million(size))) for size in run.sizes]
    parts = [
        f'<path class="cost{second}" d="{_line(costs)}"/><path class="time{second}" d="{_line(durations)}"/>'
    ]
    for size, (x, y) in zip(run.sizes, durations, strict=True):
        if is_alone and _is_finite(size.p95):
            top = time.at(size.p95 or 0)
            parts.append(f'<path class="time p95" d="M{x:.1f} {y:.1f}V{top:.1f}m-4 0h8"/>')
        told = escape(f"{size.power:,} MB{of}: {number(size.duration)} ms")
        parts.append(
            f'<circle class="time{second}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{told}</title></circle>'
        )
    for size, (x, y) in zip(run.sizes, costs, strict=True):
        told = escape(f"{size.power:,} MB{of}: {number(_million(size))} {run.currency} for a million runs")
        parts.append(
            f'<rect class="cost{second}" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7">'
            f"<title>{told}</title></rect>"
        )
    for failure in run.failed:
        told = escape(f"{failure.power:,} MB{of}: could not be measured")
        cross = f"M{across.at(failure.power) - 5:.1f} {BOTTOM - 5}l10 10m0 -10l-10 10"
        parts.append(f'<path class="cross" d="{cross}"><title>{told}</title></path>')
    return "".join(parts)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if index else 'M'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(points))


def _million(size: ChartSize) -> float:
    return size.cost * 1e6


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
