"""Roles, which carry the reason of each of their statements."""

from __future__ import annotations

from collections.abc import Sequence

from stepsmith.deploy.application import Options
from stepsmith.deploy.permissions.statements import Place, Statement, policy_document, trust_document, words
from stepsmith.expressions.types import Json


def role(
    service: str,
    statements: Sequence[Statement],
    options: Options,
    *,
    source: str | None = None,
    conditions: bool = True,
) -> Json:
    """Give a role that a service takes on; `conditions` keep other accounts from making the service use it.

    Lambda takes the role of a function on without a source account, so its roles have no such condition.
    """
    trust = trust_document(service, Place(), source)
    if not conditions:
        trust["Statement"] = [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ]
    properties: dict[str, Json] = {"AssumeRolePolicyDocument": trust}
    if statements:
        properties["Policies"] = [{"PolicyName": "derived", "PolicyDocument": policy_document(statements)}]
    if options.tags:
        properties["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(options.tags.items())]
    return {
        "Type": "AWS::IAM::Role",
        "Metadata": {"Reasons": [line.replace("${", "{") for line in words(statements)]},
        "Properties": properties,
    }
