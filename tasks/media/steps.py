"""The steps of making a picture: what is asked, what is there already, what the original is, and the picture."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from stepsmith import Retry, client, task
from tasks import pictures
from tasks.errors import Throttled, Unavailable
from tasks.media import rights
from tasks.media.models import Accept, Derived, Inspection, Original, Path, Query, TransformRequest
from tasks.media.objects import find_derived, find_original, read_original, store_derived
from tasks.media.parsing import parse
from tasks.media.rendering import inspect, render
from tasks.retries import LAMBDA_FAULTS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SOON: Final = Retry.on(
    Throttled, Unavailable, *LAMBDA_FAULTS, interval=timedelta(seconds=1), max_attempts=2, backoff_rate=1.5
)
"""After 1 s, then after 1.5 s: somebody is waiting."""
_LOOK: Final = timedelta(seconds=10)


@task(retry=[SOON], timeout=_LOOK, environment=rights.ASKING)
def parse_request(path: Path, query: Query = None, accept: Accept = "", *, now: datetime) -> TransformRequest:
    """Read what an address asks for.

    Raises InvalidInput naming what cannot be read, and Forbidden for what has to be signed and is not, or no longer.
    """
    return parse(path, query or {}, accept, now, secret=rights.SECRET.value(), presets=rights.PRESETS.value())


@task(retry=[SOON], timeout=_LOOK, policies=rights.LOOK_UP_ORIGINAL)
def look_up_original(request: TransformRequest, *, s3: "S3Client" = client("s3")) -> Original:
    """Say of the original which one it is now. Raises NotFound, TooLarge, Forbidden, Throttled and Unavailable."""
    return find_original(s3, request.key)


@task(retry=[SOON], timeout=_LOOK, policies=rights.LOOK_UP_DERIVED)
def look_up_derived(
    request: TransformRequest, original: Original, *, s3: "S3Client" = client("s3")
) -> Derived | None:
    """Return what was made of this original before; None where nothing was, or of another one."""
    found = find_derived(s3, request.derived)
    return found if found is not None and found.source == original.etag else None


@task(
    retry=[SOON],
    timeout=timedelta(seconds=20),
    memory=512,
    policies=rights.LOOK_UP_ORIGINAL,
)
def inspect_original(
    request: TransformRequest, original: Original, *, s3: "S3Client" = client("s3")
) -> Inspection:
    """Read the header of the original; no pixel is decoded.

    Raises TooLarge, Unsupported for what is no picture that is processed, Corrupt, and Conflict where it was replaced.
    """
    return inspect(read_original(s3, request.key, original))


@task(
    name="Render",
    retry=[SOON],
    timeout=timedelta(seconds=30),
    memory=1536,
    packages=["pillow"],
    loads=[*pictures.LOADS, "PIL.WebPImagePlugin", "PIL.ImageFilter"],
    policies=rights.TRANSFORM,
)
def render_and_store(
    request: TransformRequest, original: Original, *, s3: "S3Client" = client("s3")
) -> Derived:
    """Make the picture and keep it; its bytes never leave this task.

    Raises InvalidInput where the original is too small for what is asked, Corrupt, and Conflict where the original was
    replaced meanwhile.
    """
    made = render(read_original(s3, request.key, original), request.transform)
    return store_derived(s3, request, original, made.data, made.content_type)
