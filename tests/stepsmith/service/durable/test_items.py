"""Sources that are read and results that are exported, page by page, whenever the process ends."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stepsmith.engine.maps import map_run, results
from stepsmith.errors import JournalError
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.store import Store
from tests.stepsmith.service.durable.engines import (
    Answers,
    Crash,
    driven,
    failing,
    finish,
    shown,
    started,
    task,
)

pytestmark = pytest.mark.slow
ROWS = 7
MACHINE = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 2,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "data", "Key": "rows.csv"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Work",
                "States": {"Work": task("work", End=True)},
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "data", "Prefix": "out"},
            },
            "End": True,
        }
    },
}


@pytest.fixture(scope="module")
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="data")
    return registry


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch, clients: ClientRegistry) -> None:
    for module in (map_run, results):
        monkeypatch.setattr(module, "PAGE", 2)
    rows = "".join(f"{number}\n" for number in range(ROWS))
    clients.client("s3").put_object(Bucket="data", Key="rows.csv", Body=f"n\n{rows}".encode())


def work(payload: Json) -> Json:
    assert isinstance(payload, dict)
    return {"n": int(str(payload["n"])) * 2}


def exported(clients: ClientRegistry) -> list[Json]:
    """Return what all result files hold, and delete them."""
    s3, found = clients.client("s3"), list[Json]()
    for each in s3.list_objects_v2(Bucket="data", Prefix="out").get("Contents", []):
        content = json.loads(s3.get_object(Bucket="data", Key=each["Key"])["Body"].read())
        if isinstance(content, list):
            found += [json.loads(one["Output"])["n"] for one in content]
        s3.delete_object(Bucket="data", Key=each["Key"])
    return sorted(found)  # type: ignore[type-var]


def ended(path: Path, clients: ClientRegistry) -> tuple[Any, ...]:
    finish(path, Answers({"work": work}, clients=clients))
    status, output, events = shown(path)
    return status, output, len(events), exported(clients)


@pytest.mark.parametrize("how", ["before", "after"])
def test_every_item_is_read_and_exported_once_whichever_commit_fails(
    tmp_path: Path, clients: ClientRegistry, how: str
) -> None:
    started(tmp_path / "calm.db", MACHINE)
    calm = ended(tmp_path / "calm.db", clients)
    assert calm[3] == [number * 2 for number in range(ROWS)]
    number = 0
    while True:
        number += 1
        path, connect = tmp_path / f"{number}.db", failing(number, how)
        started(path, MACHINE)
        store = Store(path, synchronous="NORMAL", connect=connect)
        with suppress(Crash, JournalError):
            driven(path, Answers({"work": work}, clients=clients), store=store).close()
        store.close()

        assert ended(path, clients) == calm, number
        if connect.kind.commits < number:  # type: ignore[attr-defined]
            break
    assert number > ROWS
