"""A task in a child process cannot take the engine with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stepsmith import load, task
from tests.stepsmith.integrations import isolated_tasks

pytestmark = pytest.mark.slow


def run(function: Any, payload: object, **fields: Any) -> Any:
    resource = f"arn:aws:lambda:us-east-1:123456789012:function:{function.function_name}"
    machine = load(
        {"StartAt": "It", "States": {"It": {"Type": "Task", "Resource": resource, "End": True, **fields}}}
    )
    return machine.run(payload, tasks={function.function_name: function})  # type: ignore[arg-type]


def has_gone(file: Path) -> bool:
    """Say whether the process whose number is in a file ends soon; one that nobody has asked for has ended, too."""
    pid = int(file.read_text())
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_it_runs_in_another_process_and_its_result_comes_back() -> None:
    execution = run(isolated_tasks.weigh, {"parcel": "p1", "grams": 20})

    output = execution.output
    assert output["parcel"] == "p1"
    assert output["pid"] != os.getpid()
    assert output["token"].endswith("/It:1.0")


def test_an_error_has_its_name_and_message() -> None:
    execution = run(isolated_tasks.weigh, {"parcel": "p1", "grams": 2000})

    assert execution.error == "TooHeavy"
    assert "p1 weighs 2000 g" in execution.cause


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (-int(signal.SIGKILL), "signal: 9"),
        (-int(signal.SIGSEGV), "signal: 11"),
        (3, "exit status 3"),
        (0, "exit status 0"),
    ],
)
def test_a_child_that_dies_is_a_failure_with_a_name(how: int, words: str) -> None:
    execution = run(isolated_tasks.die, {"how": how})

    assert execution.error == "Runtime.ExitError"
    assert f"Runtime exited with error: {words}" in execution.cause


def test_a_child_that_hangs_is_killed_when_its_time_is_up(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    begun = time.monotonic()

    execution = run(isolated_tasks.hang, {"file": str(file)}, TimeoutSeconds=2)

    assert execution.error == "States.Timeout"
    assert time.monotonic() - begun < 10
    assert has_gone(file)


def test_services_that_live_in_this_process_are_out_of_reach() -> None:
    execution = run(isolated_tasks.store, {"name": "a"})

    assert execution.error == "States.Runtime"
    assert "isolate=True keeps them from it" in execution.cause


def test_a_function_that_no_other_process_finds_is_named() -> None:
    @task(isolate=True)
    def here(parcel: str) -> str:
        return parcel

    execution = run(here, {"parcel": "p1"})

    assert execution.error == "States.Runtime"
    assert "is not found by another process; define it in a module" in execution.cause


@pytest.mark.parametrize("how", ["one", "both"])
def test_nobody_waits_for_what_a_task_forks_off(tmp_path: Path, how: str) -> None:
    begun = time.monotonic()

    execution = run(isolated_tasks.split, {"how": how, "file": str(tmp_path / "pid")})

    assert execution.output == how
    assert time.monotonic() - begun < 50


def test_a_child_that_dies_and_leaves_a_fork_behind_is_dead(tmp_path: Path) -> None:
    begun = time.monotonic()

    execution = run(isolated_tasks.split, {"how": "dies", "file": str(tmp_path / "pid")})

    assert "exit status 5" in execution.cause
    assert time.monotonic() - begun < 50


def test_what_a_child_has_begun_ends_with_it_when_its_time_is_up(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    execution = run(isolated_tasks.begin, {"file": str(file)}, TimeoutSeconds=5)

    assert execution.error == "States.Timeout"
    assert has_gone(file)


def test_a_task_in_a_child_finds_nothing_to_read() -> None:
    assert run(isolated_tasks.read, {}).output == ""


PARENT = """
import sys
from stepsmith import load
from tests.stepsmith.integrations.isolated_tasks import begin
resource = "arn:aws:lambda:us-east-1:123456789012:function:begin"
states = {"It": {"Type": "Task", "Resource": resource, "End": True}}
load({"StartAt": "It", "States": states}).run({"file": sys.argv[1]}, tasks={"begin": begin})
"""


@pytest.mark.parametrize("signals", [[signal.SIGKILL], [signal.SIGINT, signal.SIGKILL]])
def test_a_child_ends_with_its_parent_and_not_by_what_ends_other_processes_of_the_terminal(
    tmp_path: Path, signals: list[signal.Signals]
) -> None:
    file = tmp_path / "pid"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(file)], start_new_session=True, stderr=subprocess.DEVNULL
    )
    while not (file.exists() and file.read_text()):
        assert parent.poll() is None
        time.sleep(0.01)
    child = os.getpgid(int(file.read_text()))
    assert child != parent.pid  # Ctrl-C is for the group of the parent

    for each in signals:
        parent.send_signal(each)
    parent.wait()

    assert has_gone(file)
