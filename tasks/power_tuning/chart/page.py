"""The result of power tuning as a page to look at: inline SVG, no scripts, nothing loaded from elsewhere."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Protocol

from tasks.power_tuning.chart.address import Point, points_in
from tasks.power_tuning.selection import Strategy

WIDTH: Final = 720
HEIGHT: Final = 190
LEFT, RIGHT, TOP, BOTTOM = 86, 20, 26, 34
LABEL: Final = 64
"""How much room the label of a memory size needs."""

_LIGHT: Final = """--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--ground:#fff;
--duration:#0969da;--cost:#bc4c00;--best:#1a7f37;--bad:#cf222e"""
_DARK: Final = """--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--ground:#0d1117;
--duration:#58a6ff;--cost:#f0883e;--best:#3fb950;--bad:#f85149"""
STYLE: Final = f"""
.power-tuning{{{_LIGHT};
color:var(--ink);background:var(--ground);font:14px/1.5 system-ui,sans-serif;max-width:760px;padding:16px}}
@media (prefers-color-scheme:dark){{.power-tuning{{{_DARK}}}}}
[data-jp-theme-light="true"] .power-tuning{{{_LIGHT}}}
[data-jp-theme-light="false"] .power-tuning{{{_DARK}}}
.power-tuning svg{{width:100%;height:auto;display:block}}
.power-tuning h2,.power-tuning p{{margin:0 0 8px}}
.power-tuning table{{border-collapse:collapse;margin-top:12px;font-variant-numeric:tabular-nums}}
.power-tuning th,.power-tuning td{{padding:3px 12px;text-align:right;border-bottom:1px solid var(--line)}}
.power-tuning.power-tuning :is(th,td){{background:var(--ground);color:inherit}}
.power-tuning.power-tuning :is(thead,tbody,tr:not(.best)){{color:var(--ink)}}
.power-tuning th:first-child,.power-tuning td:first-child{{padding-left:0}}
.power-tuning :is(th,td):first-child{{white-space:nowrap}}
.power-tuning td.reason{{text-align:left;color:var(--bad);overflow-wrap:anywhere}}
.power-tuning tr.best{{color:var(--best);font-weight:600}}
.power-tuning .soft{{color:var(--soft)}}
.power-tuning text{{fill:var(--soft);font:12px system-ui,sans-serif}}
.power-tuning .title{{fill:var(--ink);font-weight:600}}
.power-tuning .grid{{stroke:var(--line)}}
.power-tuning .duration{{stroke:var(--duration);fill:var(--duration)}}
.power-tuning .cost{{stroke:var(--cost);fill:var(--cost)}}
.power-tuning path.duration,.power-tuning path.cost{{fill:none;stroke-width:2}}
.power-tuning .ring{{fill:none;stroke:var(--best);stroke-width:2}}
.power-tuning .cross{{stroke:var(--bad);stroke-width:2}}
"""


_BEST: Final = ' class="best"'
_TIED: Final = '<span class="soft" title="within the noise of the best">≈ </span>'


class ShownFailure(Protocol):
    """A memory size that could not be measured, and why."""

    power: int
    failure: str


class ShownCosts(Protocol):
    """Where the figures are: in the address of the chart of aws-lambda-power-tuning."""

    visualization: str


class Shown(Protocol):
    """What the page shows of a report."""

    power: int
    cost: float
    duration: float
    strategy: Strategy
    currency: str
    measured_by: str
    is_tie: bool
    tied_with: list[int]
    warnings: list[str]

    @property
    def failed(self) -> Sequence[ShownFailure]:
        """The sizes that could not be measured."""
        ...

    @property
    def state_machine(self) -> ShownCosts:
        """What the tuning itself cost."""
        ...


def chart_page(report: Shown, title: str = "Power tuning") -> str:
    """Return a whole HTML page that shows the report, in light or dark as the reader prefers."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n"
        "<style>body{margin:0}@media (prefers-color-scheme:dark){body{background:#0d1117}}</style>\n"
        f"</head>\n<body>\n{chart_figure(report, title)}\n</body>\n</html>\n"
    )


def chart_figure(report: Shown, title: str = "Power tuning") -> str:
    """Return the report as an HTML fragment, for a notebook or within another page."""
    points = sorted(points_in(report.state_machine.visualization), key=lambda point: point.power)
    failed = [failure.power for failure in report.failed]
    per_million = [Point(point.power, point.duration, point.cost * 1e6) for point in points]
    scale = MemoryScale.over([point.power for point in points] + failed)
    duration = _panel(
        "Duration of a run, milliseconds",
        "duration",
        [(point.power, point.duration) for point in per_million],
        failed,
        report.power,
        scale,
    )
    cost = _panel(
        f"Cost of a million runs, {report.currency}",
        "cost",
        [(point.power, point.cost) for point in per_million],
        failed,
        report.power,
        scale,
    )
    return (
        f'<div class="power-tuning"><style>{STYLE}</style>\n<h2>{escape(title)}</h2>\n{_summary(report)}\n'
        f"{duration}\n{cost}\n{_table(report, per_million)}\n</div>"
    )


@dataclass(frozen=True, slots=True)
class MemoryScale:
    """Where a memory size is on the horizontal axis, which is logarithmic."""

    low: int
    high: int
    powers: tuple[int, ...]

    @classmethod
    def over(cls, powers: Sequence[int]) -> "MemoryScale":
        """Return the scale that has room for these sizes."""
        return cls(min(powers), max(powers), tuple(sorted(set(powers))))

    def at(self, power: int) -> float:
        """Return the horizontal place of a size."""
        if self.low == self.high:
            return LEFT + (WIDTH - LEFT - RIGHT) / 2
        share = math.log(power / self.low) / math.log(self.high / self.low)
        return LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24)

    def labels(self, first: int) -> list[int]:
        """Return the sizes that can be written below the axis without touching each other, `first` among them."""
        kept = [first]
        for power in self.powers:
            if all(abs(self.at(power) - self.at(other)) >= LABEL for other in kept):
                kept.append(power)
        return sorted(kept)


def ticks(highest: float) -> list[float]:
    """Return round values from 0 to at least the highest, four to six of them."""
    if not 0 < highest < math.inf:
        return [0.0, 1.0]
    rough = highest / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * (1 - 1e-9))
    return [step * index for index in range(math.ceil(highest / step - 1e-9) + 1)]


def _panel(
    title: str,
    kind: str,
    values: Sequence[tuple[int, float]],
    failed: Sequence[int],
    best: int,
    scale: MemoryScale,
) -> str:
    marks = ticks(max((value for _, value in values), default=0))
    floor = HEIGHT - BOTTOM

    def height(value: float) -> float:
        return floor - (value / marks[-1]) * (floor - TOP) if math.isfinite(value) else TOP

    parts = [f'<text class="title" x="0" y="14">{escape(title)}</text>']
    for mark in marks:
        at = height(mark)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{number(mark)}</text>')
    for power in scale.labels(best):
        parts.append(
            f'<text x="{scale.at(power):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{power} MB</text>'
        )
    line = " ".join(
        f"{'M' if index == 0 else 'L'}{scale.at(power):.1f} {height(value):.1f}"
        for index, (power, value) in enumerate(values)
    )
    parts.append(f'<path class="{kind}" d="{line}"/>')
    for power, value in values:
        x, y = scale.at(power), height(value)
        ring = f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="8"/>' if power == best else ""
        parts.append(
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
            f"<title>{power} MB: {number(value)}</title></circle>{ring}"
        )
    for power in failed:
        x = scale.at(power)
        cross = f"M{x - 5:.1f} {floor - 5}l10 10m0 -10l-10 10"
        parts.append(f'<path class="cross" d="{cross}"><title>{power} MB: failed</title></path>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)} by memory size">'
        f"{''.join(parts)}</svg>"
    )


def _summary(report: Shown) -> str:
    tie = ", but not clearly" if report.is_tie else ""
    warnings = "".join(
        f'<p class="soft">{escape(text[:1].upper() + text[1:])}.</p>' for text in report.warnings
    )
    return (
        f"<p><strong>{report.power} MB</strong> is best for {escape(report.strategy)}{tie}: "
        f"{number(report.duration)} ms and {number(report.cost * 1e6)} {escape(report.currency)} for a million runs. "
        f"Measured by {escape(report.measured_by)}.</p>{warnings}"
    )


def _table(report: Shown, points: Sequence[Point]) -> str:
    rows = [
        f"<tr{_BEST if point.power == report.power else ''}>"
        f"<td>{_TIED if point.power in report.tied_with else ''}{point.power} MB</td>"
        f"<td>{number(point.duration)}</td><td>{number(point.cost)}</td></tr>"
        for point in points
    ]
    rows += [
        f'<tr><td>{failure.power} MB</td><td class="reason" colspan="2">{escape(failure.failure[:500])}</td></tr>'
        for failure in report.failed
    ]
    return (
        "<table><thead><tr><th>Memory</th><th>Duration, ms</th>"
        f"<th>Million runs, {escape(report.currency)}</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def number(value: float) -> str:
    """Return a figure with three or four digits that say something."""
    if not math.isfinite(value):
        return "unknown"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 1 or value == 0:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if abs(value) < 1e-6:
        return f"{value:.3g}"
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}".rstrip("0")
