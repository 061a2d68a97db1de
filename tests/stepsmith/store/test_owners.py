"""One process drives an execution at a time, and its end lets the next one."""

import subprocess
import sys
from pathlib import Path

from stepsmith.store import Owners

TAKE = """
import sys
from pathlib import Path
from stepsmith.store import Owners
owners = Owners.of(Path(sys.argv[1]))
print([owners.take(int(each)) for each in sys.argv[2:]], flush=True)
sys.stdin.read()
"""


def other(path: Path, *ids: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", TAKE, str(path), *map(str, ids)]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_an_execution_has_one_owner_in_a_process(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"

    owners = Owners.of(path)

    assert owners.take(1)
    assert not Owners.of(path).take(1)
    owners.release(1)
    assert Owners.of(path).take(1)
    owners.release(1)


def test_an_owner_keeps_other_processes_out_and_its_end_lets_them_in(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with other(path, 1, 2) as first:
        assert said(first) == "[True, True]"

        owners = Owners.of(path)
        assert not owners.take(1)
        assert owners.take(3)
        with other(path, 2, 3, 4) as second:
            assert said(second) == "[False, False, True]"
            second.kill()
        first.kill()

    assert owners.take(1)
    for id in (1, 3):
        owners.release(id)
