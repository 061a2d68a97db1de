"""Address ranges: `10.0.0.0/24`, `2001:db8::/64`."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TypeAlias

Range: TypeAlias = tuple[int, int, int]
"""Version, first and last address."""


class BadRange(ValueError):
    """An address range that cannot be understood."""


def address_range(text: str) -> Range:
    """Read a range in AWS's order: one slash, the mask, the address, the mask's size (recorded)."""
    slashed = text.split("/")
    if len(slashed) != 2 or not slashed[1]:
        raise BadRange("Malformed CIDR, one '/' required")
    digits = slashed[1].lstrip("+-") if slashed[1][:1] in "+-" else slashed[1]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise BadRange("Malformed CIDR, mask bits must be an integer")
    bits = int(slashed[1])
    if bits < 0:
        raise BadRange("Malformed CIDR, mask bits must not be negative")
    found = address(slashed[0])
    if found is None:
        raise BadRange(f"Nonstandard IP address: {slashed[0]}")
    version, number = found
    size = 32 if version == 4 else 128
    if bits > size:
        raise BadRange(f"IPv{version} mask bits must be <= {size}")
    rest = (1 << (size - bits)) - 1
    return version, number & ~rest, number | rest


def address(text: str) -> tuple[int, int] | None:
    """Give an address as version and number; None for any other text."""
    if len(text) > 45:
        return None
    try:
        return (6, int(IPv6Address(text))) if ":" in text else (4, int(IPv4Address(text)))
    except AddressValueError:
        return None


def lies_in(found: Range, text: str) -> bool:
    """Whether a text is an address of the range."""
    place = address(text)
    return place is not None and place[0] == found[0] and found[1] <= place[1] <= found[2]
