"""The colours of a figure, light and dark, as one table, and the style sheet made of it."""

from __future__ import annotations

from typing import NamedTuple


class Paint(NamedTuple):
    """Fill and stroke of one class of shapes; None leaves it as it is."""

    fill: str | None
    stroke: str | None = None


LIGHT = {
    ".paper": Paint("#ffffff"),
    ".box": Paint("#f6f8fa", "#57606a"),
    ".inner": Paint("#ffffff", "#8c959f"),
    ".name": Paint("#1f2328"),
    ".small": Paint("#57606a"),
    ".line": Paint("none", "#57606a"),
    ".tip": Paint("#57606a"),
    ".label": Paint("#ffffff"),
    ".catch .line": Paint(None, "#bc4c00"),
    ".catch .tip": Paint("#bc4c00"),
    ".catch .small": Paint("#bc4c00"),
    ".succeeded > .box": Paint("#dafbe1", "#1a7f37"),
    ".running > .box": Paint("#ddf4ff", "#0969da"),
    ".failed > .box": Paint("#ffebe9", "#cf222e"),
    ".caught > .box": Paint("#fff1e5", "#bc4c00"),
    ".aborted > .box": Paint("#eaeef2", "#6e7781"),
    ".timed-out > .box": Paint("#fff8c5", "#9a6700"),
}
DARK = {
    ".paper": Paint("#0d1117"),
    ".box": Paint("#161b22", "#8b949e"),
    ".inner": Paint("#0d1117", "#6e7681"),
    ".name": Paint("#e6edf3"),
    ".small": Paint("#9da7b1"),
    ".line": Paint("none", "#8b949e"),
    ".tip": Paint("#8b949e"),
    ".label": Paint("#0d1117"),
    ".catch .line": Paint(None, "#f0883e"),
    ".catch .tip": Paint("#f0883e"),
    ".catch .small": Paint("#f0883e"),
    ".succeeded > .box": Paint("#12261e", "#3fb950"),
    ".running > .box": Paint("#121d2f", "#58a6ff"),
    ".failed > .box": Paint("#25171c", "#f85149"),
    ".caught > .box": Paint("#221a0f", "#f0883e"),
    ".aborted > .box": Paint("#21262d", "#8b949e"),
    ".timed-out > .box": Paint("#272115", "#d29922"),
}
_SHAPE = (
    "text {{ font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 12px; }}",
    ".small {{ font-size: 10.5px; }}",
    ".box {{ stroke-width: 1.2; }}",
    ".line {{ stroke-width: 1.3; }}",
    ".inner {{ stroke-dasharray: 4 3; }}",
    ".catch .line {{ stroke-dasharray: 5 3; }}",
)


def style_sheet(scope: str) -> str:
    """Give the rules for a figure whose root has the class `scope`; no rule reaches outside it."""
    shape = "\n".join(f".{scope} {rule.format()}" for rule in _SHAPE)
    return f"\n{shape}\n{_rules(scope, LIGHT)}\n@media (prefers-color-scheme: dark) {{\n{_rules(scope, DARK)}\n}}\n"


def _rules(scope: str, paints: dict[str, Paint]) -> str:
    return "\n".join(
        f".{scope} {selector} {{ {_declarations(paint)} }}" for selector, paint in paints.items()
    )


def _declarations(paint: Paint) -> str:
    pairs = (("fill", paint.fill), ("stroke", paint.stroke))
    return " ".join(f"{name}: {value};" for name, value in pairs if value is not None)
