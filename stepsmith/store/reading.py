"""Reads a journal; each row is held against its seal, and damage is never returned as data."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from stepsmith.errors import JournalDamaged
from stepsmith.expressions.types import Json
from stepsmith.store.commits import token_seal
from stepsmith.store.files import Connect, connect, open_file, problem
from stepsmith.store.inputs import decode
from stepsmith.store.rows import Head, Record, Request, Start, Summary, Tail, Token
from stepsmith.store.seals import chain, hash_of, head_seal, seal

_LINKS: Final = (
    "WITH RECURSIVE link (id, previous, depth) AS ("
    " SELECT id, previous, 1 FROM records WHERE id = :last AND id <> :known"
    " UNION ALL SELECT r.id, r.previous, depth + 1 FROM records r JOIN link l ON r.id = l.previous"
    " WHERE r.id <> :known AND depth < :most"
    ") SELECT id FROM link"
)
_RECORD: Final = "SELECT previous, execution, number, at, body, last, digest, chain FROM records WHERE id = ?"
_ROW: Final = (
    "SELECT id, arn, name, machine, definition, input, started, options, seal FROM executions WHERE id = ?"
)
_PAGE: Final = 1000
"""Executions whose ids are read at once."""
_ENDLESS: Final = (1 << 63) - 1
_TYPES: Final = (int, str, str, str, bytes, str, float, str)


class Reader:
    """Reads a journal over a connection of its own, and waits for no writer. For one thread at a time."""

    def __init__(self, path: Path, *, connect: Connect = connect) -> None:
        self.path = path
        self._db = open_file(path, create=False, connect=connect)
        self._db.execute("PRAGMA query_only=ON")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Let everything that is read inside be of one moment."""
        with self._problems():
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("COMMIT")

    @property
    def changes(self) -> int:
        """A number that is another one when somebody has written."""
        return int(self._one("PRAGMA data_version")[0])

    # -- executions ---------------------------------------------------------------------

    def find(self, name: str) -> list[Summary]:
        """Return the executions of a name, or the one of an ARN; raises JournalDamaged."""
        column = "arn" if name.startswith("arn:") else "name"
        with self.snapshot():
            ids = self.query(f"SELECT id FROM executions WHERE {column} = ? ORDER BY id", (name,))  # noqa: S608
            return [self.summary(id) for (id,) in ids]

    def executions(
        self, *, status: str | None = None, machine: str | None = None, most: int = -1
    ) -> Iterator[Summary]:
        """Give executions, the newest first, as they are asked for; raises JournalDamaged."""
        wanted = [(name, value) for name, value in (("h.status", status), ("e.machine", machine)) if value]
        where = "".join(f" AND {name} = ?" for name, _ in wanted)
        left, before = most if most >= 0 else _ENDLESS, _ENDLESS
        while left > 0:
            page = min(left, _PAGE)
            ids = self.query(
                "SELECT e.id FROM executions e JOIN heads h ON h.execution = e.id WHERE e.id < ?"  # noqa: S608
                f"{where} ORDER BY e.id DESC LIMIT ?",
                (before, *(value for _, value in wanted), page),
            )
            for (id,) in ids:
                yield self.summary(id)
            if len(ids) < page:
                return
            left, before = left - page, int(ids[-1][0])

    def summary(self, id: int) -> Summary:
        """Return what a list shows of an execution; raises JournalDamaged."""
        with self.snapshot():
            _, arn, name, machine, _, _, started, *_ = self._row(id)
            _, _, _, status, due, stopped = self._head(id)
        return Summary(
            id=id,
            arn=arn,
            name=name,
            machine=machine,
            status=status,
            started=started,
            stopped=stopped,
            due=due,
        )

    def due(
        self, now: float, *, after: tuple[float, int] = (-1.0, 0), most: int = 1000
    ) -> list[tuple[float, int]]:
        """Return when and who: the open executions that have something to do, the longest due first."""
        found = self.query(
            "SELECT due, execution FROM heads WHERE status = 'RUNNING' AND due <= ? AND (due, execution) > (?, ?)"
            " ORDER BY due, execution LIMIT ?",
            (now, *after, most),
        )
        return [(float(due), int(id)) for due, id in found]

    @property
    def next_due(self) -> float | None:
        """When the next open execution has something to do; None if none is open."""
        row = self._one("SELECT min(due) FROM heads WHERE status = 'RUNNING'")
        return None if row[0] is None else float(row[0])

    def start(self, id: int) -> Start:
        """Return how an execution began; raises JournalDamaged."""
        return self._start(id)[0]

    def head(self, id: int) -> Head:
        """Return where an execution stands; raises JournalDamaged."""
        count, _, _, status, due, stopped = self._head(id)
        return Head(count=count, status=status, due=due, stopped=stopped)

    def tail(self, id: int) -> Tail:
        """Return the end of an execution's chain, from which on it can be written."""
        count, record, link, status, due, stopped = self._head(id)
        return Tail(id, count, record, link, head=(status, due, stopped))

    def records(self, id: int, place: Tail | None = None) -> Iterator[Record]:
        """Give the records of an execution, oldest first, each held against the chain; raises JournalDamaged.

        With a place, give those that follow it, and move the place along.
        """
        with self.snapshot():
            if place is None or not place.chain:
                place = place or Tail()
                place.execution, place.chain = id, self._start(id)[1]
            count, newest, end, *_ = self._head(id)
            expected = count - place.count
            links = {"last": newest, "known": place.record, "most": expected + 1}
            ids = [row[0] for row in self.query(_LINKS, links)] if newest else []
            if len(ids) != expected:
                raise self._damaged(
                    f"execution {id} has {place.count + len(ids)} records, and {count} were written"
                )
            for record in reversed(ids):
                yield self._record(record, place)
            if place.chain != end:
                raise self._damaged(f"the records of execution {id} are not those that were written")

    # -- what is asked of executions ----------------------------------------------------

    def requests(self, execution: int | None = None) -> list[Request]:
        """Return what is asked of an execution, or of all, in the order in which it was."""
        where = "" if execution is None else " WHERE execution = ?"
        rows = self.query(
            f"SELECT id, execution, at, body, seal FROM requests{where} ORDER BY id",  # noqa: S608
            () if execution is None else (execution,),
        )
        return [self._request(row) for row in rows]

    def asked(self) -> set[int]:
        """Return the ids of the executions of which something is asked."""
        return {int(row[0]) for row in self.query("SELECT DISTINCT execution FROM requests")}

    def token(self, text: str) -> Token | None:
        """Return what is known about a task token."""
        rows = self.query(
            "SELECT token, execution, command, state, open, seal FROM tokens WHERE token = ?", (text,)
        )
        return self._token(rows[0]) if rows else None

    def tokens(self) -> list[Token]:
        """Return all task tokens; raises JournalDamaged."""
        rows = self.query("SELECT token, execution, command, state, open, seal FROM tokens NOT INDEXED")
        return [self._token(row) for row in rows]

    # -- rows ---------------------------------------------------------------------------

    def _row(self, id: int) -> tuple[Any, ...]:
        rows = self.query(_ROW, (id,))
        if not rows:
            raise self._damaged(f"there is no execution {id}")
        *columns, mark = rows[0]
        self._expect(columns, _TYPES, f"execution {id}")
        if seal(*columns) != mark:
            raise self._damaged(f"the beginning of execution {id} is not what was written")
        return rows[0]

    def _start(self, id: int) -> tuple[Start, bytes]:
        _, arn, name, machine, definition, given, started, options, mark = self._row(id)
        texts = self.query("SELECT text FROM definitions WHERE hash = ?", (definition,))
        if not texts or not isinstance(texts[0][0], str) or hash_of(texts[0][0]) != definition:
            raise self._damaged(f"the definition of execution {id} is not what was written")
        start = Start(
            arn=arn,
            name=name,
            machine=machine,
            definition=texts[0][0],
            input=given,
            started=started,
            options=cast("dict[str, Json]", json.loads(options)),
        )
        return start, mark

    def _head(self, id: int) -> tuple[int, int, bytes, str, float, float]:
        rows = self.query(
            "SELECT execution, count, record, chain, status, due, stopped, seal FROM heads WHERE execution = ?",
            (id,),
        )
        if not rows:
            raise self._damaged(f"execution {id} has no head")
        *columns, mark = rows[0]
        self._expect(columns, (int, int, int, bytes, str, float, float), f"the head of execution {id}")
        execution, count, record, link, status, due, stopped = columns
        if head_seal(execution, count, record, link, status, due, stopped) != mark:
            raise self._damaged(f"the head of execution {id} is not what was written")
        return count, record, link, status, due, stopped

    def _record(self, id: int, place: Tail) -> Record:
        """Return the record that follows a place, and move the place along; inside of a snapshot."""
        row = self._db.execute(_RECORD, (id,)).fetchone()
        at, body, last, digest, link = row[3:]
        self._expect((at, body, last, digest), (float, bytes, int, int), f"record {id}")
        previous, execution, number = place.record, place.execution, place.count + 1
        if (
            row[:3] != (previous, execution, number)
            or chain(place.chain, id, previous, execution, number, at, last, digest, body) != link
        ):
            raise self._damaged(f"record {number} of execution {execution} is not what was written")
        place.record, place.count, place.chain = id, number, link
        return Record(at=at, inputs=decode(body), last=last, digest=digest)

    def _request(self, row: tuple[Any, ...]) -> Request:
        *columns, mark = row
        self._expect(columns, (int, int, float, bytes), "a request")
        if seal(*columns) != mark:
            raise self._damaged(f"request {columns[0]} is not what was written")
        id, execution, at, body = columns
        return Request(id=id, execution=execution, at=at, input=decode(body)[0])

    def _token(self, row: tuple[Any, ...]) -> Token:
        *columns, mark = row
        self._expect(columns, (str, int, int, str, int), "a task token")
        text, execution, command, state, is_open = columns
        if token_seal(text, execution, command, state, is_open) != mark:
            raise self._damaged(f"a task token of execution {execution} is not what was written")
        return Token(token=text, execution=execution, command=command, state=state, is_open=bool(is_open))

    def _expect(self, columns: Any, types: tuple[type, ...], what: str) -> None:
        for column, kind in zip(columns, types, strict=True):
            if type(column) is not kind:
                raise self._damaged(f"{what} is not what was written")

    def _damaged(self, text: str) -> JournalDamaged:
        return JournalDamaged(f"{self.path} is damaged: {text}")

    def query(self, sql: str, parameters: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query, held against nothing."""
        with self._problems():
            return self._db.execute(sql, parameters).fetchall()

    def _one(self, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        with self._problems():
            return cast("tuple[Any, ...]", self._db.execute(sql, parameters).fetchone())

    @contextmanager
    def _problems(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise problem(self.path, error) from error
        except UnicodeDecodeError as error:
            raise self._damaged(f"text that is no text: {error.reason}") from None
