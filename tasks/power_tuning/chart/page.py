"""The result of power tuning as a page to look at: inline SVG, no scripts, nothing loaded from elsewhere."""

from collections.abc import Sequence
from html import escape
from typing import Final

from tasks.power_tuning.chart import plot
from tasks.power_tuning.chart.runs import ChartRun, names_of
from tasks.power_tuning.chart.scales import difference, number
from tasks.power_tuning.chart.tables import extremes, facts, figures, figures_of_both

_STRATEGIES: Final = {"balanced": "the balance of cost and speed"}
"""What strategies are called in a sentence, where that is not their name."""
_LIGHT: Final = """--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--ground:#fff;
--time:#0969da;--cost:#bc4c00;--best:#1a7f37;--bad:#cf222e"""
_DARK: Final = """--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--ground:#0d1117;
--time:#58a6ff;--cost:#f0883e;--best:#3fb950;--bad:#f85149"""
STYLE: Final = f"""
.power-tuning{{{_LIGHT};
color:var(--ink);background:var(--ground);font:14px/1.5 system-ui,sans-serif;
max-width:820px;padding:16px;margin:0 auto}}
@media (prefers-color-scheme:dark){{.power-tuning{{{_DARK}}}}}
[data-jp-theme-light="true"] .power-tuning{{{_LIGHT}}}
[data-jp-theme-light="false"] .power-tuning{{{_DARK}}}
.power-tuning :is(h1,h2){{font-size:20px;line-height:1.3;margin:0 0 8px;overflow-wrap:anywhere}}
.power-tuning p{{margin:0 0 8px}}
.power-tuning .wide{{overflow-x:auto;margin:16px 0}}
.power-tuning table{{border-collapse:collapse;font-variant-numeric:tabular-nums}}
.power-tuning caption{{text-align:left;font-weight:600;padding-bottom:4px}}
.power-tuning.power-tuning :is(th,td){{padding:3px 10px;text-align:right;border-bottom:1px solid var(--line);
background:var(--ground);color:inherit;vertical-align:top}}
.power-tuning.power-tuning :is(thead,tbody,tr:not(.best)){{color:var(--ink)}}
.power-tuning.power-tuning :is([scope=row],.first){{padding-left:0;text-align:left;white-space:nowrap}}
.power-tuning.power-tuning [scope=row]{{font-weight:inherit}}
.power-tuning.power-tuning :is([scope=colgroup],.notes){{text-align:left}}
.power-tuning.power-tuning .text{{text-align:left;overflow-wrap:anywhere}}
.power-tuning.power-tuning td.reason{{color:var(--bad)}}
.power-tuning.power-tuning tr.best{{color:var(--best);font-weight:600}}
.power-tuning .soft{{color:var(--soft)}}
.power-tuning ul{{margin:0 0 12px;padding-left:20px}}
{plot.STYLE}"""


def chart_page(runs: Sequence[ChartRun]) -> str:
    """Return a whole HTML page that shows one run or two, in light or dark as the reader prefers."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(_title(runs))}</title>\n"
        "<style>body{margin:0}@media (prefers-color-scheme:dark){body{background:#0d1117}}</style>\n"
        f"</head>\n<body>\n<main>\n{_figure(runs, 'h1')}\n</main>\n</body>\n</html>\n"
    )


def chart_figure(runs: Sequence[ChartRun]) -> str:
    """Return the runs as an HTML fragment, for a notebook or within another page."""
    return _figure(runs, "h2")


def _figure(runs: Sequence[ChartRun], heading: str) -> str:
    names = names_of(runs)
    table = figures(runs[0]) if len(runs) == 1 else figures_of_both(runs, names)
    return (
        f'<div class="power-tuning"><style>{STYLE}</style>\n<{heading}>{escape(_title(runs))}</{heading}>\n'
        f"{_verdicts(runs, names)}\n{plot.plot(runs)}\n"
        f"{extremes(runs, names)}\n{table}\n{facts(runs, names)}\n</div>"
    )


def _title(runs: Sequence[ChartRun]) -> str:
    functions = list(dict.fromkeys(run.function for run in runs if run.function is not None))
    of = f" of {' and '.join(functions)}" if functions else ""
    if len(runs) == 1:
        told = [place for place in (runs[0].architecture, runs[0].region) if place is not None]
        return ", ".join([f"Power tuning{of}", *told])
    return f"Power tuning{of}" if len(functions) > 1 else f"Power tuning{of}: {' and '.join(names_of(runs))}"


def _verdicts(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    of = [f"{name}: " for name in names] if len(runs) > 1 else [""]
    parts = [_verdict(run, told) for run, told in zip(runs, of, strict=True)]
    if len(runs) > 1:
        parts.append(_comparison(runs, names))
    shared = [text for text in runs[0].warnings if all(text in run.warnings for run in runs)]
    warnings = [_sentence(text) for text in shared] + [
        f"{told}{_sentence(text)}"
        for run, told in zip(runs, of, strict=True)
        for text in run.warnings
        if text not in shared
    ]
    items = "".join(f"<li>{escape(text)}</li>" for text in warnings)
    return "".join(parts) + (f'<ul class="soft">{items}</ul>' if items else "")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _verdict(run: ChartRun, of: str) -> str:
    best = run.size(run.best)
    if best is None:
        return ""
    strategy = f" for {_STRATEGIES.get(run.strategy, run.strategy)}" if run.strategy is not None else ""
    tie = ", but not clearly" if run.tied else ""
    return (
        f"<p>{escape(of)}<strong>{best.power:,} MB</strong> is best{escape(strategy)}{tie}: "
        f"{number(best.duration)} ms and {number(best.cost * 1e6)} {escape(run.currency)} for a million runs.</p>"
    )


def _comparison(runs: Sequence[ChartRun], names: Sequence[str]) -> str:
    """Say how what is best for the second run compares with what is best for the first."""
    first, second = (run.size(run.best) for run in runs)
    if first is None or second is None:
        return ""
    time, cost = difference(second.duration, first.duration), difference(second.cost, first.cost)
    return (
        f"<p>{escape(names[1])} at its best against {escape(names[0])} at its best: "
        f"<strong>{time}</strong> time, <strong>{cost}</strong> cost.</p>"
    )
