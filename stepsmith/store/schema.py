"""The tables of a journal."""

from __future__ import annotations

from typing import Final

APPLICATION: Final = 0x53744A6C
"""What marks an SQLite file as a journal: `StJl` in the header."""
VERSION: Final = 2
"""The schema that this package writes."""

TABLES: Final = (
    "CREATE TABLE definitions (hash BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE executions (id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " machine TEXT NOT NULL, definition BLOB NOT NULL, input TEXT NOT NULL, started REAL NOT NULL,"
    " options TEXT NOT NULL, seal BLOB NOT NULL)",
    "CREATE INDEX executions_by_name ON executions (name)",
    "CREATE INDEX executions_by_machine ON executions (machine)",
    # Records of one execution are linked by `previous`, and not found by an index: so those of all executions that
    # run at a time go to the same page, and a commit of many is one page, not many.
    "CREATE TABLE records (id INTEGER PRIMARY KEY, previous INTEGER NOT NULL, execution INTEGER NOT NULL,"
    " number INTEGER NOT NULL, at REAL NOT NULL, body BLOB NOT NULL, last INTEGER NOT NULL, digest INTEGER NOT NULL,"
    " chain BLOB NOT NULL)",
    "CREATE TABLE heads (execution INTEGER PRIMARY KEY, count INTEGER NOT NULL, record INTEGER NOT NULL,"
    " chain BLOB NOT NULL, status TEXT NOT NULL, due REAL NOT NULL, stopped REAL NOT NULL, seal BLOB NOT NULL)",
    "CREATE INDEX heads_by_due ON heads (due, execution) WHERE status = 'RUNNING'",
    "CREATE INDEX heads_by_end ON heads (stopped) WHERE status <> 'RUNNING'",
    "CREATE TABLE tokens (token TEXT PRIMARY KEY, execution INTEGER NOT NULL, command INTEGER NOT NULL,"
    " state TEXT NOT NULL, open INTEGER NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX tokens_by_execution ON tokens (execution)",
    "CREATE TABLE requests (id INTEGER PRIMARY KEY AUTOINCREMENT, execution INTEGER NOT NULL, at REAL NOT NULL,"
    " body BLOB NOT NULL, seal BLOB NOT NULL)",
)
