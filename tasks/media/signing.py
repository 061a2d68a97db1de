"""Signed addresses: nobody but who knows the secret can ask for pictures that are not allowed to everybody.

An address is signed by HMAC-SHA256 over its path and its query, sorted and without the signature itself.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from tasks.errors import Forbidden, InvalidInput

SIGNATURE = "signature"
EXPIRES = "expires"
_MOMENT = "%Y%m%dT%H%M%SZ"


def sign(path: str, query: Mapping[str, str], secret: str) -> str:
    """Return the signature of an address: `path` is what follows the route, decoded; `query` is decoded, too."""
    pairs = sorted((name, value) for name, value in query.items() if name != SIGNATURE)
    text = f"{quote(path.strip('/'))}?{urlencode(pairs)}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def expiry(moment: datetime) -> str:
    """Write until when an address is good, for its query."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def check_signature(path: str, query: Mapping[str, str], secret: str, now: datetime) -> None:
    """Raise Forbidden for a signature that is wrong or no longer good, InvalidInput for an expiry that is no moment."""
    ends = query.get(EXPIRES)
    until = None if ends is None else _read(ends)
    if not hmac.compare_digest(sign(path, query, secret).encode(), query.get(SIGNATURE, "").encode()):
        raise Forbidden("the signature does not fit this address")
    if until is not None and now >= until:
        raise Forbidden(f"the address was good until {ends}")


def _read(text: str) -> datetime:
    try:
        if len(text) != 16:
            raise ValueError
        return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"{EXPIRES} is {text!r}, and must be as 20261224T180000Z") from None
