"""What a workflow function may not contain, one page for each code: these modules' docstrings.

`DefinitionError` says where; `explain(code)` says why, and what to write instead.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from stepsmith.errors import NotFound


def codes() -> list[str]:
    """Give all codes, in order."""
    return sorted(_pages())


def explain(code: str) -> str:
    """Give the page of a code. Raises NotFound for one that does not exist."""
    pages = _pages()
    if code not in pages:
        raise NotFound(f"no code {code!r}; the codes are {', '.join(sorted(pages))}")
    return (import_module(pages[code]).__doc__ or "").strip() + "\n"


def title(code: str) -> str:
    """Give the title of the page of a code."""
    return explain(code).partition("\n")[0].removeprefix(f"{code}: ")


def _pages() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        found[import_module(module.name).CODE] = module.name
    return found
