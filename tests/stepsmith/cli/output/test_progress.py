from __future__ import annotations

import sys

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


def _on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard error be a terminal that shows colours."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def _two_states() -> None:
    machine(("Settle", wait(864_000)), ("Give up", task())).run(
        {}, tasks={"work": lambda _: 1 / 0}, watcher=Progress(spin=False)
    )


def test_on_a_terminal_times_have_units_and_lines_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _on_a_terminal(monkeypatch)

    _two_states()

    assert capsys.readouterr().err.splitlines() == [
        "\x1b[32m       10 d  ✓ Settle\x1b[0m",
        "\x1b[31m       10 d  ✗ Give up failed: ZeroDivisionError\x1b[0m",
    ]


@pytest.mark.parametrize(
    ("name", "value", "time"), [("NO_COLOR", "1", "       10 d"), ("TERM", "dumb", " 864000.000 s")]
)
def test_whoever_wants_no_colours_has_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, time: str
) -> None:
    _on_a_terminal(monkeypatch)
    monkeypatch.setenv(name, value)

    _two_states()

    assert capsys.readouterr().err.splitlines()[0].strip() == f"{time.strip()}  ✓ Settle"
