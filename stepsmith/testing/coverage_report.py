"""How the coverage of definitions is shown: in the terminal, and as a page with the graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stepsmith.terminal_text import one_line
from stepsmith.testing.definition_coverage import DefinitionCoverage
from stepsmith.views.graphs.graph import graph_svg
from stepsmith.views.graphs.layout import LayoutUnavailable
from stepsmith.views.histories.progress import StateStatus
from stepsmith.views.lettering import xml

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Coverage of definitions</title>
<style>:root {{ color-scheme: light dark; }} body {{ font-family: system-ui, sans-serif; margin: 2rem; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #0d1117; color: #e6edf3; }} }}
td, th {{ text-align: left; padding: 0.2rem 1rem 0.2rem 0; }} svg {{ max-width: 100%; height: auto; }}</style></head>
<body><h1>Coverage of definitions</h1>
{body}
</body></html>
"""


_MEANINGS = {"succeeded": "covered", "caught": "covered in part", "failed": "missed"}
"""What the words of statuses, which the figure is coloured by, mean here."""


def coverage_text(covered: Sequence[DefinitionCoverage]) -> list[str]:
    """Give the lines of the terminal report: a share for each definition, and what was missed."""
    widest = max((len(each.name) for each in covered), default=0)
    lines: list[str] = []
    for each in sorted(covered, key=lambda one: one.name):
        total, missed = len(each.elements), each.missed
        lines.append(f"{one_line(each.name):<{widest}}  {each.percent:5.1f} %  {total - len(missed)}/{total}")
        lines.extend(f"{'':<{widest}}  missed {one_line(str(element))}" for element in missed)
    return lines


def write_coverage_page(covered: Sequence[DefinitionCoverage], folder: Path) -> Path:
    """Write `index.html` with a graph of each definition, what was missed in red, and give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    body = "\n".join(_section(each) for each in sorted(covered, key=lambda one: one.name))
    page.write_text(_PAGE.format(body=body), encoding="utf-8")
    return page


def _section(each: DefinitionCoverage) -> str:
    rows = "".join(f"<tr><td>{xml(str(element))}</td></tr>" for element in each.missed)
    missed = f"<table><tr><th>Missed</th></tr>{rows}</table>" if rows else "<p>Nothing was missed.</p>"
    return f"<h2>{xml(each.name)}: {each.percent:.1f} %</h2>\n{missed}\n{_graph(each)}"


def _graph(each: DefinitionCoverage) -> str:
    missed = {element.state for element in each.missed if element.kind == "state"}
    partly = {element.state for element in each.missed} - missed
    statuses = {
        element.state: StateStatus(
            "failed" if element.state in missed else "caught" if element.state in partly else "succeeded",
            1,
            0,
            "",
        )
        for element in each.elements
    }
    try:
        return graph_svg(each.machine, title=each.name, statuses=statuses, meanings=_MEANINGS)
    except LayoutUnavailable as error:
        return f"<p>{xml(str(error))}</p>"
