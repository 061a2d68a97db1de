"""What invocations and the tuning itself cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from tasks.errors import Unsupported
from tasks.power_tuning.ecmascript import total_of

SMALLEST_MEMORY: Final = 128
LARGEST_MEMORY: Final = 10_240

RegionalPrices = Mapping[str, float]
"""Price by region; `default` is the price of every region that is not named."""

ROUNDED_LAMBDA_PRICES: Final[Mapping[str, RegionalPrices]] = {
    "x86_64": {
        "default": 2.1e-9,
        "ap-east-1": 2.9e-9,
        "af-south-1": 2.8e-9,
        "me-south-1": 2.6e-9,
        "eu-south-1": 2.4e-9,
        "ap-northeast-3": 2.7e-9,
        "cn-north-1": 1.42e-8,
        "cn-northwest-1": 1.42e-8,
    },
    "arm64": {"default": 1.7e-9},
}
"""Price of a millisecond at 128 MB as aws-lambda-power-tuning 4.4.0 rounds it, in USD, in China in CNY."""

TRANSITION_PRICES: Final[RegionalPrices] = {
    "default": 0.000025,
    "us-gov-west-1": 0.00003,
    "us-gov-east-1": 0.00003,
    "ap-northeast-2": 0.0000271,
    "eu-south-1": 0.00002625,
    "af-south-1": 0.00002975,
    "us-west-1": 0.0000279,
    "eu-west-3": 0.0000297,
    "ap-east-1": 0.0000275,
    "me-south-1": 0.0000275,
    "ap-south-1": 0.0000285,
    "sa-east-1": 0.0000375,
    "cn-north-1": 0.0001891,
    "cn-northwest-1": 0.0001891,
}
"""Price of a state transition of a standard workflow, in USD, in China in CNY."""

_GB_SECOND: Final[Mapping[str, float]] = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
_REQUEST: Final = 0.0000002
_CHINESE_REQUEST: Final = 0.00000136


@dataclass(frozen=True, slots=True)
class LambdaPrice:
    """What a function costs: for each GB-second and for each request."""

    gb_second: float
    request: float
    currency: str
    is_approximate: bool

    def of(self, memory: int, billed_ms: float, requests: int = 1) -> float:
        """Return the price of running with `memory` MB for the milliseconds, in as many requests."""
        return self.gb_second * memory / 1024 * billed_ms / 1000 + self.request * requests


@dataclass(frozen=True, slots=True)
class PriceTables:
    """The prices that the reference formulas use; a deployment may bring its own."""

    per_ms: Mapping[str, RegionalPrices] = field(default_factory=lambda: ROUNDED_LAMBDA_PRICES)
    per_transition: RegionalPrices = field(default_factory=lambda: TRANSITION_PRICES)


def lambda_price(region: str, architecture: str) -> LambdaPrice:
    """Return the list price of Lambda in a region, first tier, without the free tier.

    Regions with a price of their own, known only rounded, are marked as approximate; their arm64 price is
    taken to differ from the usual one as much as their x86_64 price does.
    Raises Unsupported for an unknown architecture.
    """
    base_price(region, architecture)
    x86 = ROUNDED_LAMBDA_PRICES["x86_64"]
    is_chinese = region.startswith("cn-")
    return LambdaPrice(
        gb_second=_GB_SECOND[architecture] * regional_price(x86, region) / x86["default"],
        request=_CHINESE_REQUEST if is_chinese else _REQUEST,
        currency="CNY" if is_chinese else "USD",
        is_approximate=region in x86,
    )


def regional_price(prices: RegionalPrices, region: str) -> float:
    """Return the price in a region, the default price when the region has none of its own."""
    return prices.get(region, prices["default"])


def base_price(
    region: str, architecture: str, tables: Mapping[str, RegionalPrices] = ROUNDED_LAMBDA_PRICES
) -> float:
    """Return the reference price of a millisecond at 128 MB.

    Raises Unsupported for an unknown architecture.
    """
    prices = tables.get(architecture)
    if prices is None:
        raise Unsupported(f"there are no prices for the architecture {architecture[:50]!r}")
    return regional_price(prices, region)


def reference_price(base: float, smallest: int, memory: float, duration_ms: float) -> float:
    """Return the reference price of one run: its milliseconds rounded up, at `memory` MB."""
    return math.ceil(duration_ms) * base * memory / smallest


def reference_total(base: float, smallest: int, memory: float, durations_ms: Sequence[float]) -> float:
    """Return the reference price of several runs."""
    return total_of(reference_price(base, smallest, memory, duration) for duration in durations_ms)


def reference_execution_cost(
    per_transition: float, powers: int, *, only_cold_starts: bool, runs: int
) -> float:
    """Return what the reference tool says its state machine costs, to 5 decimals.

    It counts 6 + 3 for each power, or with cold starts 6 + 1 for each power + 2 for each version.
    """
    transitions = 6 + powers + 2 * powers * runs if only_cold_starts else 6 + 3 * powers
    cost = Decimal(per_transition * transitions)
    return float(cost.quantize(Decimal("0.00001"), rounding=ROUND_HALF_UP))
