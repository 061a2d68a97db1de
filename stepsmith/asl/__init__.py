"""The model of the Amazon States Language: parse, check, render."""

from stepsmith.asl.parse import parse
from stepsmith.asl.render import render, render_state, to_json

__all__ = ["parse", "render", "render_state", "to_json"]
