"""The catalogue as a SQLite database in memory: articles with what ranks them, and FTS5's index of their words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from tasks.content.models import Stored, Suitability

MOST_FOUND: Final = 100
MOST_WORDS: Final = 10
LONGEST_WORD: Final = 40
_SCHEMA: Final = """
CREATE TABLE items (
    id TEXT PRIMARY KEY, source TEXT, title TEXT, summary TEXT, body TEXT, lang TEXT, topics TEXT, media TEXT,
    published REAL, grown_ups INTEGER, boost REAL, popularity REAL, shown INTEGER
);
CREATE VIRTUAL TABLE words USING fts5(
    title, body, topics, content='items', tokenize="unicode61 remove_diacritics 2", prefix='3'
);
CREATE TRIGGER words_in AFTER INSERT ON items BEGIN
    INSERT INTO words (rowid, title, body, topics) VALUES (new.rowid, new.title, new.body, new.topics);
END;
CREATE TRIGGER words_out AFTER DELETE ON items BEGIN
    INSERT INTO words (words, rowid, title, body, topics)
    VALUES ('delete', old.rowid, old.title, old.body, old.topics);
END;
CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT);
"""
_COLUMNS: Final = (
    "id, source, title, summary, lang, topics, media, published, grown_ups, boost, popularity, shown"
)
_RANK: Final = "bm25(words, 6.0, 1.0, 3.0)"
"""A word in the title counts six times, among the topics three times what it counts in the text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as readers are served from the catalogue."""

    id: str
    source: str
    title: str
    summary: str
    lang: str
    topics: tuple[str, ...]
    media: str
    """The key of its first picture in the bucket; empty where it has none."""
    published: float
    """Seconds since 1970."""
    grown_ups: bool
    boost: float
    popularity: float
    """What its touch points count, as of the landmark that all fade from."""
    shown: bool


class Database:
    """A catalogue that can be changed, searched and written as bytes. Close it."""

    def __init__(self, data: bytes = b"") -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        if data:
            self._connection.deserialize(data)
        else:
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Free its memory."""
        self._connection.close()

    def to_bytes(self) -> bytes:
        """Return it as a file."""
        self._connection.commit()
        return bytes(self._connection.serialize())

    def put(self, articles: Iterable[Stored]) -> None:
        """Write articles as they are now; what people did with them stays."""
        for each in articles:
            found = self._connection.execute(
                "SELECT popularity FROM items WHERE id = ?", (each.content.id,)
            ).fetchone()
            self._connection.execute("DELETE FROM items WHERE id = ?", (each.content.id,))
            content = each.content
            pictures = [medium.key for medium in content.media if medium.key]
            self._connection.execute(
                "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(content.id, content.source, content.title, content.summary, content.text, content.lang),
                    *(
                        json.dumps(each.topics),
                        pictures[0] if pictures else "",
                        content.published_at.timestamp(),
                    ),
                    *(each.suitability is Suitability.GROWN_UPS, each.edits.boost or 0.0),
                    *(found[0] if found else 0.0, each.is_shown),
                ),
            )

    def count(self, popularity: Mapping[str, float]) -> None:
        """Write what the touch points of articles count."""
        self._connection.executemany(
            "UPDATE items SET popularity = ? WHERE id = ?", [(sum, id) for id, sum in popularity.items()]
        )

    def mark(self, name: str, value: str) -> None:
        """Keep a note, such as up to when touch points were counted."""
        self._connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))

    def marked(self, name: str) -> str:
        """Return a note; empty where there is none."""
        found = self._connection.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def entries(self) -> list[Entry]:
        """Return all articles, the newest first."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM items ORDER BY published DESC, id")  # noqa: S608  # a constant
        return [_entry(row) for row in rows]

    def search(self, text: str) -> list[str]:
        """Return the ids of articles that have all the words of a text, the best first.

        The last word may be the beginning of one. Nothing in the text is an operator.
        """
        asked = _words(text)
        if not asked:
            return []
        phrases = [f'"{word}"' for word in asked]
        with closing(
            self._connection.execute(
                f"SELECT items.id FROM words JOIN items ON items.rowid = words.rowid WHERE words MATCH ? "  # noqa: S608
                f"ORDER BY {_RANK}, items.published DESC LIMIT {MOST_FOUND}",
                (" AND ".join(phrases) + "*",),
            )
        ) as rows:
            return [str(row[0]) for row in rows]


def _entry(row: Any) -> Entry:
    id, source, title, summary, lang, topics, media, published, grown_ups, boost, popularity, shown = row
    return Entry(
        id=id,
        source=source,
        title=title,
        summary=summary,
        lang=lang,
        topics=tuple(json.loads(topics)),
        media=media,
        published=published,
        grown_ups=bool(grown_ups),
        boost=boost,
        popularity=popularity,
        shown=bool(shown),
    )


def _words(text: str) -> list[str]:
    letters = "".join(c if c.isalnum() else " " for c in text[: MOST_WORDS * LONGEST_WORD])
    return [word[:LONGEST_WORD] for word in letters.split()][:MOST_WORDS]
