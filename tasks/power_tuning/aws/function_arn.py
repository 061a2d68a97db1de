"""The Amazon Resource Name of a Lambda function."""

import re
from dataclasses import dataclass
from typing import Final

from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput

_FUNCTION_ARN: Final = re.compile(
    r"arn:(aws[a-z-]{0,20}):lambda:([a-z0-9-]{1,32}):([0-9]{12}):function:([A-Za-z0-9_-]{1,64})(:[^:]{1,128})?"
)


@dataclass(frozen=True, slots=True)
class FunctionArn:
    """The parts of an unqualified Lambda function ARN."""

    partition: str
    region: str
    account: str
    name: str


def function_arn(text: str, *, field: str = "lambdaARN") -> FunctionArn:
    """Return the parts of the ARN of a function.

    Raises InvalidInput, naming the field, for anything else and for an ARN that carries a version or alias.
    """
    match = _FUNCTION_ARN.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{field}: {text[:200]!r} is not the ARN of a Lambda function")
    partition, region, account, name, suffix = match.groups()
    if suffix:
        raise InvalidInput(
            f"{field}: {text[:200]!r} names the version or alias {suffix[1:]!r}; give the function without it"
        )
    return FunctionArn(partition, region, account, name)


def region_of(arn: Json) -> str:
    """Return the region of an ARN of seven parts, whatever the parts are.

    Raises InvalidInput when it is no text of seven parts.
    """
    parts = arn.split(":") if isinstance(arn, str) else []
    if len(parts) != 7:
        raise InvalidInput(f"{str(arn)[:200]!r} is not an ARN of seven parts")
    return parts[3]
