from collections.abc import Iterator
from typing import Any

import pytest

from stepsmith.engine import Settings
from stepsmith.engine.ports import (
    Answer,
    Command,
    ItemsRead,
    MoreItems,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    StartTask,
    TaskFailed,
    TaskSucceeded,
    WriteFailed,
    WriteResults,
)
from tests.stepsmith.engine.playing import details, kinds, one, play, start, task

PASS = {"Type": "Pass"}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key.$": "$.key"},
}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}


def each(state: dict[str, Any], kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
            "StartAt": "I",
            "States": {"I": {**state, "End": True}},
        },
        **fields,
    }


class Bucket:
    """Answers readers, writers and tasks from memory."""

    def __init__(self, *items: Any, page: int = 2, failing: tuple[Any, ...] = ()) -> None:
        self.items = list(items)
        self.page = page
        self.failing = failing
        self.taken = 0
        self.commands: list[Command] = []

    def __call__(self, command: Command) -> list[Answer]:
        self.commands.append(command)
        return list(self.answer(command))

    def answer(self, command: Command) -> Iterator[Answer]:
        match command:
            case ReadItems() | MoreItems():
                if isinstance(command, ReadItems):
                    self.taken = 0
                items = tuple(self.items[self.taken : self.taken + self.page])
                self.taken += len(items)
                yield ItemsRead(
                    id=command.id, items=items, last=self.taken >= len(self.items), source="S3://b/k"
                )
            case WriteResults():
                details = {"Bucket": "b", "Key": "manifest.json"} if command.last else None
                yield ResultsWritten(id=command.id, details=details)
            case StartTask():
                if command.payload in self.failing:
                    yield TaskFailed(id=command.id, error="E", cause="cause")
                else:
                    yield TaskSucceeded(id=command.id, output={"did": command.payload})
            case _:
                pass


def test_children_leave_no_event_in_their_parent() -> None:
    run = play(one(each(PASS)), [1, 2])

    assert run.output == [1, 2]
    assert kinds(run) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert [run.history.record(id)[2] for id in range(2, 9)] == [0, 2, 3, 4, 5, 4, 7]


def test_a_reader_is_asked_page_by_page_and_its_source_is_in_the_context() -> None:
    bucket = Bucket("a", "b", "c", "d", "e")
    selector = {"v.$": "$$.Map.Item.Value", "s.$": "$$.Map.Item.Source"}

    run = play(one(each(PASS, ItemReader=READER, ItemSelector=selector)), {"key": "k"}, carry=bucket)

    assert run.output == [{"v": v, "s": "S3://b/k"} for v in "abcde"]
    assert details(run, "MapStateStarted") == [{"length": 0}]
    first = bucket.commands[0]
    assert isinstance(first, ReadItems)
    assert first.arguments == {"Bucket": "b", "Key": "k"}
    assert first.config == {"InputType": "JSON"}


def test_objects_give_their_pairs() -> None:
    selector = {"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value"}

    assert play(one(each(PASS, ItemSelector=selector)), {"x": 1}).output == [{"k": "x", "v": 1}]
    assert play(one(each(PASS)), {"x": 1}).output == [{"Key": "x", "Value": 1}]


def test_items_come_in_batches_of_a_number() -> None:
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"n.$": "$.n"}}

    run = play(one(each(PASS, ItemsPath="$.items", ItemBatcher=batcher)), {"n": 7, "items": [1, 2, 3]})

    assert run.output == [
        {"BatchInput": {"n": 7}, "Items": [1, 2]},
        {"BatchInput": {"n": 7}, "Items": [3]},
    ]


def test_items_come_in_batches_of_a_size() -> None:
    run = play(one(each(PASS, ItemBatcher={"MaxInputBytesPerBatch": 40})), ["x" * 10] * 5)

    assert run.output == [{"Items": ["x" * 10] * 2}, {"Items": ["x" * 10] * 2}, {"Items": ["x" * 10]}]


@pytest.mark.parametrize(
    ("tolerance", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 0}, "FAILED"),
        ({"ToleratedFailureCount": 1}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 25}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 24.9}, "FAILED"),
        ({"ToleratedFailureCount": 0, "ToleratedFailurePercentage": 0}, "FAILED"),
        ({"ToleratedFailureCount": 0, "ToleratedFailurePercentage": 25}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 0}, "SUCCEEDED"),
    ],
)
def test_failed_items_are_put_up_with_within_tolerance(tolerance: dict[str, Any], status: str) -> None:
    run = play(one(each(task(), **tolerance)), [1, 2, 3, 4], carry=Bucket(failing=(3,)))

    assert run.status == status
    if status == "FAILED":
        assert run.error == "States.ExceedToleratedFailureThreshold"
        assert kinds(run)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    else:
        assert isinstance(run.output, list)
        failed = run.output[2]
        assert isinstance(failed, dict)
        assert (failed["Status"], failed["Error"], failed["Input"]) == ("FAILED", "E", "3")


def test_a_map_has_started_when_its_number_of_items_turns_out_to_be_none() -> None:
    config = {"InputType": "JSON", "MaxItemsPath": "$.most"}
    state = each(task(), ItemReader={**READER, "ReaderConfig": config})

    run = play(one(state), {"key": "k", "most": "many"}, carry=Bucket(1, 2))

    assert kinds(run) == ["ExecutionStarted", "MapStateEntered", "MapStateStarted", "ExecutionFailed"]
    assert (run.cause or "").endswith('refers to value "many" which is not a valid integer: $.most')


def test_all_items_of_a_failed_batch_count() -> None:
    state = each(task(), ItemBatcher={"MaxItemsPerBatch": 2}, ToleratedFailureCount=1)

    run = play(one(state), [1, 2, 3], carry=Bucket(failing=({"Items": [1, 2]},)))

    assert run.error == "States.ExceedToleratedFailureThreshold"
    assert run.map_runs[0].item_counts["failed"] == 2


def test_results_are_written_in_pages_and_named_by_a_manifest() -> None:
    bucket = Bucket()

    run = play(one(each(PASS, ResultWriter=WRITER, Label="L")), list(range(2500)), carry=bucket)

    pages = [command for command in bucket.commands if isinstance(command, WriteResults)]
    assert [len(page.records) for page in pages] == [1000, 1000, 500]
    assert [page.last for page in pages] == [False, False, True]
    assert run.output == {
        "MapRunArn": run.map_runs[0].arn,
        "ResultWriterDetails": {"Bucket": "b", "Key": "manifest.json"},
    }
    assert ":mapRun:machine/L:" in run.map_runs[0].arn
    assert pages[0].records[0]["Output"] == "0"
    assert (
        pages[0].records[0]["StateMachineArn"]
        == "arn:aws:states:us-east-1:123456789012:stateMachine:machine/L"
    )


def test_flattened_results_join_arrays() -> None:
    writer = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}

    assert play(one(each(PASS, ResultWriter=writer)), [[1, 2], [3], 4]).output == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("answer", "error"), [(ReadFailed, "States.ItemReaderFailed"), (WriteFailed, "States.ResultWriterFailed")]
)
def test_a_failing_source_or_destination_fails_the_map_run(answer: Any, error: str) -> None:
    bucket = Bucket(1)

    def carry(command: Command) -> list[Answer]:
        if isinstance(command, WriteResults) or (answer is ReadFailed and isinstance(command, ReadItems)):
            return [answer(id=command.id, cause="no such bucket")]
        return bucket(command)

    run = play(one(each(PASS, ItemReader=READER, ResultWriter=WRITER)), {"key": "k"}, carry=carry)

    assert (run.error, run.cause) == (error, "no such bucket")
    assert run.map_runs[0].status == "FAILED"


def test_no_more_children_run_than_allowed() -> None:
    run = start(one(each(task(), MaxConcurrency=3)), list(range(10)))

    assert len(run.advance(0.0)) == 3
    assert run.map_runs[0].execution_counts["running"] == 3


def test_children_are_executions_of_their_own() -> None:
    state = each({"Type": "Pass", "Output": "{% $states.context.Execution %}"}, "EXPRESS", Label="L")

    run = play(one(state, language="JSONata"), ["x"], settings=Settings(keeps_children=True), name="parent")

    assert isinstance(run.output, list)
    execution = run.output[0]
    assert isinstance(execution, dict)
    assert execution["Input"] == "x"
    assert [execution["Id"]] == [child.arn for child in run.map_runs[0].known_children]
    assert str(execution["Id"]).startswith("arn:aws:states:us-east-1:123456789012:express:machine/L:")


def test_a_result_over_the_payload_limit_needs_a_writer() -> None:
    run = play(one(each({"Type": "Pass", "Result": "y" * 1000})), list(range(200)))
    too_long = play(one(each({"Type": "Pass", "Result": "y" * 2000})), list(range(200)))

    assert run.status == "SUCCEEDED"
    assert too_long.error == "States.DataLimitExceeded"


def test_stopping_the_parent_stops_the_children() -> None:
    run = start(one(each(task())), [1, 2])
    run.advance(0.0)

    commands = run.stop(None, None, 1.0)

    assert len(commands) == 2
    assert run.map_runs[0].status == "ABORTED"
    assert run.map_runs[0].execution_counts["aborted"] == 2


@pytest.mark.slow
def test_reading_waits_for_writing_so_that_little_is_held() -> None:
    state = one(each(PASS, "EXPRESS", ItemReader=READER, ResultWriter=WRITER))
    source = _Streaming(1_000_000)
    written: list[WriteResults] = []
    run = start(state, {"key": "k"})

    while commands := run.advance(0.0):
        for command in commands:
            if isinstance(command, WriteResults):  # a destination that never answers
                written.append(command)
            else:
                run.apply(source(command), 0.0)

    assert run.status == "RUNNING"
    assert len(written) == 4
    assert 1_000_000 - source.left <= 8_000


class _Streaming:
    """A source of any number of items that are made when they are read."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self, command: Command) -> Answer:
        assert isinstance(command, ReadItems | MoreItems)
        size = min(self.left, command.limit)
        self.left -= size
        return ItemsRead(id=command.id, items=tuple(range(size)), last=self.left == 0)
