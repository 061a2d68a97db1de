"""Commands that are done again after each change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stepsmith.cli import watching
from stepsmith.cli.watching import again, changes, folder_here, snapshot


def test_a_snapshot_leaves_out_what_tools_make_and_what_is_no_source(tmp_path: Path) -> None:
    for name in (
        "tasks/a.py", "b.json", ".git/c.py", "tasks/__pycache__/d.py", ".venv/e.py", "venv/f.py", "g.pyc", "h.png"
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    assert sorted(snapshot(tmp_path)) == ["b.json", os.path.join("tasks", "a.py")]


def test_a_snapshot_of_a_huge_folder_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_FILES", 2)
    for number in range(5):
        (tmp_path / f"{number}.py").write_text("")

    assert len(snapshot(tmp_path)) == 2


def test_changes_are_what_is_new_other_or_gone() -> None:
    assert changes({"a": (1, 1), "b": (1, 1), "c": (1, 1)}, {"a": (1, 1), "b": (2, 1), "d": (1, 1)}) == [
        "b",
        "c",
        "d",
    ]


def test_a_file_that_was_changed_within_the_clocks_tick_differs_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("1")
    before = snapshot(tmp_path)
    time = path.stat().st_mtime_ns
    path.write_text("12")
    os.utime(path, ns=(time, time))

    assert changes(before, snapshot(tmp_path)) == ["a.py"]


def test_the_command_is_done_again_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], *, check: bool, env: object) -> subprocess.CompletedProcess[bytes]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 2 if len(calls) == 1 else 0)

    def edit(_: float) -> None:
        if len(calls) == 2:
            raise KeyboardInterrupt
        (tmp_path / "tasks.py").write_text("x")

    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(KeyboardInterrupt):
        again(["run", "greeting"], folder=tmp_path, pause=edit)
    assert calls == [[sys.executable, "-m", "stepsmith", "run", "greeting"]] * 2
    assert capsys.readouterr().err == (
        "waiting for a change (exit code 2); Ctrl-C ends this\n"
        "changed: tasks.py\n"
        "waiting for a change; Ctrl-C ends this\n"
    )


@pytest.mark.usefixtures("project")
def test_run_with_watch_goes_on_until_it_is_interrupted(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "stepsmith", "run", "ordering", "order.sku=a", "--watch"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.stdout.readline() == "250\n"
        _until(process.stderr.readline, "waiting for a change")
        tasks = project / "tasks" / "selling.py"
        tasks.write_text(tasks.read_text().replace("* 250", "* 300"))
        assert process.stdout.readline() == "300\n"
        _until(process.stderr.readline, "waiting for a change")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        process.kill()
        process.communicate()


def _until(read: Callable[[], str], words: str) -> None:
    while words not in (line := read()):
        assert line, f"it ended before it said {words!r}"


def test_the_folder_that_is_watched_is_that_of_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "tasks")

    assert folder_here() == project


def test_without_a_project_it_is_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert folder_here() == tmp_path
