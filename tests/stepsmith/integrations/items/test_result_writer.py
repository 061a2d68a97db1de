from __future__ import annotations

import json
from typing import Any

import pytest

from stepsmith.engine.ports import ResultsWritten, WriteFailed, WriteResults
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.integrations.items.result_writer import ResultWriter

RUN = "arn:aws:states:us-east-1:123456789012:mapRun:machine/label:0a1b"


@pytest.fixture
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="results")
    return registry


def record(status: str, output: Json = None, name: str = "child") -> dict[str, Json]:
    return {"ExecutionArn": f"arn:{name}", "Name": name, "Status": status, "Output": json.dumps(output)}


def command(
    *records: dict[str, Json], last: bool = True, bucket: str = "results", **config: Json
) -> WriteResults:
    return WriteResults(
        id=1,
        state="Map",
        resource="arn:aws:states:::s3:putObject",
        arguments={"Bucket": bucket, "Prefix": "jobs"},
        config=config,
        map_run_arn=RUN,
        records=records,
        last=last,
    )


def stored(clients: ClientRegistry, name: str) -> Any:
    return json.loads(text(clients, name))


def text(clients: ClientRegistry, name: str) -> str:
    body: bytes = clients.client("s3").get_object(Bucket="results", Key=f"jobs/0a1b/{name}")["Body"].read()
    return body.decode()


def test_the_last_page_closes_the_export_with_a_manifest(clients: ClientRegistry) -> None:
    answer = Dispatcher(clients).write(command(record("SUCCEEDED", 1), record("FAILED")))

    assert answer == ResultsWritten(id=1, details={"Bucket": "results", "Key": "jobs/0a1b/manifest.json"})
    manifest = stored(clients, "manifest.json")
    assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == ("results", RUN)
    assert {key: [each["Key"] for each in files] for key, files in manifest["ResultFiles"].items()} == {
        "FAILED": ["jobs/0a1b/FAILED_0.json"],
        "PENDING": [],
        "SUCCEEDED": ["jobs/0a1b/SUCCEEDED_0.json"],
    }


def test_records_are_kept_whole_by_default(clients: ClientRegistry) -> None:
    one = record("SUCCEEDED", {"a": 1})

    Dispatcher(clients).write(command(one))

    assert stored(clients, "SUCCEEDED_0.json") == [one]


@pytest.mark.parametrize(
    ("transformation", "expected"),
    [("COMPACT", [[1, 2], {"a": 3}]), ("FLATTEN", [1, 2, {"a": 3}])],
)
def test_outputs_are_compacted_or_flattened(
    clients: ClientRegistry, transformation: str, expected: list[Json]
) -> None:
    records = (record("SUCCEEDED", [1, 2]), record("SUCCEEDED", {"a": 3}))

    Dispatcher(clients).write(command(*records, Transformation=transformation, OutputType="JSON"))

    assert stored(clients, "SUCCEEDED_0.json") == expected


def test_failed_children_stay_whole_records(clients: ClientRegistry) -> None:
    failed = record("TIMED_OUT")

    Dispatcher(clients).write(command(failed, Transformation="COMPACT", OutputType="JSON"))

    assert stored(clients, "FAILED_0.json") == [failed]


def test_lines_are_written_where_asked_for(clients: ClientRegistry) -> None:
    records = (record("SUCCEEDED", 1), record("SUCCEEDED", 2))

    Dispatcher(clients).write(command(*records, Transformation="COMPACT", OutputType="JSONL"))

    assert text(clients, "SUCCEEDED_0.jsonl") == "1\n2"


def test_pages_are_gathered_in_one_file(clients: ClientRegistry) -> None:
    dispatcher = Dispatcher(clients)
    dispatcher.write(command(record("SUCCEEDED", 1), last=False, Transformation="COMPACT", OutputType="JSON"))

    dispatcher.write(command(record("SUCCEEDED", 2), Transformation="COMPACT", OutputType="JSON"))

    assert stored(clients, "SUCCEEDED_0.json") == [1, 2]


def test_a_full_file_is_followed_by_another(clients: ClientRegistry) -> None:
    writer = ResultWriter(clients, command(), file_bytes=20)

    writer.write(command(record("SUCCEEDED", "x" * 30), last=False))
    writer.write(command(record("SUCCEEDED", "y")))

    assert stored(clients, "SUCCEEDED_0.json")[0]["Output"] == json.dumps("x" * 30)
    assert stored(clients, "SUCCEEDED_1.json")[0]["Output"] == json.dumps("y")


def test_the_same_map_run_can_be_exported_again(clients: ClientRegistry) -> None:
    dispatcher = Dispatcher(clients)
    dispatcher.write(command(record("SUCCEEDED", 1)))

    dispatcher.write(command(record("SUCCEEDED", 2)))

    assert stored(clients, "SUCCEEDED_0.json")[0]["Output"] == "2"


def test_a_bucket_that_is_not_there_is_said(clients: ClientRegistry) -> None:
    answer = Dispatcher(clients).write(command(record("SUCCEEDED"), bucket="nowhere"))

    assert isinstance(answer, WriteFailed)
    assert answer.cause.startswith("The specified bucket does not exist")
