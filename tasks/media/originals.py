"""Put originals where pictures are made of them, and say which ones there are: for the page, and for who may sign."""

from typing import TYPE_CHECKING, Final

from stepsmith import WorkflowError, client
from stepsmith.http import Refused, Request, Response, route
from tasks.media import rights
from tasks.media.parsing import check_key
from tasks.media.rendering import inspect
from tasks.media.rights import ORIGINALS
from tasks.media.statuses import STATUSES
from tasks.named_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_LISTED: Final = 100
_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


@route("GET", "/originals", policies=rights.LIST_ORIGINALS)
def list_originals(*, s3: "S3Client" = client("s3")) -> list[str]:
    """Give the keys of originals, 100 at most, by the alphabet."""
    found = s3.list_objects_v2(Bucket=ORIGINALS, MaxKeys=MOST_LISTED)
    return [each.get("Key", "") for each in found.get("Contents", [])]


@route("PUT", "/originals/{key+}", memory=256, policies=rights.STORE_ORIGINAL)
def put_original(key: str, request: Request, *, s3: "S3Client" = client("s3")) -> Response:
    """Keep an original under a key; what is no picture that can be transformed is refused."""
    try:
        check_key(key)
        found = inspect(request.body)
        with named_errors("the original"):
            s3.put_object(Bucket=ORIGINALS, Key=key, Body=request.body, ContentType=_TYPES[found.format])
    except WorkflowError as error:
        raise Refused(STATUSES.get(type(error).__name__, 502), str(error)) from None
    return Response(found.model_dump(), status=201)
