"""Drift: what somebody changed by hand in what a stack has made, and putting it back.

CloudFormation looks at templates only, and its own detection of drift takes minutes and does not put anything back. So
what matters is compared here: definitions, roles, logging, tracing, tags, aliases, functions, rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from stepsmith.deploy.stacks.live import CHECKS, Difference, Gone, Look
from stepsmith.deploy.stacks.values import Values
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure

_AT_ONCE: Final = 8
_PARTITIONS: Final = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Drift:
    """What was changed by hand in one resource."""

    name: str
    type: str
    lines: tuple[str, ...]
    put_back: Callable[[], object] | None
    """Makes it again what the template says; None where it is gone."""


def find_drift(
    account: AwsAccount,
    stack: str,
    template: Mapping[str, Json],
    resources: Mapping[str, str],
    *,
    say: Callable[[str], None],
    only: Iterable[str] | None = None,
) -> list[Drift]:
    """Compare what there is with the template; of the resources named, or of all.

    What these credentials may not look at is said, and not compared. Raises AwsFailure.
    """
    region = account.region
    values = Values(
        template=template,
        resources=resources,
        stack=stack,
        account=account.id,
        region=region,
        partition=partition_of(region),
    )
    found = template.get("Resources")
    parts = found if isinstance(found, dict) else {}
    wanted = set(parts) if only is None else set(only)
    looks = [
        Look(name, str(part["Type"]), resources[name], _properties(part), account, values)
        for name, part in sorted(parts.items())
        if isinstance(part, dict) and name in wanted and name in resources and part.get("Type") in CHECKS
    ]
    for service in {CHECKS[look.type].service for look in looks}:
        account.client(service)  # clients are made by one thread, and used by several
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [each for each in pool.map(_compared, looks, repeat(say)) if each is not None]


def partition_of(region: str) -> str:
    """Give the partition that a region is in."""
    return _PARTITIONS.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _compared(look: Look, say: Callable[[str], None]) -> Drift | None:
    try:
        differences: list[Difference] = list(CHECKS[look.type].check(look))
    except Gone:
        return Drift(look.name, look.type, ("is gone",), None)
    except AwsFailure as failure:
        if not failure.code.startswith("AccessDenied"):
            raise
        say(f"{look.name} is not compared: {failure}")
        return None
    if not differences:
        return None
    lines = tuple(line for each in differences for line in each.lines)

    def put_back() -> None:
        for each in differences:
            each.put_back()

    return Drift(look.name, look.type, lines, put_back)


def _properties(part: Mapping[str, Json]) -> Mapping[str, Json]:
    found = part.get("Properties")
    return found if isinstance(found, dict) else {}
