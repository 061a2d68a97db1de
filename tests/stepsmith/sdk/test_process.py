"""The import of the real SDK, in a process of its own: before and after."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stepsmith.sdk.environment import SDK

SCRIPT = """
import json, logging, sys, threading, warnings

HOW

def state():
    root = logging.getLogger()
    return {
        "root level": root.level,
        "root handlers": list(map(repr, root.handlers)),
        "logging disabled up to": root.manager.disable,
        "uncaught exceptions": repr(sys.excepthook),
        "of threads": repr(threading.excepthook),
        "filters of warnings": list(map(repr, warnings.filters)),
        "shown warnings": repr(warnings.showwarning),
        "sys.path": list(sys.path),
    }

before = state()
load()
after = state()
print(json.dumps([name for name in before if before[name] != after[name]]))
"""


def changed_by(how: str) -> tuple[list[str], str]:
    """Give what the import changes in a new process, and what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("HOW", how)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    return json.loads(done.stdout.splitlines()[-1]), done.stderr + "".join(done.stdout.splitlines()[:-1])


@pytest.mark.slow
def test_our_import_leaves_the_process_as_it_was_and_prints_nothing() -> None:
    assert SDK is not None

    assert changed_by("from stepsmith.sdk import import_sdk as load") == ([], "")


@pytest.mark.slow
def test_the_own_import_of_the_sdk_would_not_have() -> None:
    changed, _ = changed_by("load = lambda: __import__('stepfunctions')")

    assert {"root level", "filters of warnings"} <= set(changed)
