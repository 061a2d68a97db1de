"""What is no journal is refused with a message, and left alone."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from stepsmith.errors import JournalDamaged, JournalError, NotFound
from stepsmith.store import Reader, Store, verify
from stepsmith.store.files import open_file, problem
from stepsmith.store.schema import APPLICATION, VERSION
from tests.stepsmith.store.journals import begin, filled


def test_a_journal_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "journal.db"

    begin(Store(path, create=True), "one")

    assert [each.name for each in Reader(path).executions()] == ["one"]
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "journal.db", "journal.db-owners", "journal.db-shm", "journal.db-wal"
    ]  # fmt: skip


def test_no_journal_is_made_where_one_is_only_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"

    with pytest.raises(
        NotFound, match=r"there is no journal .*journal\.db; stepsmith start --journal .* begins one"
    ):
        Reader(path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not an SQLite file"),
        (b"not a journal, but notes on one\n" * 9, "it is not an SQLite file"),
        (b"SQLite format 3\0" + b"\1" * 200, "is no journal"),
    ],
)
def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    for create in (False, True):
        with pytest.raises(JournalError, match=message):
            Store(path, create=create)

    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE executions (id, name); INSERT INTO executions VALUES (1, 'x')"
    )
    other.close()
    before = path.read_bytes()

    with pytest.raises(JournalError, match="another program made this SQLite file; it is left as it is"):
        Store(path, create=True)

    assert path.read_bytes() == before


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is a folder; a journal is a file"):
        Store(tmp_path, create=True)


@pytest.mark.parametrize("create", [False, True])
def test_a_pipe_is_no_journal_and_nobody_waits_for_it(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "pipe.db"
    os.mkfifo(path)

    with pytest.raises(JournalError, match="it is a device or a pipe, and a journal is a file"):
        Store(path, create=create)


def test_a_newer_schema_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    filled(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    before = path.read_bytes()

    with pytest.raises(JournalError, match="was written by a newer stepsmith: it has schema 99"):
        Store(path)

    assert path.read_bytes() == before


def test_two_that_make_a_journal_at_once_have_the_same(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first = Store(path, create=True)
    second = Store(path, create=True)

    begin(first, "one")
    begin(second, "two")

    assert [each.name for each in Reader(path).executions()] == ["two", "one"]


def test_a_journal_cut_short_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    filled(path, records=200).close()
    content = path.read_bytes()

    path.write_bytes(content[: len(content) // 2])

    assert any("is damaged" in each for each in verify(path))
    with pytest.raises(JournalDamaged):
        list(Reader(path).records(2))


def test_a_journal_whose_log_could_not_be_moved_for_want_of_room_is_none_that_is_damaged(
    tmp_path: Path,
) -> None:
    """The first page is in the file and says that it has more of them; those are still in the log."""
    path = tmp_path / "j.db"
    store = filled(path, executions=3, records=40)
    reader = Reader(path)
    records = len(list(reader.records(1)))
    reader.close()
    log = Path(f"{path}-wal").read_bytes()
    shorter = path.read_bytes()
    store.close()
    whole = path.read_bytes()
    assert len(whole) > len(shorter)

    path.write_bytes(whole[: len(shorter)])
    Path(f"{path}-wal").write_bytes(log)

    assert list(verify(path)) == []
    assert len(list(Reader(path).records(1))) == records


def test_the_name_of_a_new_journal_is_on_the_disk_before_anything_is_written_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, flush = list[int](), os.fsync

    def note(handle: int) -> None:
        assert path.exists()
        flushed.append(os.fstat(handle).st_ino)
        flush(handle)

    monkeypatch.setattr("stepsmith.store.files.os.fsync", note)
    path = tmp_path / "folder" / "journal.db"

    Store(path, create=True)

    assert flushed == [path.parent.stat().st_ino]


def test_a_new_journal_is_of_the_present_schema(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Store(path, create=True).close()

    db = sqlite3.connect(path)
    found = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id")]
    db.close()

    assert found == [VERSION, APPLICATION]
    Store(path).close()
    assert not [each for each in tmp_path.iterdir() if "schema" in each.name]


@pytest.mark.parametrize(
    ("code", "text", "kind", "message"),
    [
        ("SQLITE_CORRUPT_INDEX", "malformed", JournalDamaged, "j.db is damaged: malformed"),
        ("SQLITE_NOTADB", "no database", JournalDamaged, "j.db is damaged: no database"),
        ("", "Could not decode to UTF-8 column", JournalDamaged, "j.db is damaged: Could not decode to UTF-8 column"),
        (
            "SQLITE_FULL",
            "full",
            JournalError,
            "j.db: there is no room left; nothing is lost, make room and run it again",
        ),
        (
            "SQLITE_IOERR_FSYNC",
            "disk I/O error",
            JournalError,
            "j.db cannot be written or read: disk I/O error; nothing that was committed is lost",
        ),
        ("SQLITE_BUSY", "locked", JournalError, "j.db is held by another process for more than 30 s"),
        ("SQLITE_LOCKED_SHAREDCACHE", "locked", JournalError, "j.db is held by another process for more than 30 s"),
        (
            "SQLITE_READONLY_DIRECTORY",
            "attempt to write a readonly database",
            JournalError,
            "j.db: attempt to write a readonly database; a journal has its log beside it, so its folder has to be one "
            "that can be written to",
        ),
        (
            "SQLITE_CANTOPEN",
            "unable to open database file",
            JournalError,
            "j.db: unable to open database file; a journal has its log beside it, so its folder has to be one that can "
            "be written to",
        ),
        ("SQLITE_TOOBIG", "string or blob too big", JournalError, "j.db: string or blob too big"),
    ],
)  # fmt: skip
def test_what_sqlite_says_is_said_in_a_sentence(
    code: str, text: str, kind: type[JournalError], message: str
) -> None:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorname = code

    found = problem(Path("j.db"), error)

    assert (type(found), str(found)) == (kind, message)


def test_a_journal_that_cannot_be_made_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(JournalError, match=r"file/deep/j\.db cannot be made: Not a directory"):
        Store(tmp_path / "file" / "deep" / "j.db", create=True)


@pytest.mark.parametrize(
    ("name", "reason"), [("x" * 300, "File name too long"), ("a\0b", "embedded null byte")]
)
def test_what_cannot_be_the_name_of_a_file_cannot_be_that_of_a_journal(
    tmp_path: Path, name: str, reason: str
) -> None:
    for create in (False, True):
        with pytest.raises(JournalError, match=rf"cannot be a journal: {reason}"):
            Store(tmp_path / name, create=create)


def test_who_opens_a_journal_waits_for_another_process_that_writes_for_half_a_minute(tmp_path: Path) -> None:
    filled(tmp_path / "journal.db").close()

    db = open_file(tmp_path / "journal.db", create=False)

    assert db.execute("PRAGMA busy_timeout").fetchone() == (30_000,)
    db.close()


def test_what_a_process_that_died_has_left_is_not_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    draft.write_text("half of a journal")

    begin(Store(path, create=True), "one")

    assert not draft.exists()
    assert [each.name for each in Reader(path).executions()] == ["one"]


def test_of_two_that_make_a_journal_the_later_one_takes_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, link = tmp_path / "journal.db", os.link

    def overtaken(draft: Path, target: Path) -> None:
        monkeypatch.setattr("stepsmith.store.files.os.link", link)
        other = threading.Thread(target=lambda: begin(Store(path, create=True), "first"))
        other.start()
        other.join()
        link(draft, target)

    monkeypatch.setattr("stepsmith.store.files.os.link", overtaken)
    begin(Store(path, create=True), "second")

    assert [each.name for each in Reader(path).executions()] == ["second", "first"]


def test_a_journal_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "what? 100 %20 #1 é.db"

    begin(Store(path, create=True), "one")

    assert [each.name for each in Reader(path).executions()] == ["one"]
