"""The journal of durable executions: one SQLite file, one writer, a chain of hashes."""

from stepsmith.store.files import Synchronous
from stepsmith.store.inputs import Begin, Input, Redrive, Stop, decode, encode
from stepsmith.store.owners import Owners
from stepsmith.store.pruning import prune
from stepsmith.store.reading import Reader
from stepsmith.store.rows import NEVER, Head, Record, Request, Start, Summary, Tail, Token, Unit
from stepsmith.store.store import Store
from stepsmith.store.verifying import verify
from stepsmith.store.writer import Direct, Writer

__all__ = [
    "NEVER",
    "Begin",
    "Direct",
    "Head",
    "Input",
    "Owners",
    "Reader",
    "Record",
    "Redrive",
    "Request",
    "Start",
    "Stop",
    "Store",
    "Summary",
    "Synchronous",
    "Tail",
    "Token",
    "Unit",
    "Writer",
    "decode",
    "encode",
    "prune",
    "verify",
]
