"""The colours of figures and reports, light and dark, as one table, and the style sheets made of it.

A figure is light, or dark where the reader's system is; the theme of JupyterLab around it overrules the system.
"""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "box": "#f6f8fa",
    "ink": "#1f2328",
    "soft": "#57606a",
    "inner": "#8c959f",
    "grid": "#d0d7de",
    "catch": "#bc4c00",
    "succeeded": "#1a7f37",
    "succeeded-box": "#dafbe1",
    "running": "#0969da",
    "running-box": "#ddf4ff",
    "failed": "#cf222e",
    "failed-box": "#ffebe9",
    "caught": "#bc4c00",
    "caught-box": "#fff1e5",
    "aborted": "#6e7781",
    "aborted-box": "#eaeef2",
    "timed-out": "#9a6700",
    "timed-out-box": "#fff8c5",
}
"""Role -> colour, on light paper."""
DARK: Mapping[str, str] = {
    "paper": "#0d1117",
    "box": "#161b22",
    "ink": "#e6edf3",
    "soft": "#9da7b1",
    "inner": "#6e7681",
    "grid": "#30363d",
    "catch": "#f0883e",
    "succeeded": "#3fb950",
    "succeeded-box": "#12261e",
    "running": "#58a6ff",
    "running-box": "#121d2f",
    "failed": "#f85149",
    "failed-box": "#25171c",
    "caught": "#f0883e",
    "caught-box": "#221a0f",
    "aborted": "#8b949e",
    "aborted-box": "#21262d",
    "timed-out": "#d29922",
    "timed-out-box": "#272115",
}
"""Role -> colour, on dark paper."""
STATUS_WORDS = ("succeeded", "running", "failed", "caught", "aborted", "timed-out")
PLAIN = "mathjax_ignore tex2jax_ignore"
"""The classes that keep notebooks from reading the dollar signs of expressions as formulas."""
FACE = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
_SHAPE = (
    f"text {{ font-family: {FACE}; font-size: 12px; }}",
    ".small { font-size: 11px; }",
    ".head { font-weight: 600; }",
    ".box { stroke-width: 1.2; }",
    ".line { stroke-width: 1.3; }",
    ".inner { stroke-dasharray: 4 3; }",
    ".catch .line { stroke-dasharray: 5 3; }",
)
_PAINT = (
    ".paper, .label { fill: var(--paper); }",
    ".box { fill: var(--box); stroke: var(--soft); }",
    ".inner { fill: var(--paper); stroke: var(--inner); }",
    ".name, .head { fill: var(--ink); }",
    ".small, .tip { fill: var(--soft); }",
    ".line { fill: none; stroke: var(--soft); }",
    ".grid { stroke: var(--grid); }",
    ".catch .line { stroke: var(--catch); }",
    ".catch .tip, .catch .small { fill: var(--catch); }",
    *(f".{word} > .box {{ fill: var(--{word}-box); stroke: var(--{word}); }}" for word in STATUS_WORDS),
    *(f".bar-{word} {{ fill: var(--{word}); }}" for word in STATUS_WORDS),
)


def style_sheet(scope: str) -> str:
    """Give the rules for a figure whose root has the class `scope`; no rule reaches outside it."""
    rules = "\n".join(f".{scope} {_scoped(rule, scope)}" for rule in (*_SHAPE, *_PAINT))
    return f"\n{variables(scope)}\n{rules}\n"


def variables(scope: str) -> str:
    """Give the rules that define the colours as variables of the class `scope`, light and dark."""
    light, dark = _definitions(LIGHT), _definitions(DARK)
    return (
        f".{scope} {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{\n.{scope} {{ {dark} }}\n}}\n"
        f'[data-jp-theme-light="true"] .{scope} {{ {light} }}\n'
        f'[data-jp-theme-light="false"] .{scope} {{ {dark} }}'
    )


def _scoped(rule: str, scope: str) -> str:
    selectors, brace, rest = rule.partition(" {")
    return selectors.replace(", ", f", .{scope} ") + brace + rest


def _definitions(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{role}: {colour};" for role, colour in colours.items())
