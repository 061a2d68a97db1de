"""Make thumbnails: small, upright, sRGB, and with nothing in them but pixels."""

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final

from stepsmith import client, task
from tasks import pictures
from tasks.errors import Conflict, Unavailable
from tasks.image_recognition import rights
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.keys import FOLDERS
from tasks.image_recognition.models import Metadata, Outcome, Photo, Thumbnail, Thumbnailing
from tasks.image_recognition.objects import look_at, read
from tasks.named_errors import named_errors
from tasks.pictures.colors import to_srgb
from tasks.pictures.container import Container
from tasks.pictures.facts import Size
from tasks.pictures.formats import read_container
from tasks.pictures.pixels import upright_copy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SIDE: Final = 250
"""Pixels of the square that a thumbnail fits."""
QUALITY: Final = 80
"""Of a JPEG, by libjpeg's scale."""


def render(container: Container, orientation: int) -> tuple[bytes, Size]:
    """Return the thumbnail's file, in the format of the photograph, and its size.

    Raises Corrupt where the photograph does not decode.
    """
    picture = to_srgb(upright_copy(container, orientation, SIDE), container.profile)
    picture.info.clear()
    file = BytesIO()
    if container.format == "JPEG":
        picture.save(file, "JPEG", quality=QUALITY)
    else:
        picture.save(file, "PNG")
    return file.getvalue(), Size(width=picture.width, height=picture.height)


@task(
    retry=[TRANSIENT],
    timeout=timedelta(minutes=1),
    memory=1024,
    packages=["pillow"],
    loads=pictures.LOADS,
    policies=rights.MAKE_THUMBNAILS,
)
def make_thumbnail(photo: Photo, metadata: Metadata, *, s3: "S3Client" = client("s3")) -> Thumbnailing:
    """Put a thumbnail of a photograph into the folder beside its uploads.

    Raises Conflict where the photograph was replaced meanwhile, so that a thumbnail of an old one never lies over that
    of a new one: the thumbnail that was there when the photograph was read must still be there when it is written.
    """
    key = FOLDERS.thumbnail_key(photo.key)
    before = look_at(s3, photo.bucket, key)
    body = read(s3, photo, etag=metadata.etag)
    data, size = render(read_container(body.data), metadata.orientation)
    try:
        with named_errors(f"s3://{photo.bucket}/{key}"):
            _put(
                s3,
                photo.bucket,
                key,
                data,
                f"image/{metadata.format.lower()}",
                before.etag if before else None,
            )
    except Conflict as error:
        raise Unavailable(f"another execution writes the thumbnail: {error}") from error
    thumbnail = Thumbnail(bucket=photo.bucket, key=key, width=size.width, height=size.height, bytes=len(data))
    return Thumbnailing(status=Outcome.DONE, thumbnail=thumbnail)


def _put(s3: "S3Client", bucket: str, key: str, data: bytes, kind: str, before: str | None) -> None:
    if before is None:
        s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=kind, IfNoneMatch="*")
    else:
        s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=kind, IfMatch=f'"{before}"')
