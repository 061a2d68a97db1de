"""What a template says, with the names that its resources have got: Ref, Fn::GetAtt and Fn::Sub worked out here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from stepsmith.expressions.types import Json

_HOLE: Final = re.compile(r"\$\{([^}!]+)\}")
_ARNS: Final[Mapping[str, str]] = {
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{id}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{id}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{id}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{id}:*",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{id}",
}


class UnknownValue(Exception):
    """Something that only CloudFormation knows; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Works out the values of one stack's template."""

    template: Mapping[str, Json]
    resources: Mapping[str, str]
    """Logical name -> physical id."""
    stack: str
    account: str
    region: str
    partition: str = "aws"

    def of(self, value: Json) -> Json:
        """Give a value of the template. Raises UnknownValue."""
        match value:
            case {"Ref": str(name), **rest} if not rest:
                return self._ref(name)
            case {"Fn::GetAtt": [str(name), str(attribute)], **rest} if not rest:
                return self._attribute(name, attribute)
            case {"Fn::Sub": str(text), **rest} if not rest:
                return _HOLE.sub(lambda hole: self._hole(hole[1]), text)
            case dict():
                return {key: self.of(inner) for key, inner in value.items()}
            case list():
                return [self.of(inner) for inner in cast("list[Json]", value)]
            case _:
                return value

    def _hole(self, name: str) -> str:
        name, _, attribute = name.partition(".")
        return self._attribute(name, attribute) if attribute else self._ref(name)

    def _ref(self, name: str) -> str:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::StackName": self.stack,
        }
        found = pseudo.get(name) or self.resources.get(name) or self._parameter(name)
        if found is None:
            raise UnknownValue(name)
        return found

    def _parameter(self, name: str) -> str | None:
        parameters = self.template.get("Parameters")
        parameter = parameters.get(name) if isinstance(parameters, dict) else None
        default = parameter.get("Default") if isinstance(parameter, dict) else None
        return default if isinstance(default, str) else None

    def _attribute(self, name: str, attribute: str) -> str:
        resources = self.template.get("Resources")
        resource = resources.get(name) if isinstance(resources, dict) else None
        kind = resource.get("Type") if isinstance(resource, dict) else None
        identity = self._ref(name)
        if kind == "AWS::SQS::Queue":
            queue = identity.rpartition("/")[2]
            arn = f"arn:{self.partition}:sqs:{self.region}:{self.account}:{queue}"
            return {"Arn": arn, "QueueName": queue}[attribute]
        if attribute != "Arn" or not isinstance(kind, str) or kind not in _ARNS:
            raise UnknownValue(f"{name}.{attribute}")
        return _ARNS[kind].format(
            partition=self.partition, region=self.region, account=self.account, id=identity
        )


def filled(text: str, values: Mapping[str, str], live: str) -> str:
    """Give text with its placeholders filled; where one has no value, what the live text has in its place."""
    known = _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), text)
    if not _HOLE.search(known):
        return known
    pattern = "(.*)".join(re.escape(part) for part in _HOLE.split(known)[::2])
    found = re.fullmatch(pattern, live, re.DOTALL)
    return live if found is not None else known


def filled_like(wanted: Json, values: Mapping[str, str], live: Json) -> Json:
    """Give a definition with its placeholders filled, see `filled`."""
    match wanted:
        case str():
            return filled(wanted, values, live if isinstance(live, str) else "")
        case dict():
            other: Mapping[str, Json] = live if isinstance(live, dict) else {}
            return {name: filled_like(inner, values, other.get(name)) for name, inner in wanted.items()}
        case list():
            items = cast("list[Json]", live) if isinstance(live, list) else []
            padded = [*items, *([None] * len(wanted))]
            return [
                filled_like(inner, values, padded[number])
                for number, inner in enumerate(cast("list[Json]", wanted))
            ]
        case _:
            return wanted
