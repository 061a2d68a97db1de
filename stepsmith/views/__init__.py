"""Pictures and texts of state machines and executions."""

from stepsmith.views.graph import draw_graph, graph_svg
from stepsmith.views.layout import LayoutUnavailable
from stepsmith.views.mermaid import to_mermaid
from stepsmith.views.outline import Edge, Level, Node, outline
from stepsmith.views.progress import StateStatus, Visit, state_statuses, visits
from stepsmith.views.report import Report, Source, report_html, report_text, summary
from stepsmith.views.text_tree import to_text
from stepsmith.views.timeline import timeline_svg, timeline_text

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
