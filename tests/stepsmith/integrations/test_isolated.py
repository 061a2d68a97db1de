"""A task in a child process cannot take the engine with it."""

from __future__ import annotations

import os
import signal
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
    pid = int(file.read_text())
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()


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
