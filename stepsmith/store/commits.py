"""Writes units to a journal: many in one transaction, each whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from stepsmith.store.inputs import encode
from stepsmith.store.rows import RUNS, HeadSays, Start, Tail, Token, Unit
from stepsmith.store.seals import chain, hash_of, head_seal, seal

RECORD: Final = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
LINK: Final = "UPDATE heads SET count = ?, record = ?, chain = ?, seal = ? WHERE execution = ? AND count = ?"
"""For a head that says what it did before, so that no index of it changes."""
HEAD: Final = (
    "UPDATE heads SET count = ?, record = ?, chain = ?, status = ?, due = ?, stopped = ?, seal = ?"
    " WHERE execution = ? AND count = ?"
)
_NEW_HEAD: Final = "INSERT INTO heads VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OPEN: Final = "INSERT INTO tokens VALUES (?, ?, ?, ?, 1, ?)"
_CLOSE: Final = "UPDATE tokens SET open = 0, seal = ? WHERE token = ? AND open = 1"


class Refused(Exception):
    """A unit does not fit to what is in the journal: the execution has gone on without whoever made it."""


class _End:
    """Where an execution's chain ends inside the transaction."""

    __slots__ = ("before", "chain", "count", "execution", "head", "record")

    def __init__(
        self, execution: int, count: int, record: int, chain: bytes, *, is_new: bool = False
    ) -> None:
        self.before = -1 if is_new else count
        """How many records the journal has of it; -1 where it has no head."""
        self.execution = execution
        self.count = count
        self.record = record
        self.chain = chain
        self.head: HeadSays = RUNS


class Transaction:
    """One transaction: takes units, and moves their tails on once it is committed."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._ends: dict[Tail, _End] = {}
        self._records: list[tuple[Any, ...]] = []
        self._last_record = int(db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])

    def take(self, unit: Unit) -> None:
        """Add a unit; raises Refused."""
        end = self._ends.get(unit.tail)
        if end is None:
            end = self._ends[unit.tail] = self._begin(unit)
        if unit.body is not None:
            self._last_record = id = self._last_record + 1
            previous, execution, body, at = end.record, end.execution, unit.body, unit.at
            end.count = number = end.count + 1
            last, digest = unit.last, unit.digest
            end.chain = link = chain(end.chain, id, previous, execution, number, at, last, digest, body)
            end.record = id
            self._records.append((id, previous, execution, number, at, body, last, digest, link))
        end.head = (unit.status, unit.due, unit.stopped)
        if unit.opened or unit.closed or unit.answered or unit.taken or unit.posted:
            self._write_rest(unit, end.execution)
        if unit.follows is not None:
            unit.following = self._add(unit.follows)

    def write(self) -> None:
        """Write what was taken; raises Refused."""
        db = self._db
        if self._records:
            db.executemany(RECORD, self._records)
        links: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        for tail, end in self._ends.items():
            execution, count, record, link, head = end.execution, end.count, end.record, end.chain, end.head
            mark = head_seal(execution, count, record, link, *head)
            if head == tail.head:
                links.append((count, record, link, mark, execution, end.before))
            elif end.before < 0:
                db.execute(_NEW_HEAD, (execution, count, record, link, *head, mark))
            else:
                updates.append((count, record, link, *head, mark, execution, end.before))
        for sql, rows in ((LINK, links), (HEAD, updates)):
            if rows and db.executemany(sql, rows).rowcount != len(rows):
                raise Refused

    def done(self) -> None:
        """Move the tails on: the transaction is committed."""
        for tail, end in self._ends.items():
            tail.execution, tail.count, tail.record = end.execution, end.count, end.record
            tail.chain, tail.head = end.chain, end.head

    def _begin(self, unit: Unit) -> _End:
        tail = unit.tail
        if unit.start is None:
            return _End(tail.execution, tail.count, tail.record, tail.chain)
        execution, mark = add_execution(self._db, unit.start)
        return _End(execution, 0, 0, mark, is_new=True)

    def _add(self, start: Start) -> int:
        """Let another execution begin, and give its id; one that is there already has begun before."""
        row = self._db.execute("SELECT id FROM executions WHERE arn = ?", (start.arn,)).fetchone()
        if row is not None:
            return int(row[0])
        execution, mark = add_execution(self._db, start)
        self._ends[Tail()] = _End(execution, 0, 0, mark, is_new=True)
        return execution

    def _write_rest(self, unit: Unit, execution: int) -> None:
        db = self._db
        for token in unit.opened:
            db.execute(
                _OPEN, (token.token, execution, token.command, token.state, _token_seal(token, execution))
            )
        for text in unit.closed:
            if not close_token(db, text):
                raise Refused
        for text in unit.answered:
            close_token(db, text)
        for id in unit.taken:
            if db.execute("DELETE FROM requests WHERE id = ?", (id,)).rowcount != 1:
                raise Refused
        for other, given in unit.posted:
            add_request(db, other, unit.at, encode([given]))


def commit(db: sqlite3.Connection, units: Sequence[Unit]) -> None:
    """Write units in one transaction; those that do not fit are marked as refused and left out."""
    if not _commit_all(db, units):
        _commit_singly(db, units)


def _commit_all(db: sqlite3.Connection, units: Sequence[Unit]) -> bool:
    db.execute("BEGIN IMMEDIATE")
    try:
        transaction = Transaction(db)
        for unit in units:
            transaction.take(unit)
        transaction.write()
        db.execute("COMMIT")
    except (Refused, sqlite3.IntegrityError):
        roll_back(db)
        return False
    except BaseException:
        roll_back(db)
        raise
    transaction.done()
    return True


def _commit_singly(db: sqlite3.Connection, units: Sequence[Unit]) -> None:
    """Find out which units do not fit, and write the others, a transaction each."""
    lost: set[Tail] = set()
    for unit in units:
        unit.refused = unit.tail in lost or not _commit_all(db, [unit])
        if unit.refused:
            lost.add(unit.tail)  # what follows in this execution rests on what was refused


def roll_back(db: sqlite3.Connection) -> None:
    """End a transaction without effect, where SQLite has not done so itself."""
    if db.in_transaction:
        db.execute("ROLLBACK")


def add_execution(db: sqlite3.Connection, start: Start) -> tuple[int, bytes]:
    """Write an execution's beginning; gives its id and the seal with which its chain begins."""
    from json import dumps

    definition = hash_of(start.definition)
    db.execute("INSERT OR IGNORE INTO definitions VALUES (?, ?)", (definition, start.definition))
    id = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM executions").fetchone()[0])
    options = dumps(dict(start.options), separators=(",", ":"), sort_keys=True)
    columns = (id, start.arn, start.name, start.machine, definition, start.input, start.started, options)
    mark = seal(*columns)
    db.execute("INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*columns, mark))
    return id, mark


def add_request(db: sqlite3.Connection, execution: int, at: float, body: bytes) -> int:
    """Write a request to an execution and give its id."""
    id = int(
        db.execute(
            "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'requests'"
        ).fetchone()[0]
    )
    db.execute(
        "INSERT INTO requests VALUES (?, ?, ?, ?, ?)",
        (id, execution, at, body, seal(id, execution, at, body)),
    )
    return id


def close_token(db: sqlite3.Connection, text: str) -> bool:
    """Let a token take no more answers; tells whether it took one until now."""
    row = db.execute(
        "SELECT execution, command, state FROM tokens WHERE token = ? AND open = 1", (text,)
    ).fetchone()
    if row is None:
        return False
    execution, command, state = row
    mark = token_seal(text, execution, command, state, 0)
    return db.execute(_CLOSE, (mark, text)).rowcount == 1


def _token_seal(token: Token, execution: int) -> bytes:
    return token_seal(token.token, execution, token.command, token.state, 1)


def token_seal(token: str, execution: int, command: int, state: str, is_open: int) -> bytes:
    """Give the hash of the row of a token."""
    return seal(token, execution, command, state, is_open)
