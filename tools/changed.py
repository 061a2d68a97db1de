"""Loads a module from a changed text: in this process, and in each Python process that is begun from it.

What is begun from here finds a `sitecustomize` first on its path, which Python imports before anything else.
"""

import os
import runpy
import sys
from pathlib import Path
from typing import Final

_LOADER: Final = """\
import importlib.machinery
import importlib.util
import sys


class Changed:
    def find_spec(self, fullname, path=None, target=None):
        if fullname != {module!r}:
            return None
        return importlib.util.spec_from_file_location(
            fullname,
            {file!r},
            loader=importlib.machinery.SourceFileLoader(fullname, {text!r}),
            submodule_search_locations={packages!r},
        )


sys.meta_path.insert(0, Changed())
"""


def load_changed(root: Path, path: str, text: str, folder: Path) -> None:
    """Let the module that lies at a path below a root be loaded from a text, which is what `inspect` shows of it, too.

    It must not have been imported yet. The folder keeps the text; it has to be empty, and to last as long as any
    process that is to see the change.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed = folder / "changed.txt"
    changed.write_text(text, encoding="utf-8")
    is_package = path.endswith("/__init__.py")
    finder = folder / "sitecustomize.py"
    finder.write_text(
        _LOADER.format(
            module=path.removesuffix(".py").removesuffix("/__init__").replace("/", "."),
            file=str(root / path),
            text=str(changed),
            packages=[str((root / path).parent)] if is_package else None,
        ),
        encoding="utf-8",
    )
    runpy.run_path(str(finder))
    sys.path.insert(0, str(folder))
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(folder) if not others else f"{folder}{os.pathsep}{others}"
