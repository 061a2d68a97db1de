"""The address of the chart page of aws-lambda-power-tuning, which carries the figures after its `#`."""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasks.errors import InvalidInput

PAGE: Final = "https://lambda-power-tuning.show/"


@dataclass(frozen=True, slots=True)
class Point:
    """Duration in milliseconds and cost of one memory size in MB."""

    power: int
    duration: float
    cost: float


def chart_address(points: Sequence[Point], page: str = PAGE, *, region: str = "") -> str:
    """Return the address that shows the points, in order of memory size.

    Sizes are 16-bit and wrap beyond 32,767; durations and costs are 32-bit floats.
    """
    ordered = sorted(points, key=lambda point: point.power)
    sizes = b"".join(struct.pack("<H", point.power & 0xFFFF) for point in ordered)
    times = b"".join(_float32(point.duration) for point in ordered)
    costs = b"".join(_float32(point.cost) for point in ordered)
    currency = "?currency=CNY" if region.startswith("cn-") else ""
    return f"{page}{currency}#{_base64(sizes)};{_base64(times)};{_base64(costs)}"


def points_in(address: str) -> list[Point]:
    """Return the points that a chart address carries.

    Raises InvalidInput when it carries none that can be read.
    """
    parts = address.partition("#")[2].split(";")
    try:
        sizes, times, costs = (base64.b64decode(part, validate=True) for part in parts)
        powers = struct.unpack(f"<{len(sizes) // 2}h", sizes)
        durations = struct.unpack(f"<{len(times) // 4}f", times)
        prices = struct.unpack(f"<{len(costs) // 4}f", costs)
        return [Point(*values) for values in zip(powers, durations, prices, strict=True)]
    except (ValueError, struct.error):
        raise InvalidInput(f"{address[:200]!r} is no chart address") from None


def _float32(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", float("inf") if value > 0 else float("-inf"))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
