"""The modules of a project that a task reaches: what it imports, and what that imports.

A function gets these and no others, so that a change in one task makes a new package for its own function only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from stepsmith.deploy.errors import PackageRefused
from stepsmith.deploy.packaging.files import Entry, collect

_FINDERS: Final = frozenset(("iter_modules", "walk_packages", "import_module", "__import__", "run_module"))
"""Functions that import, or find, modules by names that are made at run time."""


class Modules:
    """The Python modules, and the other files, of the top folders and files of a project."""

    def __init__(self, root: Path, *, may_hold: frozenset[str] = frozenset()) -> None:
        self.root = root
        self._may_hold = may_hold
        self._parts: dict[str, _Part] = {}

    def reached(self, modules: Iterable[str]) -> list[Entry]:
        """Give the files that modules need, sorted; of a top folder whose modules are found at run time, all.

        Raises PackageRefused for a module that is no Python, and for what must not be packaged.
        """
        found: dict[str, Entry] = {}
        tops: dict[str, _Part] = {}
        seen: set[str] = set()
        waiting = list(modules)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            part = self._part(name.partition(".")[0])
            if part is None:
                continue
            tops[part.name] = part
            if name.endswith(".*"):  # `__all__` of a package may name modules
                name = name.removesuffix(".*")
                waiting += [each for each in part.modules if each.startswith(f"{name}.")]
            for parent in _with_parents(name):
                module = part.modules.get(parent)
                if module is not None and module.entry.name not in found:
                    found[module.entry.name] = module.entry
                    waiting += module.imported
                    if module.finds:
                        waiting += [each for each in part.modules if each not in seen]
        for part in tops.values():
            found |= {entry.name: entry for entry in part.others}
        return [found[name] for name in sorted(found)]

    def _part(self, name: str) -> _Part | None:
        """Give the folder or file of the project that a top module is, if it is one."""
        if name in self._parts:
            return self._parts[name]
        folder, file = self.root / name, f"{name}.py"
        if name == "stepsmith":
            return None
        if folder.is_dir() and any(folder.glob("*.py")):
            entries = collect(self.root, [name], may_hold=self._may_hold)
        elif (self.root / file).is_file():
            entries = collect(self.root, [file], may_hold=self._may_hold)
        else:
            return None
        return self._parts.setdefault(name, _Part(name, entries))


class _Part:
    """A top folder or file of a project."""

    def __init__(self, name: str, entries: Iterable[Entry]) -> None:
        self.name = name
        self.modules: dict[str, _Module] = {}
        self.others: list[Entry] = []
        for entry in entries:
            if entry.name.endswith(".py"):
                module = _Module(entry)
                self.modules[module.name] = module
            else:
                self.others.append(entry)


class _Module:
    """One file of Python."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        path = entry.name.removesuffix(".py")
        self.is_package = path.endswith("/__init__")
        self.name = path.removesuffix("/__init__").replace("/", ".")

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            return ast.parse(self.entry.path.read_bytes())
        except (SyntaxError, ValueError) as error:
            raise PackageRefused(f"{self.entry.name} is no Python: {error}") from None

    @cached_property
    def imported(self) -> list[str]:
        """The modules that it imports, and names from them, which may be modules, too."""
        return sorted(set(self._names()))

    @cached_property
    def finds(self) -> bool:
        """Whether it imports modules by names that are made at run time."""
        return any(
            isinstance(node, ast.Call) and _called(node) in _FINDERS and not _named(node)
            for node in ast.walk(self._tree)
        )

    def _names(self) -> Iterator[str]:
        for node in ast.walk(self._tree):
            match node:
                case ast.Import(names=names):
                    yield from (each.name for each in names)
                case ast.ImportFrom(module=module, names=names, level=level):
                    base = ".".join(part for part in (self._above(level), module) if part)
                    yield base
                    yield from (f"{base}.{each.name}" for each in names)
                case ast.Call() if _called(node) in _FINDERS:
                    yield from _named(node)
                case _:
                    pass

    def _above(self, level: int) -> str:
        """Give the package that a relative import is made from; nothing for an absolute one."""
        if level == 0:
            return ""
        parts = self.name.split(".")
        up = level - 1 if self.is_package else level
        return ".".join(parts[: len(parts) - up])


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _named(node: ast.Call) -> list[str]:
    """Give the module that a call names in its text."""
    match node.args:
        case [ast.Constant(value=str(name)), *_] if not name.startswith("."):
            return [name]
        case _:
            return []
