"""IR-04, §0.4: an execution that was ended by others ends in a record, and registers none any more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stepsmith.authoring.calls.clients import using_clients
from tasks.errors import Conflict, Throttled
from tasks.image_recognition.models import Photo, Status
from tasks.image_recognition.records import end_record, record_failure, record_refusal, register
from tests.tasks.image_recognition.memory_studio import quick_studio
from tests.tasks.image_recognition.studio import BUCKET, NOW, Studio, open_studio
from tests.tasks.pictures.made_pictures import jpeg

KEY = "alice/uploads/photo.jpg"


@pytest.fixture(params=["memory", "moto"])
def studio(request: pytest.FixtureRequest) -> Iterator[Studio]:
    if request.param == "moto":
        with open_studio() as studio:
            studio.upload(jpeg())
            yield studio
    else:
        studio = quick_studio()
        studio.upload(jpeg())
        with using_clients(studio.clients):
            yield studio


def registers(run: str = "run-1", event: str = "event-1") -> Photo:
    return register(BUCKET, KEY, holder=event, now=NOW, run=run)


def aborted(run: str = "run-1", event: str = "event-1", **changes: Any) -> bool:
    given = {"bucket": BUCKET, "key": KEY, "execution": event}
    detail = {"status": "ABORTED", "cause": "by hand", "executionArn": run, "input": json.dumps(given)}
    return end_record({**detail, **changes})


def status(studio: Studio) -> tuple[Status, str | None] | None:
    record = studio.record()
    return None if record is None else (record.status, record.reason)


def test_an_execution_that_is_aborted_before_it_has_registered_leaves_a_record_and_no_other(
    studio: Studio,
) -> None:
    assert aborted()

    with pytest.raises(Conflict):
        registers()

    record = studio.record()
    assert record is not None
    assert (record.bucket, record.key, record.owner, record.execution) == (BUCKET, KEY, "alice", "event-1")
    assert status(studio) == (Status.FAILED, "by hand")
    assert not aborted()


def test_an_execution_that_is_aborted_with_its_record_registers_it_no_more(studio: Studio) -> None:
    registers()
    assert aborted()

    with pytest.raises(Conflict):
        registers()

    assert status(studio) == (Status.FAILED, "by hand")


def test_an_execution_that_has_failed_registers_no_more_when_that_is_known(studio: Studio) -> None:
    photo = registers()
    record_failure(photo.id, photo.execution, "the disk is full")
    assert not aborted(status="FAILED", error="OSError")

    with pytest.raises(Conflict):
        registers()

    assert status(studio) == (Status.FAILED, "the disk is full")


def test_another_run_for_the_same_event_and_one_for_another_event_try_again(studio: Studio) -> None:
    aborted()
    registers("run-2")
    assert status(studio) == (Status.RUNNING, None)

    aborted("run-2")
    registers("run-3", "event-2")
    assert status(studio) == (Status.RUNNING, None)


def test_an_execution_that_was_ended_stays_so_whatever_others_have_done_with_the_record_since(
    studio: Studio,
) -> None:
    aborted()
    for run, event in (("run-2", "event-1"), ("run-3", "event-2")):
        photo = registers(run, event)
        record_failure(photo.id, photo.execution, "the disk is full")

        with pytest.raises(Conflict):
            registers()
        assert status(studio) == (Status.FAILED, "the disk is full")


def test_a_result_stays_where_an_execution_for_a_newer_object_is_aborted_before_it_has_registered(
    studio: Studio,
) -> None:
    record_refusal(registers(), "unsupported", "text")
    studio.upload(jpeg(40, 40))

    assert not aborted("run-2", "event-2")
    with pytest.raises(Conflict):
        registers("run-2", "event-2")

    assert status(studio) == (Status.REFUSED, "unsupported: text")
    registers("run-3", "event-3")
    assert status(studio) == (Status.RUNNING, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "FAILED", "error": "InvalidInput"},
        {"input": json.dumps({"key": KEY, "execution": "event-1"})},
        {"input": json.dumps({"bucket": "B", "key": KEY, "execution": "event-1"})},
        {"input": json.dumps({"bucket": BUCKET, "key": "a\0", "execution": "event-1"})},
        {"input": json.dumps({"bucket": BUCKET, "key": KEY, "object_id": "x" * 1025})},
        {"input": json.dumps({"bucket": BUCKET, "key": KEY, "execution": "x" * 1025})},
    ],
)
def test_w_07_an_input_that_does_not_fit_leaves_no_record(studio: Studio, changes: dict[str, str]) -> None:
    assert not aborted(**changes)

    assert status(studio) is None


def test_a_record_that_is_written_while_there_seems_to_be_none_is_looked_for_again(studio: Studio) -> None:
    class Meanwhile:
        """A table in which the execution registers after it was looked for."""

        def update_item(self, **asked: Any) -> Any:
            if "attribute_exists" not in asked["ConditionExpression"]:
                return studio.dynamodb.update_item(**asked)
            try:
                return studio.dynamodb.update_item(**asked)
            finally:
                registers()

    given = {"bucket": BUCKET, "key": KEY, "execution": "event-1"}
    detail: Any = {"status": "ABORTED", "executionArn": "run-1", "input": json.dumps(given)}

    with pytest.raises(Throttled):
        end_record(detail, dynamodb=Meanwhile())  # type: ignore[arg-type]  # what it needs
    assert aborted()

    assert status(studio) == (Status.FAILED, "by hand")
