"""The project around the current folder: its workflows, found by importing `workflows/*.py`."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from stepsmith.cli.output.messages import nearest, one_line
from stepsmith.errors import NotFound, StepsmithError

if TYPE_CHECKING:
    from collections.abc import Collection

    from stepsmith.authoring.source.diagnostics import DefinitionError
    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.deploy.application import AnyFunction
    from stepsmith.service.pages import Page

FOLDER = "workflows"
TASKS = "tasks"
DECLARING = ("stepsmith.http", "stepsmith.batches")
"""What a module imports from that declares functions which no workflow calls."""
LONGEST_REASON = 1000


class BrokenModule(StepsmithError):
    """A module of the project that cannot be imported."""


@dataclass(frozen=True, slots=True)
class Found:
    """A workflow and the module it lives in."""

    workflow: Workflow[..., object]
    module: ModuleType


def find_root(start: Path) -> Path | None:
    """Return the nearest folder from `start` upwards that has a folder of workflows."""
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder
    return None


class Project:
    """The workflows of one project folder, imported when they are asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._modules = {
            path.stem: path for path in sorted((root / FOLDER).glob("*.py")) if path.stem[:1] != "_"
        }

    @classmethod
    def here(cls) -> Project:
        """Return the project of the current folder; raises NotFound outside one."""
        root = find_root(Path.cwd())
        if root is None:
            raise NotFound(f"no folder {FOLDER!r} here or above; make a project with: stepsmith init DIR")
        return cls(root)

    def find(self, name: str) -> Found:
        """Return a workflow by its name; raises NotFound with the nearest name, BrokenModule for a bad import.

        The module of the same name is looked at first; the others are imported only when it does not help.
        """
        if name in self._modules:
            found = self._workflows(name).get(name)
            if found is not None:
                return found
        everything = self.all(skip_broken=True)
        if name in everything:
            return everything[name]
        hint = nearest(name, everything, otherwise="the workflows are")
        raise NotFound(
            f"no workflow {name!r}{hint}" if hint else f"no workflow {name!r}; there are none here"
        )

    def all(self, *, skip_broken: bool = False) -> dict[str, Found]:
        """Return every workflow by name; raises BrokenModule for a module that cannot be imported."""
        found: dict[str, Found] = {}
        for stem in self._modules:
            try:
                found.update(self._workflows(stem))
            except StepsmithError:
                if not skip_broken:
                    raise
        return found

    def functions(self, systems: Collection[str] | None = None) -> list[AnyFunction]:
        """Return what is declared beside tasks and called by no workflow, of some systems or of all.

        Only modules that name `stepsmith.http` or `stepsmith.batches` are imported. Raises BrokenModule.
        """
        from stepsmith.authoring.functions.batch_function import BatchFunction
        from stepsmith.authoring.functions.http_function import HttpFunction

        found: dict[int, AnyFunction] = {}
        for path in sorted((self.root / TASKS).rglob("*.py")):
            parts = path.relative_to(self.root).with_suffix("").parts
            if systems is not None and parts[1] not in systems:
                continue
            if not any(name in path.read_text("utf-8", "replace") for name in DECLARING):
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            for value in vars(self.import_module(name)).values():
                if isinstance(value, HttpFunction | BatchFunction):
                    found.setdefault(id(value.function), cast("AnyFunction", value))
        return sorted(found.values(), key=lambda each: (each.function.__module__, each.function_name))

    def pages(self, systems: Collection[str] | None = None) -> list[Page]:
        """Return the static pages of some systems or of all: the folders `tasks/<system>/page`."""
        from stepsmith.service.pages import FOLDER, INDEX, Page

        found = sorted((self.root / TASKS).glob(f"*/{FOLDER}/{INDEX}"))
        return [Page.of(each.parents[1]) for each in found if systems is None or each.parts[-3] in systems]

    def refusals(self) -> list[DefinitionError]:
        """Import every module and return what the compiler refuses; raises BrokenModule for any other bad import."""
        from stepsmith.authoring.source.diagnostics import DefinitionError

        found: list[DefinitionError] = []
        for stem in self._modules:
            try:
                self.import_module(f"{FOLDER}.{stem}")
            except DefinitionError as error:
                found.append(error)
        return found

    def import_module(self, name: str) -> ModuleType:
        """Import a module of the project; raises BrokenModule with file, line and what went wrong."""
        self._enter()
        try:
            return importlib.import_module(name)
        except StepsmithError:
            raise
        except ModuleNotFoundError as error:
            if error.name == name:
                raise NotFound(f"no module {name!r} in {self.root}") from None
            raise BrokenModule(_explain(name, error)) from error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a module may also end the process, or skip itself as tests do
            raise BrokenModule(_explain(name, error)) from error

    def _workflows(self, stem: str) -> dict[str, Found]:
        from stepsmith.authoring.workflows.workflow import Workflow

        module = self.import_module(f"{FOLDER}.{stem}")
        values = [
            cast("Workflow[..., object]", value)
            for value in vars(module).values()
            if isinstance(value, Workflow)
        ]
        return {
            each.name: Found(each, module) for each in values if each.function.__module__ == module.__name__
        }

    def _enter(self) -> None:
        """Let the project's folder be imported from, before anything else of the same names."""
        root = str(self.root)
        if root not in sys.path:
            sys.path.insert(0, root)
        for name in (FOLDER, "tasks"):
            loaded = sys.modules.get(name)
            if loaded is not None and not _lies_in(loaded, self.root):
                for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                    del sys.modules[each]
            self._take_plain_folder(name)

    def _take_plain_folder(self, name: str) -> None:
        """Let a folder without `__init__.py` be the package of its name, which a real one elsewhere would be else."""
        folder = self.root / name
        if name in sys.modules or not folder.is_dir() or (folder / "__init__.py").exists():
            return
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = module_from_spec(spec)


def _lies_in(module: ModuleType, root: Path) -> bool:
    places = [str(place) for place in getattr(module, "__path__", ())]
    return any(
        Path(place).is_relative_to(root) for place in [*places, getattr(module, "__file__", None) or "/"]
    )


def _explain(name: str, error: BaseException) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "importlib" not in frame.filename and "<frozen" not in frame.filename]
    place = f"{own[-1].filename}:{own[-1].lineno}: " if own else ""
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}: "
    return (
        f"{name} cannot be imported: {place}{type(error).__name__}: {one_line(str(error))[:LONGEST_REASON]}"
    )
