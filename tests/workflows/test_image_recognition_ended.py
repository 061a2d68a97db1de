"""Records of executions that were aborted are ended by the event about that. IR-04, W-04, W-05 and W-07."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stepsmith.service import Execution
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.image_recognition.models import Status
from tasks.image_recognition.records import end_record, register
from tests.tasks.image_recognition.studio import BUCKET, NOW, Studio, open_studio
from tests.tasks.pictures.made_pictures import jpeg
from tests.workflows.faults import FaultyTasks, failing
from workflows.image_recognition import UPLOADED, image_recognition
from workflows.image_recognition_ended import image_recognition_ended

KEY = "alice/uploads/photo.jpg"
INPUT = {"bucket": BUCKET, "key": KEY, "execution": "event-1"}
ABORTED = {"status": "ABORTED", "input": json.dumps(INPUT), "cause": None}


@pytest.fixture
def studio() -> Iterator[Studio]:
    with open_studio() as studio:
        studio.upload(jpeg())
        register(BUCKET, KEY, holder="event-1", now=NOW)
        yield studio


def tell(
    studio: Studio, detail: dict[str, Any], plan: Callable[[str], str | None] = lambda name: None
) -> Execution[bool]:
    tasks = FaultyTasks(image_recognition_ended, plan, {"dynamodb": studio.dynamodb}).tasks
    checked = image_recognition_ended.check_input({"detail": detail})
    return run_workflow(image_recognition_ended, checked, local(clients=studio.clients, tasks=tasks))


def status(studio: Studio) -> Status | None:
    record = studio.record(KEY)
    return record.status if record else None


def test_ir_04_the_record_of_an_aborted_execution_is_ended_once(studio: Studio) -> None:
    assert [tell(studio, ABORTED).result() for _ in range(2)] == [True, False]

    assert status(studio) == Status.FAILED


@pytest.mark.parametrize(
    "change", [{"status": "SUCCEEDED"}, {"input": json.dumps({**INPUT, "execution": "e2"})}]
)
def test_w_04_what_succeeded_or_belongs_to_another_execution_stays(
    studio: Studio, change: dict[str, str]
) -> None:
    assert not end_record({**ABORTED, **change}, dynamodb=studio.dynamodb)

    assert status(studio) == Status.RUNNING


def test_w_05_a_table_that_is_not_there_for_now_is_tried_again(studio: Studio) -> None:
    execution = tell(studio, ABORTED, failing("end_record", fault="before unavailable", times=6))

    assert execution.result()
    assert status(studio) == Status.FAILED


@pytest.mark.parametrize(
    "detail", [{}, {"status": 1}, {**ABORTED, "input": "{}"}, {**ABORTED, "input": None}]
)
def test_w_07_a_detail_of_another_kind_is_refused_at_once(studio: Studio, detail: dict[str, Any]) -> None:
    execution = tell(studio, detail)

    assert (execution.error, execution.retries("end_record")) == ("InvalidInput", 0)
    assert status(studio) == Status.RUNNING


def test_an_execution_that_an_upload_starts_says_which_record_it_holds() -> None:
    assert UPLOADED["execution"] == "$.id"
    assert UPLOADED["version"] == "$.detail.object.version-id"
    assert image_recognition.ended is image_recognition_ended
