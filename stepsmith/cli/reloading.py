"""Deploys the project anew whenever one of its files changes, while `stepsmith dev` serves it."""

from __future__ import annotations

import importlib
import linecache
import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.project import FOLDER, TASKS, Project
from stepsmith.cli.output.messages import one_line, say
from stepsmith.cli.watching import Snapshot, changes, snapshot
from stepsmith.errors import StepsmithError

if TYPE_CHECKING:
    from stepsmith.cloud.local import LocalCloud

PULSE: Final = 0.5
"""Seconds between two looks at the files."""
_OWN: Final = __name__.partition(".")[0]


def load(cloud: LocalCloud, project: Project) -> Callable[[], list[str]]:
    """Import a project, and return what deploys it in place of what it was, and gives the names of its workflows."""
    workflows = [each.workflow for each in project.all().values()]
    functions, pages = project.functions(), project.pages()
    return lambda: sorted(cloud.redeploy(workflows, functions=functions, pages=pages))


class Reloading:
    """Looks at the files of a project on a thread of its own, and deploys what they are now.

    The cloud's own thread deploys, between two things that happen. Files that cannot be imported or deployed are told,
    and what was deployed before goes on until they change again.
    """

    def __init__(self, cloud: LocalCloud, root: Path, say: Callable[[str], None] = say) -> None:
        self._cloud = cloud
        self._root = root
        self._say = say
        self._seen = self._files()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stepsmith-reloading", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._is_over.set()

    def look(self) -> bool:
        """Look once, and say whether something has changed."""
        before, self._seen = self._seen, self._files()
        found = changes(before, self._seen)
        if not found:
            return False
        names = f"{', '.join(found[:3])}{' and others' if len(found) > 3 else ''}"
        try:
            with _forgotten(self._root):
                deployed = self._on_the_clouds_thread(load(self._cloud, Project(self._root)))
        except StepsmithError as problem:
            self._say(f"stepsmith: {problem}")
            self._say(one_line(f"stepsmith: {names} cannot be deployed; what was there before goes on"))
        else:
            self._say(one_line(f"stepsmith: changed: {names}; deployed {', '.join(deployed) or 'nothing'}"))
        for name, state in self._files().items():  # also of modules that were imported for the first time
            self._seen.setdefault(name, state)
        return True

    def _run(self) -> None:
        while not self._is_over.wait(PULSE):
            self.look()

    def _on_the_clouds_thread(self, work: Callable[[], list[str]]) -> list[str]:
        done, found, problems = threading.Event(), list[str](), list[Exception]()

        def act() -> None:
            try:
                found.extend(work())
            except Exception as problem:
                problems.append(problem)
            done.set()

        self._cloud.agenda.soon(act)
        while not done.wait(PULSE):
            if self._is_over.is_set():
                return []
        if problems:
            raise problems[0] if isinstance(problems[0], StepsmithError) else _unexpected(problems[0])
        return found

    def _files(self) -> Snapshot:
        """Give the files of workflows and tasks, and those of what they import of the project."""
        found: Snapshot = {}
        for folder in (FOLDER, TASKS):
            for name, state in snapshot(self._root / folder).items():
                if name.endswith(".py"):
                    found[os.path.join(folder, name)] = state
        for page in (self._root / TASKS).glob("*/page/index.html"):
            found[os.path.relpath(page, self._root)] = 0, 0  # what is in its files is read for each request
        for module in _modules(self._root).values():
            path = str(module.__file__)
            try:
                status = os.stat(path)
            except OSError:  # it has just gone
                continue
            found[os.path.relpath(path, self._root)] = status.st_mtime_ns, status.st_size
        return found


def _unexpected(problem: Exception) -> StepsmithError:
    return StepsmithError(f"{type(problem).__name__}: {problem}")


def _modules(root: Path) -> dict[str, ModuleType]:
    """Give the modules that were imported from a project: neither stepsmith's nor those of its environment."""
    found: dict[str, ModuleType] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or name.partition(".")[0] in (_OWN, "__main__"):
            continue
        path = Path(file)
        if (
            path.is_relative_to(root)
            and not path.is_relative_to(sys.prefix)
            and "site-packages" not in path.parts
        ):
            found[name] = module
    return found


@contextmanager
def _forgotten(root: Path) -> Generator[None]:
    """Let the modules of a project be imported anew; where an error ends it, those that were there are there again."""
    before = _modules(root)
    packages = {name: sys.modules[name] for name in (FOLDER, TASKS) if name in sys.modules}
    for name in {**before, **packages}:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.checkcache()
    try:
        yield
    except BaseException:
        for name in _modules(root):
            del sys.modules[name]
        sys.modules.update({**before, **packages})
        raise
