"""Guides hold what they say: their blocks of Python are one module, which runs from top to bottom."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

GUIDES = Path(__file__).parents[1] / "docs/guide"


def text_of(guide: str) -> str:
    """Give the text of a guide."""
    return (GUIDES / f"{guide}.md").read_text(encoding="utf-8")


def blocks(guide: str, language: str = "python") -> list[str]:
    """Give the blocks of a guide that are written in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(guide), re.DOTALL | re.MULTILINE)


def python_of(guide: str) -> str:
    """Give the examples of a guide as the text of a module."""
    return "\n\n".join(blocks(guide))


def run(guide: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Run the examples of a guide, which are written to a file since the compiler reads sources; give the module."""
    name = f"{guide.replace('-', '_')}_guide"
    (folder / f"{name}.py").write_text(python_of(guide), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    module = importlib.import_module(name)
    monkeypatch.delitem(sys.modules, name)
    return module
