"""Image recognition as plain Python takes the routes of the compiled machine, whatever fails. W-05."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith import WorkflowError, using_clients
from tasks.image_recognition.models import ImageRecord
from tests.tasks.image_recognition.studio import BUCKET, Studio, open_studio
from tests.tasks.pictures.made_pictures import jpeg
from tests.workflows.recognition import KEY, Rekognition, run
from workflows.image_recognition import image_recognition


class Faulty:
    """A client of which one call fails."""

    def __init__(self, client: Any, call: str, fault: Callable[[], object]) -> None:
        self._client = client
        self._call = call
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name != self._call:
            return found

        def call(**arguments: Any) -> Any:
            self._fault()
            return found(**arguments)

        return call


def denied() -> None:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not allowed"}}, "Call")


def overtaken(studio: Studio) -> None:
    run(studio, execution="another")


def out_of_order() -> None:
    raise RuntimeError("out of order")


Faults = dict[str, Callable[[Studio], Any]]
FAULTS: dict[str, tuple[Faults, dict[str, str]]] = {
    "nothing": ({}, {}),
    "labels": ({"rekognition": lambda studio: Rekognition(denied)}, {}),
    "thumbnail": ({"s3": lambda studio: Faulty(studio.s3, "put_object", denied)}, {}),
    "both": (
        {
            "rekognition": lambda studio: Rekognition(denied),
            "s3": lambda studio: Faulty(studio.s3, "put_object", denied),
        },
        {},
    ),
    "reading": ({"s3": lambda studio: Faulty(studio.s3, "get_object", denied)}, {}),
    "replaced": ({}, {"etag": "another"}),
    "overtaken": ({"rekognition": lambda studio: Rekognition(lambda: overtaken(studio))}, {}),
    "told": (
        {"sns": lambda studio: Faulty(studio.clients.client("sns"), "publish", denied)},
        {"topic": "arn:aws:sns:us-east-1:123456789012:done"},
    ),
    "broken": ({"rekognition": lambda studio: Rekognition(out_of_order)}, {}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_w_05_plain_python_takes_the_same_route_through_every_fault(fault: str) -> None:
    make, input = FAULTS[fault]
    outcomes: list[Any] = []

    for way in ("compiled", "plain"):
        with open_studio() as studio:
            studio.upload(jpeg(300, 200))
            clients = {name: made(studio) for name, made in make.items()}
            outcomes.append(
                _compiled(studio, clients, input) if way == "compiled" else _plain(studio, clients, input)
            )

    assert outcomes[0] == outcomes[1]


def _compiled(studio: Studio, clients: dict[str, Any], input: dict[str, str]) -> Any:
    execution = run(studio, clients=clients, execution="one", **input)
    return _told(execution.output), execution.error, _told(studio.record(KEY))


def _plain(studio: Studio, clients: dict[str, Any], input: dict[str, str]) -> Any:
    try:
        with using_clients(lambda service: clients.get(service) or studio.clients.client(service)):
            record = image_recognition(bucket=BUCKET, key=KEY, execution="one", **input)
    except WorkflowError as error:
        return None, type(error).__name__, _told(studio.record(KEY))
    return _told(record), None, _told(studio.record(KEY))


def _told(record: Any) -> Any:
    """A record without the time of upload, which is by the clock on the wall."""
    if record is None:
        return None
    return ImageRecord.model_validate(record).model_dump(mode="json", exclude={"uploaded_at"})
