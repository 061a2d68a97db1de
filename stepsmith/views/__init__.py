"""Pictures and texts of state machines and executions.

`histories` folds the events of an execution, `graphs` draws a machine, `report.py` puts both on one page. They read the
model of the language and plain events, never an engine, and touch neither clock, disk nor network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.rooms import opened

if TYPE_CHECKING:
    from stepsmith.views.graphs.graph import draw_graph as draw_graph
    from stepsmith.views.graphs.graph import graph_svg as graph_svg
    from stepsmith.views.graphs.layout import LayoutUnavailable as LayoutUnavailable
    from stepsmith.views.graphs.mermaid import to_mermaid as to_mermaid
    from stepsmith.views.graphs.outline import Edge as Edge
    from stepsmith.views.graphs.outline import Level as Level
    from stepsmith.views.graphs.outline import Node as Node
    from stepsmith.views.graphs.outline import outline as outline
    from stepsmith.views.graphs.text_tree import to_text as to_text
    from stepsmith.views.histories.progress import StateStatus as StateStatus
    from stepsmith.views.histories.progress import Visit as Visit
    from stepsmith.views.histories.progress import state_statuses as state_statuses
    from stepsmith.views.histories.progress import visits as visits
    from stepsmith.views.histories.timeline import timeline_svg as timeline_svg
    from stepsmith.views.histories.timeline import timeline_text as timeline_text
    from stepsmith.views.report import Report as Report
    from stepsmith.views.report import Source as Source
    from stepsmith.views.report import report_html as report_html
    from stepsmith.views.report import report_text as report_text
    from stepsmith.views.report import summary as summary

_HOMES: Final = {
    "draw_graph": "stepsmith.views.graphs.graph",
    "graph_svg": "stepsmith.views.graphs.graph",
    "LayoutUnavailable": "stepsmith.views.graphs.layout",
    "to_mermaid": "stepsmith.views.graphs.mermaid",
    "Edge": "stepsmith.views.graphs.outline",
    "Level": "stepsmith.views.graphs.outline",
    "Node": "stepsmith.views.graphs.outline",
    "outline": "stepsmith.views.graphs.outline",
    "to_text": "stepsmith.views.graphs.text_tree",
    "StateStatus": "stepsmith.views.histories.progress",
    "Visit": "stepsmith.views.histories.progress",
    "state_statuses": "stepsmith.views.histories.progress",
    "visits": "stepsmith.views.histories.progress",
    "timeline_svg": "stepsmith.views.histories.timeline",
    "timeline_text": "stepsmith.views.histories.timeline",
    "Report": "stepsmith.views.report",
    "Source": "stepsmith.views.report",
    "report_html": "stepsmith.views.report",
    "report_text": "stepsmith.views.report",
    "summary": "stepsmith.views.report",
}
"""Public name -> the module it lives in."""

__all__ = [
    "Edge",
    "LayoutUnavailable",
    "Level",
    "Node",
    "Report",
    "Source",
    "StateStatus",
    "Visit",
    "draw_graph",
    "graph_svg",
    "outline",
    "report_html",
    "report_text",
    "state_statuses",
    "summary",
    "timeline_svg",
    "timeline_text",
    "to_mermaid",
    "to_text",
    "visits",
]

__getattr__ = opened(__name__, _HOMES)
