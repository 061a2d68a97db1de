"""Seals: a hash over all columns of a row, for records over the row before it too: a changed byte is noticed."""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct
from typing import Final

_BYTES: Final = 16
_HEAD: Final = Struct(">qqqdd").pack
_RECORD: Final = Struct(">qqqqdqq").pack
_NUMBER: Final = Struct(">q").pack
_INSTANT: Final = Struct(">d").pack


def hash_of(text: str) -> bytes:
    """Give the hash under which a definition is kept."""
    return blake2b(text.encode(), digest_size=_BYTES).digest()


def chain(
    before: bytes,
    id: int,
    previous: int,
    execution: int,
    number: int,
    at: float,
    last: int,
    digest: int,
    body: bytes,
) -> bytes:
    """Give the hash of a record that follows one with the hash `before`."""
    fixed = _RECORD(id, previous, execution, number, at, last, digest)
    return blake2b(before + fixed + body, digest_size=_BYTES).digest()


def head_seal(
    execution: int, count: int, record: int, chain: bytes, status: str, due: float, stopped: float
) -> bytes:
    """Give the hash of the row that says where an execution stands."""
    fixed = _HEAD(execution, count, record, due, stopped)
    return blake2b(fixed + chain + status.encode(), digest_size=_BYTES).digest()


def seal(*columns: str | bytes | int | float) -> bytes:
    """Give the hash of any row."""
    state = blake2b(digest_size=_BYTES)
    for column in columns:
        match column:
            case str():
                data = column.encode("utf-8", "surrogatepass")
                state.update(b"s" + _NUMBER(len(data)) + data)
            case bytes():
                state.update(b"b" + _NUMBER(len(column)) + column)
            case int():
                state.update(b"i" + _NUMBER(column))
            case float():
                state.update(b"f" + _INSTANT(column))
    return state.digest()
