"""Runs of image recognition on a studio, and a Rekognition that misbehaves."""

from collections.abc import Callable
from typing import Any

from stepsmith.service import Machine
from tests.tasks.image_recognition.studio import BUCKET, Studio
from workflows.image_recognition import image_recognition

KEY = "alice/uploads/photo.jpg"
MACHINE = Machine(image_recognition.definition, name="image_recognition")


def run(
    studio: Studio,
    *,
    tasks: dict[str, Any] | None = None,
    clients: dict[str, Any] | None = None,
    **input: Any,
) -> Any:
    registry = studio.clients
    if clients:
        registry = {
            name: studio.clients.client(name) for name in ("s3", "dynamodb", "sns", "rekognition")
        } | clients
    replaced = {**image_recognition.tasks, **(tasks or {})}
    return MACHINE.run({"bucket": BUCKET, "key": KEY, **input}, tasks=replaced, clients=registry)


class Rekognition:
    """Does something before it answers, or instead."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self.happens = happens

    def detect_labels(self, **_: Any) -> dict[str, Any]:
        self.happens()
        return {"Labels": []}
