"""Pictures that are made, kept already, gone, or none at all."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count
from typing import Any

from stepsmith.integrations import ClientRegistry
from tasks.media.objects import find_derived, find_original
from tasks.media.rights import ORIGINALS, PICTURES
from tests.tasks.pictures.made_pictures import jpeg
from tests.workflows.scenes.scene import Ran, Scene, World, play
from workflows.media_transform import media_transform

NUMBERS = count(1)


@cache
def store() -> Any:
    """Give one S3 for all worlds, which differ by their keys."""
    s3 = ClientRegistry.local().client("s3")
    for name in (ORIGINALS, PICTURES):
        s3.create_bucket(Bucket=name)
    return s3


def asking(body: bytes | None, *, kept: bool = False) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        s3 = store()
        key = f"familie-hohenstein/{next(NUMBERS)}/taufe-der-kleinen-ludmilla.jpg"
        if body is not None:
            s3.put_object(Bucket=ORIGINALS, Key=key, Body=body)

        def made() -> list[str]:
            found = s3.list_objects_v2(Bucket=PICTURES).get("Contents", [])
            return [each["Key"] for each in found if key in each["Key"]]

        def check(ran: Ran) -> None:
            if ran.execution.status == "SUCCEEDED":
                there = find_derived(s3, ran.execution.output["key"])
                assert there is not None
                assert there.model_dump() == ran.execution.output
                assert there.source == find_original(s3, key).etag
            assert len(made()) <= (body is not None)

        world = World(
            clients={"s3": s3},
            input={"path": f"fit-in/20x20/{key}", "query": {"quality": "70"}, "accept": "image/webp"},
            check=check,
            records=made,
            secrets=("familie-hohenstein", "ludmilla"),
        )
        if kept:
            play(MEDIA, world)
        yield world

    return open_world


MEDIA = Scene(
    workflow=media_transform,
    routes={
        "made": asking(jpeg()),
        "kept": asking(jpeg(), kept=True),
        "gone": asking(None),
        "no picture": asking(b"hello"),
    },
)
