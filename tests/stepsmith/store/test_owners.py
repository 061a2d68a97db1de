"""One process drives an execution at a time, and its end lets the next one."""

import subprocess
import sys
from pathlib import Path

import pytest

from stepsmith.engine.ports import TaskSucceeded
from stepsmith.errors import JournalError
from stepsmith.store import Owners, Store
from tests.stepsmith.store.journals import filled

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


def test_a_journal_has_the_same_owners_by_whatever_link_it_is_reached(tmp_path: Path) -> None:
    path, link = tmp_path / "journal.db", tmp_path / "link.db"
    filled(path).close()
    link.symlink_to(path)

    assert Owners.of(link).take(1)

    assert not Owners.of(path).take(1)
    Owners.of(path).release(1)


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


WRITE = """
import sys
from pathlib import Path
from stepsmith.store import Reader, Store
store, reader = Store(Path(sys.argv[1])), Reader(Path(sys.argv[1]))
print("open", flush=True)
for line in sys.stdin:
    print(len(reader.requests()), flush=True)
"""


def test_nothing_is_written_any_more_once_others_do_not_see_who_drives_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepsmith.store.store._CHECK_SECONDS", 0.0)
    path = tmp_path / "j.db"
    store = filled(path)
    Path(f"{path}-owners").unlink()
    with pytest.raises(JournalError, match=r"j\.db-owners was deleted or replaced while it was in use"):
        store.commit([])

    Store(path).commit([])  # with a file of its own
    with pytest.raises(JournalError, match="deleted or replaced"):
        store.commit([])


def test_a_process_that_comes_and_goes_does_not_take_the_log_from_under_another(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    filled(path).close()
    arguments = [sys.executable, "-c", WRITE, str(path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert said(other) == "open"

        for count in (2, 3, 4):
            store = Store(path)
            store.ask(1, TaskSucceeded(id=1, output=None), 1.0)
            store.close()

            assert other.stdin is not None
            other.stdin.write("look\n")
            other.stdin.flush()
            assert said(other) == str(count)
        other.kill()


def test_what_an_owner_has_let_go_of_another_process_may_take_and_keeps(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    owners = Owners.of(path)
    assert owners.take(1)
    assert owners.take(2)

    owners.release(1)
    owners.release(3)  # nobody's

    with other(path, 1, 2, 3) as second:
        assert said(second) == "[True, False, True]"
        assert not owners.take(1)
        second.kill()
    owners.release(2)


def test_owners_whose_file_cannot_be_made_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"j\.db-owners cannot be opened: No such file or directory"):
        Owners.of(tmp_path / "nowhere" / "j.db")
