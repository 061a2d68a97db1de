"""Which addresses an HTTP task may reach: public ones, and hosts that were allowed by name."""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from stepsmith.frozen import frozen
from stepsmith.integrations.failures import TaskError

_NAT64: Final = ip_network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)
"""The middle of an interface identifier that ends in an IPv4 address (RFC 5214, 6.1)."""
_INSIDE: Final = (
    # What the special-purpose registries of IANA keep off the internet and Python 3.11 calls global.
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("2001::/23"),
    ip_network("3fff::/20"),
    # Azure answers its virtual machines from here: an address of the internet that never leaves the host.
    ip_network("168.63.129.16/32"),
)


@frozen
class Target:
    """Where one request goes: a checked address, and the name the certificate must carry."""

    host: str
    port: int
    address: str
    secure: bool
    path: str
    query: str


def is_public(text: str) -> bool:
    """Say whether an address is reachable on the internet; addresses inside addresses are looked into."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _embedded(address)
    if not all(is_public(str(each)) for each in inner):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        # Beyond 2000::/3 only what carries an IPv4 address across is on the internet.
        return address.ipv4_mapped is not None or address in _NAT64
    if any(address in network for network in _INSIDE):
        return False
    return bool(inner) or (address.is_global and not address.is_multicast and not address.is_reserved)


def _embedded(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """Give the IPv4 addresses that packets to an IPv6 address may be sent on to."""
    if isinstance(address, IPv4Address):
        return ()
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or address.ipv4_mapped or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return (last,)
    return () if address.sixtofour is None else (address.sixtofour,)


def find_target(endpoint: str, allowed_hosts: Collection[str] = ()) -> Target:
    """Return where `endpoint` leads; the name is resolved once and the connection goes to that address.

    Raises TaskError for anything but https, for user names in the address, and for addresses that are not public,
    unless the host is in `allowed_hosts`; such a host may also be called over http.
    """
    parts = _split(endpoint)
    host = parts.hostname or ""
    allowed = host.lower() in {each.lower() for each in allowed_hosts}
    if parts.scheme != "https" and not (parts.scheme == "http" and allowed):
        raise _unusable(endpoint, "only https addresses can be called")
    if not host or "@" in parts.netloc:
        raise _unusable(endpoint, "the address must name a host and no user")
    secure = parts.scheme == "https"
    port = parts.port if parts.port is not None else (443 if secure else 80)
    address = _resolve(host, port)
    if not allowed and not is_public(address):
        raise TaskError("States.Http.Socket", f"{host} has the address {address}, which is not public")
    return Target(host, port, address, secure, parts.path or "/", parts.query)


def _split(endpoint: str) -> SplitResult:
    try:
        parts = urlsplit(endpoint)
        _ = parts.port, parts.hostname
    except ValueError:
        raise _unusable(endpoint, "this is not an address") from None
    if any(ord(character) <= 32 or ord(character) == 127 for character in endpoint):
        raise _unusable(endpoint, "an address has no blanks or control characters")
    return parts


def _resolve(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TaskError("States.Http.Socket", f"Unable to resolve the host {host}") from None
    return str(found[0][4][0])


def _unusable(endpoint: str, why: str) -> TaskError:
    return TaskError("States.Runtime", f"The ApiEndpoint {endpoint!r} cannot be called: {why}.")
