from __future__ import annotations

import pytest

from stepsmith.cli.output.progress import Passed, Progress, passed_states
from tests.stepsmith.service.small_machines import machine, parallel, task, wait


def test_states_are_passed_in_the_order_they_were_entered() -> None:
    execution = machine(("Settle", wait(5)), ("Both", parallel("a", "b"))).run(
        {}, tasks={"a": lambda _: 1, "b": lambda _: 2}
    )

    assert passed_states(execution.history) == [
        Passed("Settle", 0.0, 5.0),
        Passed("Both", 5.0, 5.0),
        Passed("Call a", 5.0, 5.0),
        Passed("Call b", 5.0, 5.0),
    ]


def test_a_state_that_failed_was_never_left() -> None:
    execution = machine(("Settle", wait(5)), ("Give up", {"Type": "Fail"})).run()

    assert passed_states(execution.history)[-1] == Passed("Give up", 5.0, None)


def test_a_caught_failure_is_told_from_success(capsys: pytest.CaptureFixture[str]) -> None:
    catching = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "After"}])

    def fail(payload: object) -> None:
        raise ValueError("no")

    machine(("Try", catching), ("After", {"Type": "Pass"})).run(
        {}, tasks={"work": fail}, watcher=Progress(spin=False)
    )

    assert capsys.readouterr().err.splitlines() == [
        "    0.000 s  ✗ Try failed: ValueError",
        "    0.000 s  ↷ Try: caught",
        "    0.000 s  ✓ After",
    ]


def test_names_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    machine(("A\u202eB", {"Type": "Pass"})).run({}, watcher=Progress(spin=False))

    assert capsys.readouterr().err == "    0.000 s  ✓ A\\u202eB\n"


def test_the_running_states_are_shown_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(spin=True)

    machine(("Call", task())).run({}, tasks={"work": lambda _: 1}, watcher=progress)
    progress.close()

    assert "✓ Call" in capsys.readouterr().err
