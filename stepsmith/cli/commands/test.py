"""`stepsmith test`: the tests of the project around the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

_CODES: Final = {0: 0, 1: 1, 2: 130, 5: 1}
"""Exit code of pytest -> ours: passed, failed, interrupted, no tests; all else is a wrong call."""


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "test",
        "Run the tests of the project around the current folder with pytest. Exit code 1 says that one failed.",
        examples=("", "tests/test_ordering.py", "--watch", "-- -x -k refund"),
    )
    arguments.value("arguments", metavar="FILE", help="files of tests; after -- options of pytest", many=True)
    arguments.flag("watch", help="run them again whenever a file changes")
    return arguments


def run(arguments: Namespace) -> int:
    """Run them in a process of its own, from the project's folder."""
    import subprocess
    import sys
    from importlib.util import find_spec

    from stepsmith.cli.arguments.project import Project
    from stepsmith.errors import InvalidInput

    if find_spec("pytest") is None:
        raise InvalidInput("pytest is not installed here; install it with: pip install pytest")
    done = subprocess.run(  # noqa: S603 - the interpreter here, with what its user has written
        [sys.executable, "-m", "pytest", *arguments.arguments], cwd=Project.here().root, check=False
    )
    return _CODES.get(done.returncode, 2)
