"""What a simulation has shown: durations, where time goes, failures, limits, money; as text, as JSON, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from stepsmith.frozen import frozen
from stepsmith.prices import PRICES_OF, Cost
from stepsmith.simulation.driving import Spent, Tally
from stepsmith.terminal_text import one_line
from stepsmith.views.histories.timeline import duration
from stepsmith.views.lettering import xml

BARS: Final = 12
"""Bars of a histogram."""
WIDTH: Final = 40
MOST_STATES: Final = 30
MONTH_SECONDS: Final = 30 * 86_400.0


@frozen(kw_only=True)
class Simulation:
    """The figures of some executions of a machine."""

    machine: str
    tally: Tally
    cost: Cost
    seed: int
    per_second: float
    """Executions that arrive in a second, for what a month costs."""
    assumed: tuple[str, ...]
    """States of whose tasks nothing was said that they give."""

    @property
    def executions(self) -> int:
        """How many executions there were."""
        return len(self.tally.durations)

    def quantile(self, share: float) -> float:
        """Return the duration, in seconds, that a share of the executions does not exceed."""
        ordered = sorted(self.tally.durations)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def succeeded(self) -> float:
        """The share of the executions that succeeded."""
        return self.tally.statuses["SUCCEEDED"] / self.executions if self.executions else 0.0

    @property
    def cost_of_month(self) -> float:
        """Dollars for a month of arrivals at this rate."""
        return self.cost.per_thousand() / 1000 * self.per_second * MONTH_SECONDS

    def states(self) -> list[tuple[str, Spent]]:
        """Return the states with where their time goes, those with most first."""
        return sorted(self.tally.spent.items(), key=lambda each: (-_total(each[1]), each[0]))

    def histogram(self) -> list[tuple[float, float, int]]:
        """Return how many executions took how long: from, to, number."""
        durations = self.tally.durations
        least, most = min(durations, default=0.0), max(durations, default=0.0)
        size = (most - least) / BARS
        if size <= 0:
            return [(least, most, len(durations))]
        counts = [0] * BARS
        for each in durations:
            counts[min(BARS - 1, int((each - least) / size))] += 1
        return [
            (least + place * size, least + (place + 1) * size, number) for place, number in enumerate(counts)
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON; times in seconds, money in dollars."""
        tally = self.tally
        return {
            "machine": self.machine,
            "executions": self.executions,
            "seed": self.seed,
            "statuses": dict(sorted(tally.statuses.items())),
            "seconds": {f"p{round(share * 100)}": self.quantile(share) for share in (0.5, 0.95, 0.99)},
            "histogram": [
                {"from": least, "to": most, "executions": number} for least, most, number in self.histogram()
            ],
            "states": {
                name: {
                    "visits": spent.visits,
                    "attempts": spent.attempts,
                    "running": spent.running,
                    "waiting": spent.waiting,
                    "retrying": spent.retrying,
                    "failures": dict(sorted(spent.failures.items())),
                }
                for name, spent in self.states()
            },
            "errors": [
                {"error": error, "state": state or None, "executions": number}
                for (error, state), number in tally.errors.most_common()
            ],
            "throttled": {
                "functions": tally.throttled_functions,
                "starts": tally.throttled_starts,
                "transitions": tally.throttled_transitions,
                "seconds": tally.throttled_seconds,
            },
            "cold_starts": tally.cold_starts,
            "highest": {"executions": tally.highest_executions, "functions": tally.highest_functions},
            "transitions": tally.transitions,
            "cost": {
                "per_thousand": self.cost.per_thousand(),
                "per_month": self.cost_of_month,
                "prices_of": PRICES_OF,
            },
            "assumed": list(self.assumed),
        }

    def text(self) -> str:
        """Return the figures for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        tally = self.tally
        ended = ", ".join(f"{number:,} {status}" for status, number in tally.statuses.most_common())
        yield f"{one_line(self.machine)}: {self.executions:,} executions, {ended} (seed {self.seed})"
        quantiles = [f"p{round(share * 100)} {duration(self.quantile(share))}" for share in (0.5, 0.95, 0.99)]
        yield f"durations: {', '.join(quantiles)}"
        most = max(number for _, _, number in self.histogram())
        for least, _, number in self.histogram():
            yield f"  {duration(least):>12}  {'━' * round(WIDTH * number / max(1, most)):<{WIDTH}} {number:,}"
        yield "where time goes, per execution:"
        yield f"  {'state':<40} {'runs':>10} {'waits':>10} {'retries':>10}"
        for name, spent in self.states()[:MOST_STATES]:
            times = (spent.running, spent.waiting, spent.retrying)
            yield f"  {one_line(name)[:40]:<40} " + " ".join(f"{self._mean(each):>10}" for each in times)
        if tally.errors:
            yield "what failed:"
        for (error, state), number in tally.errors.most_common(10):
            where = f" in {one_line(state)}" if state else ""
            yield f"  {number / self.executions:6.1%}  {one_line(error)}{where}"
        yield (
            f"at once: {tally.highest_executions:,} executions, {tally.highest_functions:,} functions; throttled: "
            f"{tally.throttled_functions:,} calls, {tally.throttled_starts:,} starts, "
            f"{tally.throttled_transitions:,} transitions; {tally.cold_starts:,} cold starts"
        )
        yield (
            f"cost: ${self.cost.per_thousand():.4f} per thousand executions, ${self.cost_of_month:,.2f} a month at "
            f"{self.per_second:g} a second (list prices, {PRICES_OF}; no free tier)"
        )
        if self.assumed:
            shown = ", ".join([*map(one_line, self.assumed[:10]), *(["…"] if len(self.assumed) > 10 else [])])
            yield f"what these give is assumed, by an example of its type: {shown}"

    def _mean(self, seconds: float) -> str:
        return duration(seconds / self.executions) if seconds > 1e-9 and self.executions else "-"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show a notebook the figures, with the histogram drawn."""
        text = self.text()
        return {"text/html": f"{self.svg()}<pre>{xml(text)}</pre>", "text/plain": text}

    def svg(self) -> str:
        """Return the histogram as a picture."""
        bars = self.histogram()
        most = max(number for _, _, number in bars)
        parts = [
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 640 200" width="640" height="200">',
            f"<title>{xml(f'Durations of {self.executions:,} executions of {self.machine}')}</title>",
        ]
        wide = 600 / len(bars)
        for place, (least, until, number) in enumerate(bars):
            high = 150 * number / max(1, most)
            words = f"{duration(least)} to {duration(until)}: {number:,}"
            parts.append(
                f'<rect x="{20 + place * wide:.1f}" y="{160 - high:.1f}" width="{wide - 3:.1f}" height="{high:.1f}" '
                f'fill="#4c78a8"><title>{xml(words)}</title></rect>'
            )
        for share, anchor, x in ((0.0, "start", 20), (1.0, "end", 620)):
            label = duration(bars[0][0] if share == 0 else bars[-1][1])
            parts.append(
                f'<text x="{x}" y="180" font-size="12" text-anchor="{anchor}" fill="currentColor">{xml(label)}</text>'
            )
        return "".join([*parts, "</svg>"])


def compared(before: Simulation, after: Simulation) -> str:
    """Return what a change does: the figures before and after it."""
    rows: list[tuple[str, str, str]] = [
        (f"p{round(share * 100)}", duration(before.quantile(share)), duration(after.quantile(share)))
        for share in (0.5, 0.95, 0.99)
    ]
    rows.append(("succeeded", f"{before.succeeded:.1%}", f"{after.succeeded:.1%}"))
    rows.append(("per thousand", f"${before.cost.per_thousand():.4f}", f"${after.cost.per_thousand():.4f}"))
    rows.append(
        ("functions at once", f"{before.tally.highest_functions:,}", f"{after.tally.highest_functions:,}")
    )
    rows.append(
        ("throttled calls", f"{before.tally.throttled_functions:,}", f"{after.tally.throttled_functions:,}")
    )
    return "\n".join(f"  {name:<18} {one:>14} → {other:>14}" for name, one, other in rows)


def page(simulations: Sequence[Simulation]) -> str:
    """Return a page of its own with the histogram and the figures of each: before a change, and after it."""
    title = xml(f"{simulations[0].machine}: {simulations[0].executions:,} simulated executions")
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="font-family: sans-serif; margin: 2em"><h1>{title}</h1>'
    ]
    for place, each in enumerate(simulations):
        heading = "" if len(simulations) == 1 else f"<h2>{('As it is', 'With the change')[place > 0]}</h2>"
        parts.append(f"{heading}{each.svg()}<pre>{xml(each.text())}</pre>")
    return "".join([*parts, "</body></html>\n"])


def _total(spent: Spent) -> float:
    return spent.running + spent.waiting + spent.retrying
