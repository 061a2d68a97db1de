"""Image recognition: each upload ends in a record that says how, and what has ended stays."""

from functools import cache
from typing import Any

from stepsmith.integrations import ClientRegistry
from stepsmith.testing import Ending, Mishap
from tasks.image_recognition.models import Status
from tasks.image_recognition.records import TABLE, create_table
from tests.tasks.image_recognition.made_pictures import jpeg
from tests.tasks.image_recognition.studio import BUCKET, Studio
from tests.workflows.explored.cases import Case, answer
from workflows.image_recognition import image_recognition

RESULTS = (Status.SUCCEEDED, Status.PARTIAL, Status.REFUSED)
KEY = "alice/uploads/photo.jpg"


@cache
def studio() -> Studio:
    """Give one studio for all worlds, which begin with the same picture: a new one would take too long."""
    opened = Studio(ClientRegistry.local())
    opened.s3.create_bucket(Bucket=BUCKET)
    create_table(opened.dynamodb)
    return opened


class Darkroom:
    """A picture that has just come in, and no record of it."""

    def __init__(self) -> None:
        self.studio = studio()
        self.studio.upload(picture(), KEY)
        self.studio.dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": KEY}})
        self.statuses: list[str] = []

    @property
    def clients(self) -> ClientRegistry:
        return self.studio.clients

    def snapshot(self) -> object:
        record = self.studio.record(KEY)
        return (
            None
            if record is None
            else record.model_dump(mode="json", exclude={"uploaded_at", "processed_at"})
        )


@cache
def picture() -> bytes:
    return jpeg()


def what_has_ended_stays(world: Darkroom) -> None:
    """A record with a result stays as it is: there was one upload. One that FAILED may be tried again."""
    record = world.studio.record(KEY)
    status = "" if record is None else str(record.status)
    if world.statuses[-1:] != [status]:
        world.statuses.append(status)
    results = [place for place, each in enumerate(world.statuses) if each in RESULTS]
    assert not results or results == [len(world.statuses) - 1], f"the record went through {world.statuses}"


def nobody_else_is_there(mishap: Mishap) -> bool:
    """Leave out that another execution has the record, and that a record is registered when all is over.

    Who has the record ends it. Lambda stops a function before its state gives up; one that is still under way when its
    execution is aborted would have to write after the event about that was handled.
    """
    late = mishap.does in ("works when it has timed out", "works again later", "is aborted and works later")
    return mishap.does.endswith(("with Conflict", "with KeyTaken")) or (late and mishap.at == "Register")


def every_record_ends(ending: Ending[Darkroom]) -> None:
    record = ending.world.studio.record(KEY)
    for execution in ending.executions:
        if execution.status == "SUCCEEDED" and answer(execution)["status"] != "SUPERSEDED":
            assert record is not None
    assert record is None or record.status != Status.RUNNING, "the record says RUNNING for ever"


def uploaded(execution: str = "event-1") -> dict[str, Any]:
    return {"bucket": BUCKET, "key": KEY, "execution": execution}


def case(*inputs: dict[str, Any]) -> Case:
    return Case(
        workflow=image_recognition,
        inputs=inputs,
        world=Darkroom,
        holds=every_record_ends,
        always=what_has_ended_stays,
        skip=nobody_else_is_there,
        most=6,
    )


CASES = {
    "an upload": case(uploaded()),
    "the same event twice": case(uploaded(), uploaded()),
    "two events of one upload": case(uploaded(), uploaded("event-2")),
}
