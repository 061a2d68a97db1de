"""Which requests are served: those of programs on this machine, of a bounded size; never those of a web page."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

MOST_HEADERS: Final = 100
MOST_HEADER_BYTES: Final = 32_768
MOST_BODY_BYTES: Final = 256 * 1024 * 1024
"""What an upload may have; single services allow less."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
_SYNC: Final = "sync-"


class Refused(Exception):
    """A request that is not served: status, code and message of the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Hosts:
    """The hosts that requests may name, beside those that always mean this machine."""

    more: frozenset[str] = frozenset()

    def allows(self, host: str) -> bool:
        """Say whether a Host header names this machine."""
        name = _name(host)
        return name is not None and (_is_here(name) or name.removeprefix(_SYNC) in self.more)


def _name(host: str) -> str | None:
    """Give the name in a Host header, without its port; None for what is no name."""
    if host.startswith("["):
        name, closed, port = host[1:].partition("]")
        return name if closed and (not port or (port[:1] == ":" and port[1:].isdecimal())) else None
    name, colon, port = host.partition(":")
    return name.lower().rstrip(".") if not colon or port.isdecimal() else None


def _is_here(name: str) -> bool:
    bare = name.removeprefix(_SYNC)
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def check(
    method: str, raw_headers: Iterable[tuple[bytes, bytes]], headers: Mapping[str, str], hosts: Hosts
) -> None:
    """Let a request pass or raise Refused; its body has not been looked at."""
    count, size = 0, 0
    seen: list[bytes] = []
    for name, value in raw_headers:
        count += 1
        size += len(name) + len(value)
        if name in (b"host", b"content-length", b"content-type", b"x-amz-target", b"authorization"):
            seen.append(name)
    if count > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise Refused(431, "RequestHeaderSectionTooLarge", "The request has more headers than are read")
    if len(set(seen)) < len(seen):
        raise Refused(400, "InvalidRequest", "A header that counts is given twice")
    host = headers.get("host", "")
    if not hosts.allows(host):
        raise Refused(421, "MisdirectedRequest", "The Host header names another machine than this one")
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        raise Refused(403, "AccessDeniedException", "Requests of web pages from elsewhere are not served")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Refused(403, "AccessDeniedException", "Requests of web pages from elsewhere are not served")
    if method not in _METHODS:
        raise Refused(405, "MethodNotAllowed", f"{method} is not answered here")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise Refused(400, "InvalidRequest", "Content-Length is not a number")
    if "transfer-encoding" in headers and "content-length" in headers:
        raise Refused(400, "InvalidRequest", "Content-Length does not go with Transfer-Encoding")
    if int(length) > MOST_BODY_BYTES:
        raise Refused(
            413, "RequestEntityTooLargeException", f"More than {MOST_BODY_BYTES} bytes are not read"
        )
