"""Does a command again whenever a file of the project changes, each time in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from stepsmith.cli.output.messages import for_people, one_line, say

PULSE: Final = 0.2
"""Seconds between two looks at the files."""
SUFFIXES: Final = (".py", ".json", ".yaml", ".yml", ".toml", ".csv", ".md", ".ipynb")
MOST_FILES: Final = 20_000
"""Files that are looked at; a folder with more is no project."""
FRESH: Final = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
"""Keeps no compiled modules: Python takes one for fresh whose source has its length, and its age in whole seconds."""
_LEFT_OUT: Final = ("__pycache__", "node_modules", "site-packages", "venv", "dist", "build")

Snapshot: TypeAlias = dict[str, tuple[int, int]]
"""File -> when it was changed, in nanoseconds, and its bytes."""


def folder_here() -> Path:
    """Return the folder to look at: that of the project, or the current one where there is none."""
    from stepsmith.cli.arguments.project import find_root

    here = Path.cwd()
    return find_root(here) or here


def again(arguments: Sequence[str], *, folder: Path, pause: Callable[[float], None] = time.sleep) -> int:
    """Call the command line with these arguments, and once more after each change, until Ctrl-C ends it."""
    while True:
        before = snapshot(folder)
        code = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-m", "stepsmith", *arguments], check=False, env=FRESH
        ).returncode
        ended = "" if code in (0, 1) else f" (exit code {code})"
        say(f"waiting for a change{ended}; Ctrl-C ends this", colour="grey")
        while not (found := changes(before, snapshot(folder))):
            pause(PULSE)
        if for_people():
            say("")
        say(
            one_line(f"changed: {', '.join(found[:3])}{' and others' if len(found) > 3 else ''}"),
            colour="grey",
        )


def snapshot(folder: Path) -> Snapshot:
    """Return the files of a project as they are now; hidden folders and what tools have made are left out."""
    found: Snapshot = {}
    for path in _files(folder):
        try:
            status = os.stat(path)
        except OSError:  # it has just gone
            continue
        found[os.path.relpath(path, folder)] = (status.st_mtime_ns, status.st_size)
        if len(found) >= MOST_FILES:
            break
    return found


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Name the files that are new, other or gone."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _files(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in _LEFT_OUT and not each.startswith(".")]
        yield from (os.path.join(place, name) for name in names if name.endswith(SUFFIXES))
