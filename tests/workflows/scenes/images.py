"""Photographs that are recognised, gone, broken or malicious, and executions that were aborted in the middle."""

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count
from typing import Any

from stepsmith.authoring.calls.clients import using_clients
from stepsmith.integrations import ClientRegistry
from stepsmith.service import Execution
from tasks.image_recognition.models import Status
from tasks.image_recognition.records import TABLE as IMAGES_TABLE
from tasks.image_recognition.records import create_table, end_record, register
from tasks.image_recognition.rights import ATTENTION, LIKENESSES
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.tasks.image_recognition.studio import BUCKET, NOW, Studio
from tests.tasks.pictures.made_pictures import jpeg, tiff, with_exif
from tests.workflows.scenes.scene import Ran, Scene, World
from workflows.image_recognition import image_recognition
from workflows.image_recognition_ended import image_recognition_ended
from workflows.picture_likeness import picture_likeness

TAKEN = tiff(
    photo={0x9003: "1999:08:07 06:05:04"},
    gps={
        1: "N",
        2: [(515001, 10000), (0, 1), (0, 1)],
        3: "E",
        4: [(74601, 10000), (0, 1), (0, 1)],
        6: [(123456, 1000)],
    },
)
NUMBERS = count(1)


@cache
def studio() -> Studio:
    """Give one studio for all worlds, which differ by their keys: a new one would take longer than what is tested."""
    clients = ClientRegistry.local()
    opened = Studio(clients)
    opened.s3.create_bucket(Bucket=BUCKET)
    create_table(opened.dynamodb)
    return opened


def photographing(body: bytes | None, *broken: str) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        clients = studio().clients
        key = f"familie-hohenstein/{next(NUMBERS)}/uploads/taufe-der-kleinen-ludmilla.jpg"
        if body is not None:
            studio().upload(body, key)

        def check(ran: Ran) -> None:
            if (ran.task or "").startswith("record_"):
                _end_by_event(studio().dynamodb, ran.execution)
            record = studio().record(key)
            if ran.fault.endswith(" conflict"):
                return  # somebody else has the record then, and ends it
            if ran.execution.status == "SUCCEEDED":
                assert record is not None
                assert record.status == ran.execution.output["status"]
            else:
                assert record is None or record.status != Status.RUNNING

        yield World(
            clients={name: clients.client(name) for name in ("s3", "dynamodb", "sns", "rekognition")},
            input={
                "bucket": BUCKET,
                "key": key,
                "topic": clients.client("sns").create_topic(Name="image-recognition")["TopicArn"],
                "execution": "run-1",
            },
            check=check,
            records=lambda: studio().record(key),
            secrets=(
                "familie-hohenstein",
                "ludmilla",
                "51.5001",
                "515001",
                "123.456",
                "7.4601",
                "1999-08-07T06:05:04",
                "1999:08:07",
            ),
            failing=broken,
        )

    return open_world


def _end_by_event(dynamodb: Any, execution: Execution[Any]) -> None:
    """Do what EventBridge's event about a failed execution leads to."""
    detail = {"status": execution.status, "input": json.dumps(execution.input), "cause": execution.cause}
    end_record(detail, dynamodb=dynamodb)


IMAGES = Scene(
    workflow=image_recognition,
    routes={
        "recognised": photographing(with_exif(jpeg(), TAKEN)),
        "not registered": photographing(with_exif(jpeg(), TAKEN), "register"),
        "gone": photographing(None),
        "bomb": photographing(b"\xff\xd8"),
        "broken": photographing(jpeg(), "store"),
        "no analysis": photographing(jpeg(), "detect_labels", "make_thumbnail"),
    },
)


def aborted(*broken: str, is_held: bool) -> Callable[[], AbstractContextManager[World]]:
    """An execution that was aborted, while it still held its record or after another had taken it over."""

    @contextmanager
    def open_world() -> Generator[World]:
        dynamodb, queues = studio().dynamodb, MemoryQueues()
        queues.create_queue(QueueName=ATTENTION)
        key = f"familie-hohenstein/{next(NUMBERS)}/uploads/taufe-der-kleinen-ludmilla.jpg"
        studio().upload(jpeg(), key)
        with using_clients(studio().clients):
            register(BUCKET, key, holder="run-1" if is_held else "run-2", now=NOW)
        input = {"bucket": BUCKET, "key": key, "execution": "run-1"}

        def check(ran: Ran) -> None:
            record = studio().record(key)
            assert record is not None
            if ran.execution.status == "SUCCEEDED":
                is_repeated = len(ran.tasks.calls) > 1
                assert ran.execution.output == is_held or (is_repeated and not ran.execution.output)
                assert record.status == (Status.FAILED if is_held else Status.RUNNING)
            elif ran.task != "call_attention":
                assert ran.execution.error == "CompensationFailed" or "end_record" not in (ran.task, *broken)
                assert queues.sent[ATTENTION]

        yield World(
            clients={"dynamodb": dynamodb, "sqs": queues},
            input={"detail": {"status": "ABORTED", "input": json.dumps(input), "cause": None}},
            check=check,
            records=lambda: studio().record(key),
            attention=lambda: len(queues.sent[ATTENTION]),
            failing=broken,
            same=lambda output: None,  # a task that is called again finds the record ended, and says so
            secrets=("familie-hohenstein", "ludmilla"),
        )

    return open_world


ENDED = Scene(
    workflow=image_recognition_ended,
    routes={
        "ended": aborted(is_held=True),
        "overtaken": aborted(is_held=False),
        "stuck": aborted("end_record", is_held=True),
    },
)


def compared(body: bytes | None, *broken: str) -> Callable[[], AbstractContextManager[World]]:
    """A thumbnail of a photograph that has a record."""

    @contextmanager
    def open_world() -> Generator[World]:
        dynamodb, number = MemoryDynamoDB(), next(NUMBERS)
        create_table(dynamodb)
        dynamodb.create_table(
            TableName=LIKENESSES.name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}]
        )
        key = f"familie-hohenstein/{number}/uploads/taufe-der-kleinen-ludmilla.jpg"
        thumbnail = key.replace("/uploads/", "/resized/")
        dynamodb.put_item(TableName=IMAGES_TABLE, Item={"id": {"S": key}})
        if body is not None:
            studio().upload(body, thumbnail)

        def check(ran: Ran) -> None:
            kept = dynamodb.tables[LIKENESSES.name]
            if ran.execution.status == "SUCCEEDED":
                assert ran.execution.output == bool(kept)

        yield World(
            clients={"s3": studio().s3, "dynamodb": dynamodb},
            input={"bucket": BUCKET, "key": thumbnail},
            check=check,
            records=lambda: dict(dynamodb.tables[LIKENESSES.name]),
            secrets=("familie-hohenstein", "ludmilla"),
            failing=broken,
        )

    return open_world


LIKENESS = Scene(
    workflow=picture_likeness,
    routes={
        "measured": compared(jpeg(160, 120)),
        "gone": compared(None),
        "broken": compared(jpeg(), "keep_likeness"),
    },
)
