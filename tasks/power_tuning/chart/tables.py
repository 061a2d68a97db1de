"""The tables beside the drawing: every figure in it, best and worst, and how it was measured."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final

from tasks.power_tuning.chart.runs import ChartFailure, ChartRun, ChartSize, moment
from tasks.power_tuning.chart.scales import difference, number

LONGEST_REASON: Final = 500
_BEST: Final = ' class="best"'
_NOTES: Final = ' class="notes"'
_TIED: Final = "within the noise of the best"
_EXTREMES: Final[Sequence[tuple[str, str, Callable[[ChartRun], ChartSize | None]]]] = (
    ("Best cost", "cheapest", lambda run: run.cheapest),
    ("Worst cost", "most expensive", lambda run: run.dearest),
    ("Best time", "fastest", lambda run: run.fastest),
    ("Worst time", "slowest", lambda run: run.slowest),
)


def extremes(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    """Return the table of the sizes with the best and the worst cost and time."""
    titles = ["Memory", f"Million runs, {runs[0].currency}", "Duration, ms"]
    rows = [
        _row(label, [cell for run in runs for cell in _extreme(find(run))]) for label, _, find in _EXTREMES
    ]
    groups = [(name, len(titles)) for name in names] if len(runs) > 1 else []
    return _table("Best and worst", ["", *titles * len(runs)], rows, groups=groups)


def figures(run: ChartRun) -> str:
    """Return the table with all figures of a run."""
    titles = [
        "Memory",
        "Duration, ms",
        "p95, ms",
        "Deviation, ms",
        f"Million runs, {run.currency}",
        "Runs",
        "Notes",
    ]
    rows: list[tuple[int, str]] = []
    for size in run.sizes:
        figures = [
            number(size.duration),
            _optional(size.p95),
            _optional(size.deviation),
            number(_million(size)),
        ]
        cells = [*figures, "" if size.samples is None else f"{size.samples:,}"]
        note = f'<td class="text">{escape(", ".join(_notes(run, size)))}</td>'
        rows.append(
            (size.power, _row(f"{size.power:,} MB", cells, more=note, is_best=size.power == run.best))
        )
    rows += [(failure.power, _failed(failure, len(titles) - 1)) for failure in run.failed]
    return _table("Every memory size", titles, [row for _, row in sorted(rows)])


def figures_of_both(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    """Return the table with all figures of two runs beside each other, and by how much the second differs."""
    first, second = runs
    powers = sorted({size.power for run in runs for size in run.sizes} | _failures(first) | _failures(second))
    groups = [
        ("Duration, ms", 3),
        (f"Million runs, {first.currency}", 3),
        ("p95, ms", 2),
        ("Deviation, ms", 2),
    ]
    titles = ["Memory", *names, "change", *names, "change", *names, *names]
    rows = [
        _row(
            f"{power:,} MB",
            [*_both(first, second, power)],
            is_best=power in (first.best, second.best),
        )
        for power in powers
    ]
    reasons = "".join(
        f"<li>{escape(f'{name}: {failure.power:,} MB failed: {failure.failure[:LONGEST_REASON]}')}</li>"
        for run, name in zip(runs, names, strict=True)
        for failure in run.failed
    )
    table = _table("Every memory size of both", titles, rows, groups=groups)
    return table + (f'<ul class="soft">{reasons}</ul>' if reasons else "")


def facts(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    """Return the table that says what was measured, where, when and how."""
    rows = [
        ("Function", [run.function for run in runs]),
        ("Region", [run.region for run in runs]),
        ("Architecture", [run.architecture for run in runs]),
        ("Date", [None if run.started is None else moment(run.started) for run in runs]),
        ("Runs", [_runs(run) for run in runs]),
        ("Measured by", [run.measured_by for run in runs]),
        ("Best by", [run.strategy for run in runs]),
    ]
    return _table(
        "How it was measured",
        ["", *(names if len(runs) > 1 else [""])],
        [_row(label, [told or "unknown" for told in found], kind="text") for label, found in rows],
        kind="text",
    )


def _table(
    caption: str,
    titles: Sequence[str],
    rows: Sequence[str],
    *,
    groups: Sequence[tuple[str, int]] = (),
    kind: str = "",
) -> str:
    """Return a table; `groups` are headings above so many columns each, from the second on."""
    shown = f' class="{kind}"' if kind else ""
    above = "".join(
        f'<th scope="colgroup" colspan="{columns}">{escape(title)}</th>' for title, columns in groups
    )
    first = f'<th scope="col" class="first">{escape(titles[0])}</th>' if titles[0] else "<td></td>"
    others = "".join(
        f'<th scope="col"{_NOTES if title == "Notes" else shown}>{escape(title)}</th>' for title in titles[1:]
    )
    heading = f"<thead>{f'<tr><td></td>{above}</tr>' if above else ''}<tr>{first}{others}</tr></thead>"
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>{heading if any(titles) else ""}'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(title: str, cells: Sequence[str], *, kind: str = "", more: str = "", is_best: bool = False) -> str:
    shown = f' class="{kind}"' if kind else ""
    inner = "".join(f"<td{shown}>{escape(cell)}</td>" for cell in cells)
    return f'<tr{_BEST if is_best else ""}><th scope="row">{escape(title)}</th>{inner}{more}</tr>'


def _failed(failure: ChartFailure, columns: int) -> str:
    reason = escape(failure.failure[:LONGEST_REASON])
    return (
        f'<tr><th scope="row">{failure.power:,} MB</th>'
        f'<td class="text reason" colspan="{columns}">{reason}</td></tr>'
    )


def _extreme(size: ChartSize | None) -> list[str]:
    if size is None:
        return ["unknown", "", ""]
    return [f"{size.power:,} MB", number(size.cost * 1e6), number(size.duration)]


def _both(first: ChartRun, second: ChartRun, power: int) -> Iterator[str]:
    """Give the cells of a memory size: duration, cost, p95 and deviation of both, and the change of the first two."""
    sizes = [first.size(power), second.size(power)]
    missing = ["failed" if power in _failures(run) else "" for run in (first, second)]
    for figure in (_duration, _million):
        yield from (
            text if size is None else number(figure(size)) for size, text in zip(sizes, missing, strict=True)
        )
        yield difference(figure(sizes[1]), figure(sizes[0])) if sizes[0] and sizes[1] else ""
    for size in sizes:
        yield "" if size is None else _optional(size.p95)
    for size in sizes:
        yield "" if size is None else _optional(size.deviation)


def _duration(size: ChartSize) -> float:
    return size.duration


def _million(size: ChartSize) -> float:
    return size.cost * 1e6


def _optional(value: float | None) -> str:
    return "" if value is None else number(value)


def _failures(run: ChartRun) -> set[int]:
    return {failure.power for failure in run.failed}


def _notes(run: ChartRun, size: ChartSize) -> list[str]:
    notes = ["best"] if size.power == run.best else []
    notes += [told for _, told, find in _EXTREMES if find(run) == size]
    return [*notes, _TIED] if size.power in run.tied else notes


def _runs(run: ChartRun) -> str | None:
    if run.runs is None:
        return None
    return f"{run.runs:,} for each size{', each a cold start' if run.is_cold else ''}"
