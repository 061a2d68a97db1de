"""The Amazon Resource Name of a Lambda function."""

import re
from dataclasses import dataclass
from typing import Final

from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput

_REGION: Final = r"[a-z]{2,5}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}"
_FUNCTION_ARN: Final = re.compile(
    rf"arn:(aws[a-z-]{{0,20}}):lambda:({_REGION}):([0-9]{{12}}):function:"
    r"([A-Za-z0-9_-]{1,64})(:(?:[A-Za-z0-9_-]{1,128}|\$LATEST))?"
)
_PARTITIONS: Final = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
"""How the regions of a partition begin -> the partition; those of others are told apart by AWS."""


@dataclass(frozen=True, slots=True)
class FunctionArn:
    """The parts of the ARN of a Lambda function, without its version or alias."""

    partition: str
    region: str
    account: str
    name: str


def function_arn(text: str, *, field: str = "lambdaARN", may_be_qualified: bool = False) -> FunctionArn:
    """Return the parts of the ARN of a function.

    Raises InvalidInput, naming the field, for anything else, for a region of another partition, and for an ARN that
    carries a version or alias unless it may.
    """
    match = _FUNCTION_ARN.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{field}: {text[:200]!r} is not the ARN of a Lambda function{_why(text)}")
    partition, region, account, name, suffix = match.groups()
    if _partition_of(region, partition) != partition:
        raise InvalidInput(f"{field}: {text[:200]!r} is in the partition {partition}, and {region} is not")
    if suffix and not may_be_qualified:
        raise InvalidInput(
            f"{field}: {text[:200]!r} names the version or alias {suffix[1:]!r}; give the function without it"
        )
    return FunctionArn(partition, region, account, name)


def _why(text: str) -> str:
    """Name the region of what is an ARN but for that."""
    parts = text.split(":")
    if len(parts) not in (7, 8) or re.fullmatch(_REGION, parts[3]):
        return ""
    return f"; {parts[3][:50]!r} is no region, such as 'eu-west-1'"


def _partition_of(region: str, named: str) -> str | None:
    """Return the partition that a region shows to be its own, else the one named, None where that has other regions."""
    for start, partition in _PARTITIONS.items():
        if region.startswith(f"{start}-"):
            return partition
    return None if named in _PARTITIONS.values() else named


def region_of(arn: Json) -> str:
    """Return the region of an ARN of seven parts, whatever the parts are.

    Raises InvalidInput when it is no text of seven parts.
    """
    parts = arn.split(":") if isinstance(arn, str) else []
    if len(parts) != 7:
        raise InvalidInput(f"{str(arn)[:200]!r} is not an ARN of seven parts")
    return parts[3]
