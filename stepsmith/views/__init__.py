"""Pictures and texts of state machines and executions.

`histories` folds the events of an execution, `graphs` draws a machine, `report.py` puts both on one page. They read the
model of the language and plain events, never an engine, and touch neither clock, disk nor network.
"""

from stepsmith.views.graphs.graph import draw_graph, graph_svg
from stepsmith.views.graphs.layout import LayoutUnavailable
from stepsmith.views.graphs.mermaid import to_mermaid
from stepsmith.views.graphs.outline import Edge, Level, Node, outline
from stepsmith.views.graphs.text_tree import to_text
from stepsmith.views.histories.progress import StateStatus, Visit, state_statuses, visits
from stepsmith.views.histories.timeline import timeline_svg, timeline_text
from stepsmith.views.report import Report, Source, report_html, report_text, summary

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
