"""Statements of IAM policies, each with the reason it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stepsmith.expressions.types import Json


@dataclass(frozen=True, slots=True)
class Place:
    """The partition, region and account that ARNs are made for; CloudFormation's own by default."""

    partition: str = "${AWS::Partition}"
    region: str = "${AWS::Region}"
    account: str = "${AWS::AccountId}"

    def arn(self, service: str, rest: str) -> str:
        """Give the ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def role(self, name: str) -> str:
        """Give the ARN of a role of this account."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def s3(self, rest: str) -> str:
        """Give the ARN of a bucket or of objects in it."""
        return f"arn:{self.partition}:s3:::{rest}"


@dataclass(frozen=True, slots=True)
class Statement:
    """Actions allowed on resources. ARNs may hold `${...}` as in Fn::Sub."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str
    condition: Mapping[str, Json] | None = None


def merge(statements: Iterable[Statement]) -> list[Statement]:
    """Put statements about the same resources together, and the reasons with them; sorted."""
    found: dict[tuple[tuple[str, ...], str], Statement] = {}
    for each in statements:
        key = (tuple(sorted(set(each.resources))), repr(each.condition))
        before = found.get(key)
        actions, reason = set(each.actions), each.reason
        if before is not None:
            actions |= set(before.actions)
            reason = before.reason if reason in before.reason.split("; ") else f"{before.reason}; {reason}"
        found[key] = Statement(tuple(sorted(actions)), key[0], reason, each.condition)
    return sorted(found.values(), key=lambda each: (each.actions, each.resources))


def policy_document(statements: Sequence[Statement]) -> dict[str, Json]:
    """Give the policy that CloudFormation takes; ARNs with `${...}` become Fn::Sub."""
    return {"Version": "2012-10-17", "Statement": [_rendered(each) for each in statements]}


def _rendered(statement: Statement) -> Json:
    rendered: dict[str, Json] = {
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": [substituted(resource) for resource in statement.resources],
    }
    if statement.condition is not None:
        rendered["Condition"] = dict(statement.condition)
    return rendered


def substituted(text: str) -> Json:
    """Give text as CloudFormation takes it: under Fn::Sub where it holds `${...}`."""
    return {"Fn::Sub": text} if "${" in text else text


def words(statements: Sequence[Statement]) -> list[str]:
    """Say a policy in words, a line for each statement and its reason."""
    lines: list[str] = []
    for each in statements:
        where = ", ".join("everything" if one == "*" else one for one in each.resources)
        lines.append(f"may {', '.join(each.actions)} on {where}")
        if each.condition:
            conditions = [f"{name} {test}" for name, test in sorted(each.condition.items())]
            lines.append(f"  only with {'; '.join(conditions)}")
        lines.append(f"  because {each.reason}")
    return lines


def trust_document(service: str, place: Place, source: str | None = None) -> dict[str, Json]:
    """Give the trust policy of a role for one service: only for this account's own resources.

    `source` narrows it to ARNs that fit a pattern. See "the confused deputy problem" in the IAM guide.
    """
    condition: dict[str, Json] = {"StringEquals": {"aws:SourceAccount": substituted(place.account)}}
    if source is not None:
        condition["ArnLike"] = {"aws:SourceArn": substituted(source)}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": condition,
            }
        ],
    }
