"""Journals to look at: a few executions with a few records each."""

from __future__ import annotations

from pathlib import Path

from stepsmith.engine.ports import TaskSucceeded
from stepsmith.store import Start, Store, Tail, Token, Unit, encode

MACHINE = "arn:aws:states:us-east-1:123456789012:execution:machine"


def start(name: str, *, input: str = "{}", started: float = 1.0) -> Start:
    return Start(
        arn=f"{MACHINE}:{name}",
        name=name,
        machine="machine",
        definition='{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
        input=input,
        started=started,
        options={"seed": 7, "virtual": False},
    )


def begin(store: Store, name: str, **fields: str) -> Tail:
    tail = Tail()
    store.commit([Unit(tail=tail, start=start(name, **fields))])
    return tail


def step(tail: Tail, number: int, **fields: object) -> Unit:
    body = encode([TaskSucceeded(id=number, output={"n": number, "text": "x" * 40})])
    return Unit(tail=tail, body=body, at=1.5 + number, last=5 * number, digest=number * 77, **fields)  # type: ignore[arg-type]


def filled(path: Path, *, executions: int = 3, records: int = 5, connect: object = None) -> Store:
    """Return a journal in which every table has rows."""
    store = Store(path, create=True, synchronous="NORMAL")
    tails = [begin(store, f"n{each}") for each in range(executions)]
    for number in range(1, records + 1):
        store.commit([step(tail, number) for tail in tails])
    token = Token(token="t" * 64, execution=1, command=9, state="Wait for it", is_open=True)
    store.commit([step(tails[0], records + 1, opened=(token,))])
    store.ask(2, TaskSucceeded(id=1, output="asked"), 9.0)
    return store
