"""Answer addresses of pictures: `/transform/300x200/owl.jpg` gives the picture itself.

With `/pictures/300x200/owl.jpg` it is as with a bucket that leads to an API what it does not have: what is kept is
given, and for what is not, the client is sent to `/renders/...` (307), which has it made and sends it back (301).
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import quote, urlencode

from stepsmith import WorkflowError, client
from stepsmith.http import Refused, Request, Response, route
from tasks.errors import InvalidInput
from tasks.media import rights
from tasks.media.joining import Failed, made
from tasks.media.models import Derived, Original, Transform, TransformRequest
from tasks.media.objects import find_derived, find_original
from tasks.media.parsing import etag, parse
from tasks.media.rights import PICTURES
from tasks.media.statuses import STATUSES
from tasks.named_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

MOST_BYTES: Final = 4_500_000
"""Of a picture that is answered with: more is over Lambda's 6 MB once it is written as text."""
_SHORTLY: Final = "2"
_REFUSED_FOR: Final = "public, max-age=10"
_LINK: Final = timedelta(minutes=5)


@route(
    "GET",
    "/transform/{path+}",
    access="public",
    memory=256,
    environment=rights.ANSWERING,
    policies=rights.ANSWER,
)
def get_transform(
    path: str,
    request: Request,
    *,
    s3: "S3Client" = client("s3"),
    states: "SFNClient" = client("stepfunctions"),
) -> Response:
    """Answer with the picture that is asked for, made now unless it is there: the direct flow."""
    with _refusals():
        asked, wanted, now = _read(path, request)
        original = find_original(s3, wanted.key)
        headers = _headers(path, request, original.etag, wanted.transform)
        if _is_known(headers["etag"], request):
            return Response(status=304, headers=headers)
        return _sent(s3, _found(s3, states, asked, wanted, original, now), headers)


@route(
    "GET",
    "/pictures/{path+}",
    access="public",
    memory=256,
    environment=rights.ANSWERING,
    policies=rights.READ,
)
def get_picture(path: str, request: Request, *, s3: "S3Client" = client("s3")) -> Response:
    """Answer with a picture that is kept, and send the client to where it is made if it is not."""
    with _refusals():
        _, wanted, _ = _read(path, request)
        found = find_derived(s3, wanted.derived)
        if found is None:
            return _elsewhere("/renders/", path, request, status=307)
        headers = _headers(path, request, found.source, wanted.transform)
        if _is_known(headers["etag"], request):
            return Response(status=304, headers=headers)
        return _sent(s3, found, headers)


@route(
    "GET",
    "/renders/{path+}",
    access="public",
    memory=256,
    environment=rights.ASKING,
    policies=rights.ANSWER,
)
def get_render(
    path: str,
    request: Request,
    *,
    s3: "S3Client" = client("s3"),
    states: "SFNClient" = client("stepfunctions"),
) -> Response:
    """Have the picture made that is asked for, and send the client to it: the redirect flow."""
    with _refusals():
        asked, wanted, now = _read(path, request)
        _found(s3, states, asked, wanted, find_original(s3, wanted.key), now)
        return _elsewhere("/pictures/", path, request, status=301)


@contextmanager
def _refusals() -> Generator[None]:
    """Answer what is refused with the status that says so."""
    try:
        yield
    except WorkflowError as error:
        _refuse(type(error).__name__, str(error))


def _read(path: str, request: Request) -> tuple[dict[str, object], TransformRequest, datetime]:
    """Return the input of the execution, what is asked for, and the time."""
    query: dict[str, str] = {}
    for name, values in request.query.items():
        if len(values) > 1:
            raise InvalidInput(f"{name} is there {len(values)} times")
        query[name] = "".join(values)
    # as it is asked for, and not as some client writes it: all who want the same have the same execution
    accept = request.headers.get("accept", "")
    now = request.at
    wanted = parse(path, query, accept, now, secret=rights.SECRET.value(), presets=rights.PRESETS.value())
    negotiated = "image/webp" if wanted.transform.format == "webp" else ""
    return {"path": path, "query": query, "accept": negotiated}, wanted, now


def _found(
    s3: "S3Client",
    states: "SFNClient",
    asked: Mapping[str, object],
    wanted: TransformRequest,
    original: Original,
    now: datetime,
) -> Derived:
    """Return the picture, made now unless it is there. Raises what the execution has failed with."""
    found = find_derived(s3, wanted.derived)
    if found is not None and found.source == original.etag:
        return found
    became = made(states, asked, f"{original.etag} {wanted.derived}", now)
    if isinstance(became, Failed):
        _refuse(became.error, became.cause)
    return became


def _sent(s3: "S3Client", found: Derived, headers: Mapping[str, str]) -> Response:
    """Answer with the picture, or with an address of S3's where it is too large for that."""
    if found.bytes > MOST_BYTES:
        link = s3.generate_presigned_url(
            "get_object",
            Params={"Bucket": PICTURES, "Key": found.key},
            ExpiresIn=int(_LINK.total_seconds()),
        )
        return Response(status=307, headers={"location": link, "cache-control": "no-store"})
    with named_errors("the picture"):
        body = s3.get_object(Bucket=PICTURES, Key=found.key)["Body"].read()
    return Response(body, headers=headers, content_type=found.content_type)


def _elsewhere(route: str, path: str, request: Request, *, status: int) -> Response:
    query = urlencode([(name, value) for name, values in request.query.items() for value in values])
    address = f"{route}{quote(path)}" + (f"?{query}" if query else "")
    # a redirect that is remembered would go in a circle with the other one, once a picture is deleted
    return Response(status=status, headers={"location": address, "cache-control": "no-store"})


def _refuse(error: str, cause: str) -> NoReturn:
    status = STATUSES.get(error, 502)
    if status == 502:
        raise Refused(status, "the picture could not be made", headers={"cache-control": "no-store"})
    if status == 503:
        headers = {"retry-after": _SHORTLY, "cache-control": "no-store"}
        raise Refused(status, cause or error, headers=headers)
    raise Refused(status, cause or error, headers={"cache-control": _REFUSED_FOR})


def _caching() -> str:
    text = rights.MAX_AGE.value()
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return f"public, max-age={seconds}" if seconds else "public, no-cache"


def _headers(path: str, request: Request, source: str, transform: Transform) -> dict[str, str]:
    """Give the headers of a picture that is made of an original with an ETag.

    The answer depends on what the client takes, where the address leaves the format open.
    """
    named = "format" in request.query or "format(" in path
    varying = {} if named else {"vary": "Accept"}
    return {"etag": f'"{etag(source, transform)}"', "cache-control": _caching(), **varying}


def _is_known(tag: str, request: Request) -> bool:
    """Say whether the client has the picture of a tag."""
    sent = request.headers.get("if-none-match", "")
    return tag in {each.strip().removeprefix("W/") for each in sent.split(",")}
