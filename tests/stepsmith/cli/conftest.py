"""A small project, and a way to call the command line in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from stepsmith.cli.app import call

TASKS = '''\
from pathlib import Path

from pydantic import BaseModel

from stepsmith import WorkflowError, client, task


class Order(BaseModel):
    sku: str
    quantity: int = 1


class SoldOut(WorkflowError):
    """Nothing left."""


@task
def price(order: Order) -> int:
    if order.sku == "none":
        raise SoldOut("no none left")
    return order.quantity * 250


@task
def note(text: str, *, s3=client("s3")) -> str:
    s3.put_object(Bucket="notes", Key="made/note.txt", Body=text.encode())
    return text.upper()
'''
ORDERING = '''\
"""Sell things."""

from datetime import timedelta

from stepsmith import wait, workflow
from tasks.selling import Order, price


@workflow
def ordering(order: Order) -> int:
    """Price an order after a minute."""
    wait(timedelta(seconds=60))
    total = price(order)
    return total
'''
NOTING = '''\
"""Keep notes."""

from stepsmith import workflow
from tasks.selling import note


@workflow
def noting(text: str) -> str:
    """Keep a note."""
    return note(text)


def prepare_local(clients, path):
    clients("s3").create_bucket(Bucket="notes")
    clients("s3").put_object(Bucket="notes", Key="given/note.txt", Body=path.read_bytes())
    return {"text": path.read_text()}
'''


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project folder, with this process in it; what it imports is forgotten afterwards."""
    for name, text in {
        "tasks/__init__.py": "",
        "tasks/selling.py": TASKS,
        "workflows/__init__.py": "",
        "workflows/ordering.py": ORDERING,
        "workflows/noting.py": NOTING,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(sys.modules)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tasks", "workflows")]:
        del sys.modules[name]
    sys.modules.update({name: module for name, module in before.items() if name not in sys.modules})


@pytest.fixture
def stepsmith(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line; gives the exit code and what was written."""

    def run(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = call(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run
