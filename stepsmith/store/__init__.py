"""The journal of durable executions: one SQLite file, one writer, a chain of hashes."""

from stepsmith.store.files import Synchronous
from stepsmith.store.inputs import Begin, Input, Redrive, Stop, decode, encode
from stepsmith.store.owners import Owners
from stepsmith.store.pruning import prune
from stepsmith.store.reading import Reader
from stepsmith.store.rows import NEVER, Head, Record, Request, Start, Summary, Tail, Token, Unit
from stepsmith.store.store import Store
from stepsmith.store.verifying import verify

__all__ = [
    "NEVER",
    "Begin",
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
    "decode",
    "encode",
    "prune",
    "verify",
]
