"""Read what a photograph's file says about itself."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from stepsmith import client, task
from tasks import pictures
from tasks.image_recognition import rights
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.models import Color, Inspection, Photo
from tasks.image_recognition.objects import read
from tasks.pictures.colors import description
from tasks.pictures.exif import read_exif
from tasks.pictures.facts import Size
from tasks.pictures.formats import read_container
from tasks.pictures.pixels import decode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def inspect(data: bytes, *, etag: str = "", version: str | None = None) -> Inspection:
    """Return what the JPEG or PNG file in `data` says about itself, after decoding it to the end.

    Raises TooLarge from the header alone, Unsupported for other kinds of file, and Corrupt for damaged ones.
    """
    container = read_container(data)
    mode = decode(container, Size(width=1, height=1)).mode
    exif, exif_warnings = read_exif(container.exif)
    warnings = [*container.warnings, *exif_warnings]
    color = Color(mode=mode, icc=description(container.profile, warnings))
    return Inspection(
        etag=etag,
        version=version,
        format="JPEG" if container.format == "JPEG" else "PNG",
        stored=Size(width=container.width, height=container.height),
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        color=color,
        frames=container.frames,
        exif=exif,
        warnings=warnings,
    )


@task(
    retry=[TRANSIENT],
    timeout=timedelta(minutes=1),
    memory=1024,
    packages=["pillow"],
    loads=pictures.LOADS,
    policies=rights.READ_PHOTOGRAPHS,
)
def extract_metadata(photo: Photo, *, s3: "S3Client" = client("s3")) -> Inspection:
    """Read a photograph from S3 and say what its file says about itself; no bytes of it leave this task.

    Raises NotFound where the object is gone, TooLarge, Unsupported or Corrupt where it is not to be processed, and
    Throttled or Unavailable where S3 asks to come back.
    """
    body = read(s3, photo)
    return inspect(body.data, etag=body.etag, version=body.version)
