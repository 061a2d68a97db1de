"""The model of the Amazon States Language: parse, check, render."""

from stepsmith.asl.parse import LARGEST, check, parse, parse_state, read_text, variable_references
from stepsmith.asl.render import render, render_state, to_json
from stepsmith.asl.unfilled import check_unfilled, parse_unfilled

__all__ = [
    "LARGEST",
    "check",
    "check_unfilled",
    "parse",
    "parse_state",
    "parse_unfilled",
    "read_text",
    "render",
    "render_state",
    "to_json",
    "variable_references",
]
