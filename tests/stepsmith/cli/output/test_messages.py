"""The doors of the command line as a caller may leave them: closed, full, broken off, or without letters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = f"{sys.executable} -m stepsmith"
ECHO = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    path = tmp_path / "echo.asl.json"
    path.write_text(ECHO)
    return path


def shell(line: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["/bin/bash", "-c", line],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("closed", "code"),
    [(">&-", 0), ("2>&-", 0), (">&- 2>&-", 0), ("<&-", 0), ("--input - <&-", 2)],
)
def test_a_closed_stream_is_nothing_to_stumble_over(closed: str, code: int, echo: Path) -> None:
    assert shell(f"{COMMAND} run {echo} {closed}")[0] == code


@pytest.mark.slow
def test_a_reader_who_has_seen_enough_ends_it_without_a_word() -> None:
    code, _, err = shell(f"set -o pipefail; {COMMAND} explain W170 | true")

    assert (code, err) == (141, "")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_told(echo: Path) -> None:
    code, _, err = shell(f"{COMMAND} run {echo} > /dev/full")

    assert code == 2
    assert err.endswith("stepsmith: the output cannot be written: No space left on device\n")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_progress_that_nobody_can_read_does_not_end_a_run(echo: Path) -> None:
    assert shell(f"{COMMAND} run {echo} a=1 2> /dev/full")[:2] == (0, '{\n  "a": 1\n}\n')


@pytest.mark.slow
def test_letters_that_the_terminal_does_not_have_are_escaped_as_in_json(echo: Path) -> None:
    code, out, err = shell(f"{COMMAND} run {echo} 'a=é 🍪'", PYTHONIOENCODING="ascii")

    assert (code, out) == (0, '{\n  "a": "\\u00e9 \\ud83c\\udf6a"\n}\n')
    assert "\\u2713 A" in err


@pytest.mark.slow
def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "gone"

    code, _, err = shell(f"mkdir {gone}; cd {gone}; rmdir {gone}; {COMMAND} list")

    assert (code, err) == (2, "stepsmith: the folder that this runs in is not there any more\n")
