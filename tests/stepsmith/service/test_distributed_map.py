from __future__ import annotations

import json
from typing import Any

import pytest

from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service.executions.execution import Execution
from tests.stepsmith.service.small_machines import machine, task


@pytest.fixture
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="data")
    return registry


def mapping(**more: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Work",
        "States": {"Work": {**task(), "End": True}},
    }
    return {"Type": "Map", "ItemProcessor": processor, **more}


def reader(key: str, **config: Any) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": "data", "Key": key},
    }


def run(clients: ClientRegistry, state: dict[str, Any], work: Any, input: Json = None) -> Execution[Json]:
    return machine(("Each", state)).run(input, tasks={"work": work}, clients=clients)


def test_the_rows_of_a_file_are_worked_on(clients: ClientRegistry) -> None:
    clients.client("s3").put_object(Bucket="data", Key="a.csv", Body=b"n\n1\n2\n3\n")

    execution = run(
        clients, mapping(ItemReader=reader("a.csv", InputType="CSV", CSVHeaderLocation="FIRST_ROW")), _n
    )

    assert execution.output == [1, 2, 3], execution.cause


def test_the_map_run_says_how_many_items_came_to_what(clients: ClientRegistry) -> None:
    def odd_only(value: int) -> int:
        if value % 2 == 0:
            raise ValueError(value)
        return value

    execution = run(
        clients, mapping(Label="Numbers", ToleratedFailureCount=2, MaxConcurrency=2), odd_only, [1, 2, 3]
    )

    (map_run,) = execution.map_runs
    assert (map_run.status, map_run.label) == ("SUCCEEDED", "Numbers")
    assert map_run.arn in str(list(execution.history))
    assert (map_run.tolerated_failure_count, map_run.max_concurrency) == (2, 2)
    assert map_run.started <= (map_run.stopped or map_run.started)
    assert (
        map_run.item_counts | {"total": 3, "succeeded": 2, "failed": 1, "running": 0} == map_run.item_counts
    )
    assert map_run.execution_counts["total"] == 3


def test_an_execution_without_distributed_maps_has_no_map_runs() -> None:
    assert machine(("Pass", {"Type": "Pass"})).run().map_runs == []


def test_a_file_that_is_not_there_fails_the_reader(clients: ClientRegistry) -> None:
    execution = run(clients, mapping(ItemReader=reader("no.json", InputType="JSON")), _n)

    assert execution.error == "States.ItemReaderFailed"
    assert (execution.cause or "").startswith("The specified key does not exist.")


def test_results_are_exported_with_a_manifest(clients: ClientRegistry) -> None:
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "data", "Prefix": "jobs"},
    }

    execution = run(clients, mapping(ResultWriter=writer), lambda payload: payload, ["Hello", "World"])

    assert isinstance(execution.output, dict), execution.cause
    details: Any = execution.output["ResultWriterDetails"]
    manifest = json.loads(clients.client("s3").get_object(**details)["Body"].read())
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    stored = json.loads(clients.client("s3").get_object(Bucket="data", Key=file["Key"])["Body"].read())
    assert [record["Output"] for record in stored] == ['"Hello"', '"World"']


def test_a_destination_that_is_not_there_fails_the_writer(clients: ClientRegistry) -> None:
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "nowhere", "Prefix": "jobs"},
    }

    execution = run(clients, mapping(ResultWriter=writer), lambda payload: payload, [1])

    assert execution.error == "States.ResultWriterFailed"


@pytest.mark.slow
def test_many_items_pass_in_pages(clients: ClientRegistry) -> None:
    clients.client("s3").put_object(Bucket="data", Key="many.jsonl", Body=b"1\n" * 5000)

    execution = run(
        clients, mapping(ItemReader=reader("many.jsonl", InputType="JSONL")), lambda payload: payload
    )

    assert execution.output == [1] * 5000, execution.cause


def _n(payload: Json) -> Json:
    assert isinstance(payload, dict)
    return int(str(payload["n"]))
