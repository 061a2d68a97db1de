"""Looks at every row of a journal and says what is not as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stepsmith.errors import JournalDamaged
from stepsmith.store.reading import Reader
from stepsmith.store.seals import hash_of


def verify(path: Path) -> Iterator[str]:
    """Give what is wrong with a journal, one sentence a finding; nothing where all is as it was written."""
    try:
        reader = Reader(path)
    except JournalDamaged as error:
        yield str(error)
        return
    try:
        with reader.snapshot():
            yield from _file(reader)
            for (id,) in reader.query("SELECT id FROM executions UNION SELECT execution FROM heads"):
                yield from _execution(reader, id)
            yield from _others(reader)
    except JournalDamaged as error:
        yield str(error)
    finally:
        reader.close()


def _file(reader: Reader) -> Iterator[str]:
    """Let SQLite look at its pages and indexes."""
    for (line,) in reader.query("PRAGMA integrity_check(20)"):
        if line != "ok":
            yield f"{reader.path} is damaged: {line}"


def _execution(reader: Reader, id: int) -> Iterator[str]:
    try:
        reader.summary(id)
        reader.requests(id)
        for _ in reader.records(id):
            pass
    except JournalDamaged as error:
        yield str(error)


def _others(reader: Reader) -> Iterator[str]:
    """Look at what is not read with one execution."""
    try:
        reader.tokens()
    except JournalDamaged as error:
        yield str(error)
    kept, linked = reader.query("SELECT (SELECT count(*) FROM records), (SELECT total(count) FROM heads)")[0]
    if kept != linked:
        yield f"{reader.path} is damaged: it holds {kept} records, and {linked:.0f} were written"
    for table in ("tokens", "requests"):
        for (id,) in reader.query(
            f"SELECT DISTINCT execution FROM {table} WHERE execution NOT IN (SELECT id FROM executions)"  # noqa: S608
        ):
            yield f"{reader.path} is damaged: {table} of an execution {id} that is not there"
    for hash, text in reader.query("SELECT hash, text FROM definitions"):
        if not isinstance(text, str) or hash_of(text) != hash:
            yield f"{reader.path} is damaged: a definition is not what was written"
