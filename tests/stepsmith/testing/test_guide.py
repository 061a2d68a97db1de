"""The guide to testing holds what it says: its examples are a test module, and its commands print what it shows."""

import importlib
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from stepsmith import load
from stepsmith.testing import Runner
from tests import guides

EXAMPLES = guides.python_of("testing")
COMMANDS = guides.blocks("testing", "console")
PATH_TEST = """
from test_guide import ORDER, ask, sell

def test_path(run):
    path = run(sell, ORDER, answers={ask: {"agreed": False}}).path
    assert path == ["Charge", "Wait 90 seconds", "Ask", "Not agreed?", "Return"]
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """A project with the module that the examples make, and a test whose path is wrong."""
    pytester.makepyfile(test_guide=EXAMPLES, test_path=PATH_TEST)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\npython_files = test_guide.py\n")
    return pytester.path


@pytest.fixture
def recorded(project: Path, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The definition of `sell`, and what the `aws` command would write: nobody answered, and the bank was busy."""
    monkeypatch.syspath_prepend(project)
    guide = importlib.import_module("test_guide")
    monkeypatch.delitem(sys.modules, "test_guide")
    execution = run(guide.sell, guide.ORDER, fail={guide.charge: {1: guide.Busy("later")}})
    (project / "monday.json").write_text(json.dumps({"events": list(execution.history)}))
    (project / "definitions").mkdir()
    (project / "definitions/sell.asl.json").write_text(load(execution.definition).definition.to_json())


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_the_examples_of_the_guide_pass(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--asl-coverage")

    result.assert_outcomes(passed=len(re.findall(r"^def test_", EXAMPLES, re.MULTILINE)))
    result.stdout.fnmatch_lines(["sell  100.0 %*"])


def told(output: str) -> list[str]:
    """What is not blank; how far lines of `=` reach depends on the terminal, and times on the machine."""
    lines = [re.sub("==+", "==", line.rstrip()) for line in output.splitlines() if line.strip()]
    return [re.sub(r"\d+\.\d+s", "0s", line) for line in lines]


@pytest.mark.slow
@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("block", COMMANDS, ids=[each.split("\n")[0][2:40] for each in COMMANDS])
def test_the_commands_of_the_guide_print_what_it_shows(pytester: pytest.Pytester, block: str) -> None:
    printed: list[str] = []

    for line in re.findall(r"^\$ (.*)", block, re.MULTILINE):
        command, _, target = line.partition(" > ")
        program, *arguments = shlex.split(command)
        if program == "aws":
            continue  # what it writes is there
        result = pytester.run(sys.executable, "-m", program, *arguments)
        if target:
            assert result.ret == 0, result.errlines
            (pytester.path / target).write_text("\n".join(result.outlines))
        else:
            printed += told("\n".join(result.outlines))

    shown = told("\n".join(line for line in block.splitlines() if not line.startswith("$ ")))
    assert [line for line in shown if line not in printed] == []
