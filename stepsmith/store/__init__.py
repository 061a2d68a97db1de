"""The journal of durable executions: one SQLite file, one writer, a chain of hashes."""

from stepsmith.store.checkpoints import Checkpoints
from stepsmith.store.files import Synchronous
from stepsmith.store.inputs import Begin, Input, Redrive, Refuse, Stop, Update, decode, encode
from stepsmith.store.owners import Owners
from stepsmith.store.pruning import forget, prune
from stepsmith.store.reading import Reader
from stepsmith.store.rows import NEVER, Head, Record, Request, Start, Summary, Tail, Token, Unit
from stepsmith.store.store import Store
from stepsmith.store.verifying import verify

__all__ = [
    "NEVER",
    "Begin",
    "Checkpoints",
    "Head",
    "Input",
    "Owners",
    "Reader",
    "Record",
    "Redrive",
    "Refuse",
    "Request",
    "Start",
    "Stop",
    "Store",
    "Summary",
    "Synchronous",
    "Tail",
    "Token",
    "Unit",
    "Update",
    "decode",
    "encode",
    "forget",
    "prune",
    "verify",
]
