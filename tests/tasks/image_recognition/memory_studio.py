"""A studio in memory, a hundred times faster than moto, for properties that take thousands of runs."""

import io
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from stepsmith.integrations import ClientRegistry
from tasks.image_recognition.records import create_table
from tests.tasks.cart.memory_dynamodb import ClientError, MemoryDynamoDB
from tests.tasks.image_recognition.studio import Studio

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryS3:
    """One bucket without versions, in which everything came at the same time."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        if Key not in self.objects:
            raise ClientError("404")
        return {"ETag": self._etag(Key), "LastModified": WHEN}

    def get_object(self, *, Bucket: str, Key: str, IfMatch: str | None = None) -> dict[str, Any]:
        if Key not in self.objects:
            raise ClientError("NoSuchKey")
        if IfMatch not in (None, self._etag(Key)):
            raise ClientError("PreconditionFailed")
        data = self.objects[Key]
        return {"ETag": self._etag(Key), "ContentLength": len(data), "Body": io.BytesIO(data)}

    def put_object(
        self,
        *,
        Bucket: str,
        Key: str,
        Body: bytes,
        ContentType: str = "",
        IfNoneMatch: str | None = None,
        IfMatch: str | None = None,
    ) -> dict[str, str]:
        held = self._etag(Key) if Key in self.objects else None
        if (IfNoneMatch and held) or (IfMatch and IfMatch != held):
            raise ClientError("PreconditionFailed")
        self.objects[Key] = Body
        return {"ETag": self._etag(Key)}

    def _etag(self, key: str) -> str:
        return f'"{md5(self.objects[key], usedforsecurity=False).hexdigest()}"'


class MemoryRekognition:
    """Sees a tree on everything."""

    def detect_labels(self, **_: Any) -> dict[str, Any]:
        return {"Labels": [{"Name": "Tree", "Confidence": 99.0}]}


def quick_studio() -> Studio:
    """Give a studio in memory, without moto."""
    clients = {"s3": MemoryS3(), "dynamodb": MemoryDynamoDB(), "rekognition": MemoryRekognition()}
    studio = Studio(ClientRegistry.local(clients))
    create_table(studio.dynamodb)
    return studio
