"""IR-02, IR-06: where a thumbnail goes, and what happens when somebody else writes it too."""

from typing import Any

import pytest

from tasks.errors import Conflict, NotFound, Unavailable
from tasks.image_recognition.models import Outcome
from tasks.image_recognition.thumbnail import make_thumbnail
from tests.tasks.image_recognition.studio import BUCKET, Studio, inspected, photo
from tests.tasks.pictures.made_pictures import jpeg, png


class Meanwhile:
    """S3 on which something happens just before an object is put."""

    def __init__(self, s3: Any, happens: Any) -> None:
        self._s3 = s3
        self._happens = happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_object(self, **arguments: Any) -> Any:
        self._happens()
        return self._s3.put_object(**arguments)


@pytest.mark.parametrize(("body", "kind"), [(jpeg(300, 200), "image/jpeg"), (png(300, 200), "image/png")])
def test_the_thumbnail_is_put_beside_the_uploads(studio: Studio, body: bytes, kind: str) -> None:
    etag = studio.upload(body)

    made = make_thumbnail(photo(), inspected(body, etag)[1])

    assert made.status == Outcome.DONE
    assert made.thumbnail is not None
    assert (made.thumbnail.key, made.thumbnail.width, made.thumbnail.height) == (
        "alice/resized/photo.jpg",
        250,
        167,
    )
    assert made.thumbnail.bytes == len(studio.download("alice/resized/photo.jpg"))
    assert studio.s3.head_object(Bucket=BUCKET, Key="alice/resized/photo.jpg")["ContentType"] == kind


def test_making_it_again_gives_the_same(studio: Studio) -> None:
    etag = studio.upload(jpeg())
    metadata = inspected(jpeg(), etag)[1]

    assert make_thumbnail(photo(), metadata) == make_thumbnail(photo(), metadata)


def test_ir_06_a_photograph_that_was_replaced_gets_no_thumbnail(studio: Studio) -> None:
    studio.upload(png())

    with pytest.raises(Conflict):
        make_thumbnail(photo(), inspected(jpeg(), "old")[1])


def test_ir_06_a_photograph_that_is_gone_gets_no_thumbnail(studio: Studio) -> None:
    with pytest.raises(NotFound):
        make_thumbnail(photo(), inspected(jpeg(), "old")[1])


@pytest.mark.parametrize("there", [True, False])
def test_ir_06_a_thumbnail_never_lies_over_that_of_a_newer_photograph(studio: Studio, there: bool) -> None:
    etag = studio.upload(jpeg())
    if there:
        studio.upload(b"an older thumbnail", "alice/resized/photo.jpg")
    s3 = Meanwhile(studio.s3, lambda: studio.upload(b"a newer thumbnail", "alice/resized/photo.jpg"))

    with pytest.raises(Unavailable, match="another execution writes the thumbnail"):
        make_thumbnail(photo(), inspected(jpeg(), etag)[1], s3=s3)

    assert studio.download("alice/resized/photo.jpg") == b"a newer thumbnail"
