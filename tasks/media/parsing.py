"""Read what an address asks for, and say whether it may be asked."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from pydantic import ValidationError

from tasks.errors import Forbidden, InvalidInput
from tasks.media.models import LONGEST_SIDE, Transform, TransformRequest
from tasks.media.query import from_query
from tasks.media.signing import EXPIRES, SIGNATURE, check_signature
from tasks.media.thumbor import from_path

DERIVED: Final = "derived/"
_EXTENSIONS: Final = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif"}
_MOST_BYTES: Final = 900
"""Of a key: what is made of it has a longer one, and S3 takes 1024."""


def parse(
    path: str,
    query: Mapping[str, str],
    accept: str,
    now: datetime,
    *,
    secret: str = "",
    presets: str = "",
) -> TransformRequest:
    """Return what an address asks for: `path` is what follows the route, both are decoded.

    With `secret` it has to be signed, or ask for one of `presets`, such as `300x200 fit-in/640x/filters:quality(60)`;
    with `presets` alone it is one of those. Raises InvalidInput naming what cannot be read, and Forbidden.
    """
    asked = {name: text for name, text in query.items() if name not in (SIGNATURE, EXPIRES)}
    fields, key = from_path(path.strip("/"))
    more = from_query(asked)
    for name in more:
        if name in fields:
            raise InvalidInput(f"{name} is in the path and in the query")
    if not fields and not more:
        raise InvalidInput("nothing is asked for: write a size before the key, as 300x200/, or a query")
    check_key(key)
    transform = _transform({**fields, **more})
    if SIGNATURE in query and secret:
        check_signature(path, query, secret, now)
    elif (secret or presets) and transform not in _presets(presets):
        raise Forbidden("this is for signed addresses only" if secret else f"there are only {presets}")
    if transform.format == "auto" and takes_webp(accept):
        transform = transform.model_copy(update={"format": "webp"})
    return TransformRequest(key=key, transform=transform, derived=derived_key(key, transform))


def derived_key(key: str, transform: Transform) -> str:
    """Return where a picture is kept: what is done with it is a hash, so that its key says nothing else."""
    name = hashlib.sha256(transform.canonical.encode()).hexdigest()[:20]
    extension = _EXTENSIONS.get(transform.format)
    return f"{DERIVED}{name}/{key}" + (f".{extension}" if extension else "")


def etag(source: str, transform: Transform) -> str:
    """Return the tag of what is answered, which changes with the original and with what is asked."""
    return hashlib.sha256(f"{source} {transform.canonical}".encode()).hexdigest()[:32]


def takes_webp(accept: str) -> bool:
    """Say whether a header Accept names WebP; `*/*` says nothing, every client sends it."""
    for each in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in each.split(";"))
        if kind == "image/webp":
            weights = [part[2:].strip() for part in parameters if part.startswith("q=")]
            return not any(weight.strip("0.") == "" for weight in weights)
    return False


def check_key(key: str) -> None:
    """Raise InvalidInput for what is no key of an original."""
    if not key or key.endswith("/"):
        raise InvalidInput("the address has no key: it is what follows the size")
    if any(part in ("", ".", "..") for part in key.split("/")):
        raise InvalidInput("the key has an empty part, or one that is . or ..")
    if not key.isprintable():
        raise InvalidInput("the key has characters that cannot be printed")
    if len(key.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        raise InvalidInput(f"the key is longer than {_MOST_BYTES} bytes")


def _transform(fields: dict[str, object]) -> Transform:
    try:
        transform = Transform.model_validate(fields, strict=True)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise InvalidInput(f"{place}: {problem['msg']}; it is {str(problem['input'])[:100]!r}") from None
    for name, side in (("width", transform.width), ("height", transform.height)):
        if side is not None and side * transform.dpr > LONGEST_SIDE:
            raise InvalidInput(f"{name} times dpr is over {LONGEST_SIDE} pixels")
    if transform.fit in ("cover", "contain", "fill") and (transform.width is None) != (
        transform.height is None
    ):
        return transform.model_copy(update={"fit": "inside"})
    return transform


@lru_cache(maxsize=8)
def _presets(text: str) -> tuple[Transform, ...]:
    return tuple(_transform(from_path(f"{preset.strip('/')}/key")[0]) for preset in text.split())
