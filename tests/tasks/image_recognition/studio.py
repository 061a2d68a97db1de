"""A place to work in: local S3, DynamoDB and Rekognition with a bucket and the table of records."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stepsmith.authoring.calls.clients import using_clients
from stepsmith.integrations import ClientRegistry
from tasks.image_recognition.models import ImageRecord, Inspection, Metadata, Photo
from tasks.image_recognition.records import TABLE, create_table, find
from tests.shared_data import SHARED

BUCKET = "photos"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Studio:
    clients: ClientRegistry

    @property
    def s3(self) -> Any:
        return self.clients.client("s3")

    @property
    def dynamodb(self) -> Any:
        return self.clients.client("dynamodb")

    @property
    def rekognition(self) -> Any:
        return self.clients.client("rekognition")

    def upload(self, body: bytes, key: str = "alice/uploads/photo.jpg") -> str:
        """Put an object and return its ETag."""
        return self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')

    def download(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def forget(self, id: str = "alice/uploads/photo.jpg") -> None:
        """Take a record out, so that its photograph is recognised anew."""
        self.dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": id}})

    def record(self, id: str = "alice/uploads/photo.jpg") -> ImageRecord | None:
        return find(self.dynamodb, id)


@contextmanager
def open_studio() -> Generator[Studio]:
    studio = Studio(ClientRegistry.local())
    studio.s3.create_bucket(Bucket=BUCKET)
    create_table(studio.dynamodb)
    with using_clients(studio.clients):
        yield studio


def photo(key: str = "alice/uploads/photo.jpg", **fields: Any) -> Photo:
    defaults = {"id": key, "bucket": BUCKET, "owner": "alice", "execution": "run-1"}
    return Photo(**{**defaults, "uploaded_at": "2026-01-01T00:00:00Z", **fields, "key": key})


def facts() -> list[dict[str, Any]]:
    """The photographs with what is known about them: all shared ones, or the bundled two."""
    index = SHARED / "images" / "index.json"
    if index.is_file():
        entries = json.loads(index.read_text("utf-8"))["images"]
        return [{**entry, "path": SHARED / "images" / entry["file"]} for entry in entries]
    entries = json.loads((Path(__file__).parent / "bundled.json").read_text("utf-8"))
    return [{**entry, "path": ROOT / "examples" / "photographs" / entry["file"]} for entry in entries]


def inspected(body: bytes, etag: str = "") -> tuple[Inspection, Metadata]:
    from tasks.image_recognition.inspection import inspect
    from tasks.image_recognition.shape import shape

    inspection = inspect(body, etag=etag)
    return inspection, shape(inspection)
