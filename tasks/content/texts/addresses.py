"""The canonical form of an article's address, and what the article is called by it."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

LONGEST: Final = 2000
_FOLLOWING: Final = ("utm_", "mc_", "pk_", "at_")
_FOLLOWERS: Final = frozenset(
    {"fbclid", "gclid", "dclid", "msclkid", "igshid", "yclid", "ref", "ref_src", "cmpid", "ito"}
)
"""Parameters that say where a reader came from, and not what is read."""
_PORTS: Final = {"http": 80, "https": 443}
_SAFE: Final = "/:@!$&'()*+,;=~-._"


def canonical(address: str, base: str = "") -> str | None:
    """Return the address that stands for all the ways to write it, or None for what is no address of the web.

    `http` and `https`, `www.` and none, a slash at the end, fragments and the parameters of those who follow readers
    make no difference.
    """
    text = "".join(address.split()) if address.count("\n") or address.count("\t") else address.strip()
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host.encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or "." not in host or len(text) > LONGEST:
        return None
    host = host.removeprefix("www.")
    if port is not None and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = quote(unquote(parts.path, errors="surrogateescape"), safe=_SAFE, errors="surrogateescape")
    query = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.lower().startswith(_FOLLOWING) and name.lower() not in _FOLLOWERS
    )
    return urlunsplit(("https", host, path.rstrip("/"), urlencode(query), ""))


def item_id(source: str, guid: str, address: str | None) -> str:
    """Return what an article is called: the same for the same address, or for what its source calls it."""
    name = f"address\0{address}" if address else f"guid\0{source}\0{guid}"
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
