"""Image recognition: each upload ends in a record that says how, and what has ended stays."""

from collections.abc import Callable
from functools import cache
from typing import Any

from stepsmith.testing import Ending, Mishap
from tasks.image_recognition.models import Status
from tasks.image_recognition.rights import ATTENTION
from tests.tasks.cart.memory_dynamodb import MemoryQueues
from tests.tasks.image_recognition.memory_studio import quick_studio
from tests.tasks.image_recognition.studio import BUCKET
from tests.tasks.pictures.made_pictures import jpeg
from tests.workflows.explored.cases import Case, answer
from workflows.image_recognition import image_recognition

RESULTS = (Status.SUCCEEDED, Status.PARTIAL, Status.REFUSED)
KEY = "alice/uploads/photo.jpg"


class Darkroom:
    """A picture that has just come in, and no record of it."""

    def __init__(self, body: bytes | None = None) -> None:
        self.studio = quick_studio()
        self.studio.upload(body or picture(), KEY)
        self.queues = MemoryQueues()
        self.queues.create_queue(QueueName=ATTENTION)
        self.statuses: list[str] = []

    @property
    def clients(self) -> dict[str, Any]:
        services = ("s3", "dynamodb", "rekognition")
        return {"sqs": self.queues, **{name: self.studio.clients.client(name) for name in services}}

    def snapshot(self) -> object:
        tables: Any = self.studio.dynamodb.tables
        return tables, sorted(self.studio.s3.objects), self.queues.sent, self.statuses


def damaged() -> Darkroom:
    """Give one in which only the beginning of a picture has come in."""
    return Darkroom(b"\xff\xd8")


@cache
def picture() -> bytes:
    return jpeg(80, 80)


def what_has_ended_stays(world: Darkroom) -> None:
    """A record with a result stays as it is: there was one upload. One that FAILED may be tried again."""
    record = world.studio.record(KEY)
    status = "" if record is None else str(record.status)
    if world.statuses[-1:] != [status]:
        world.statuses.append(status)
    results = [place for place, each in enumerate(world.statuses) if each in RESULTS]
    assert not results or results == [len(world.statuses) - 1], f"the record went through {world.statuses}"


def nobody_else_is_there(mishap: Mishap) -> bool:
    """Leave out that another execution has the record where none has: who has it ends it."""
    return mishap.does.endswith(("with Conflict", "with KeyTaken"))


def every_record_ends(ending: Ending[Darkroom]) -> None:
    record, told = ending.world.studio.record(KEY), ending.world.queues.sent[ATTENTION]
    for execution in ending.executions:
        if execution.status == "SUCCEEDED" and answer(execution)["status"] != "SUPERSEDED":
            assert record is not None
    assert record is None or record.status != Status.RUNNING or told, "the record says RUNNING for ever"
    assert record is not None or told or not ending.executions, "there is no record of it"


def uploaded(execution: str = "event-1") -> dict[str, Any]:
    return {"bucket": BUCKET, "key": KEY, "execution": execution}


def case(*inputs: dict[str, Any], world: Callable[[], Darkroom] = Darkroom) -> Case:
    return Case(
        workflow=image_recognition,
        inputs=inputs,
        world=world,
        holds=every_record_ends,
        always=what_has_ended_stays,
        skip=nobody_else_is_there,
    )


CASES = {
    "an upload": case(uploaded()),
    "the same event twice": case(uploaded(), uploaded()),
    "two events of one upload": case(uploaded(), uploaded("event-2")),
    "an upload that is damaged": case(uploaded(), world=damaged),
}
