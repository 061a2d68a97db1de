"""ARNs for every partition: `arn:aws:` is the commercial one's, and GovCloud and China have their own.

Definitions in a project say `arn:aws:states:::lambda:invoke`, which is what people read and what runs here. What is
deployed names no partition: a placeholder stands in its place, and CloudFormation puts in that of the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias, cast

from stepsmith.deploy.application import pascal
from stepsmith.expressions.types import Json

PARTITION: Final = "${AWS::Partition}"
_COMMERCIAL: Final = "arn:aws:"
_INSIDE: Final = "AwsPartition"
"""The placeholder for ARNs among the arguments of a state."""

Substitutions: TypeAlias = Mapping[str, Json]
"""Placeholder -> what CloudFormation puts there."""


def portable_definition(definition: Json) -> tuple[Json, Substitutions]:
    """Give a definition without a partition, and what its new placeholders stand for.

    What a state calls is a placeholder as a whole, which is the form that checks of definitions know.
    """
    found: dict[str, Json] = {}
    return _without(definition, found), found


def portable(value: Json) -> Json:
    """Give a part of a template whose ARNs have the partition of the stack."""
    match value:
        case str() if value.startswith(_COMMERCIAL):
            return {"Fn::Sub": of_the_stack(value.replace("${", "${!"))}
        case {"Fn::Sub": str(text), **rest} if not rest:
            return {"Fn::Sub": of_the_stack(text)}
        case {"Reasons": list(lines)}:
            return {**value, "Reasons": [_in_words(line) for line in cast("list[Json]", lines)]}
        case dict():
            return {name: portable(inner) for name, inner in value.items()}
        case list():
            return [portable(inner) for inner in cast("list[Json]", value)]
        case _:
            return value


def of_the_stack(arn: str) -> str:
    """Give an ARN in the partition of the stack, as Fn::Sub text."""
    return f"arn:{PARTITION}:{arn.removeprefix(_COMMERCIAL)}" if arn.startswith(_COMMERCIAL) else arn


def _without(value: Json, found: dict[str, Json], name: str = "") -> Json:
    match value:
        case str() if value.startswith(_COMMERCIAL) and name == "Resource":
            placeholder = pascal(value.removeprefix("arn:aws:states:::").removeprefix(_COMMERCIAL))
            found[placeholder] = {"Fn::Sub": of_the_stack(value)}
            return f"${{{placeholder}}}"
        case str() if value.startswith(_COMMERCIAL):
            found[_INSIDE] = {"Ref": "AWS::Partition"}
            return f"arn:${{{_INSIDE}}}:{value.removeprefix(_COMMERCIAL)}"
        case dict():
            return {each: _without(inner, found, each) for each, inner in value.items()}
        case list():
            return [_without(inner, found) for inner in cast("list[Json]", value)]
        case _:
            return value


def _in_words(line: Json) -> Json:
    return line.replace(_COMMERCIAL, "arn:{AWS::Partition}:") if isinstance(line, str) else line
