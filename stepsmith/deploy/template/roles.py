"""Roles, which carry the reason of each of their statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import Place, Statement, policy_document, trust_document, words
from stepsmith.expressions.types import Json

_READ_AND_WRITE: Final = frozenset(
    ("lambda.amazonaws.com", "states.amazonaws.com", "pipes.amazonaws.com", "scheduler.amazonaws.com")
)
"""The services whose roles read or write what is encrypted; others only start something."""


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
    if options.kms_key is not None and service in _READ_AND_WRITE:
        statements = [*statements, _uses(options.kms_key)]
    properties: dict[str, Json] = {"AssumeRolePolicyDocument": trust}
    if options.role_path is not None:
        properties["Path"] = options.role_path
    if options.permissions_boundary is not None:
        properties["PermissionsBoundary"] = options.permissions_boundary
    if statements:
        properties["Policies"] = [{"PolicyName": "derived", "PolicyDocument": policy_document(statements)}]
    if options.tags:
        properties["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(options.tags.items())]
    return {
        "Type": "AWS::IAM::Role",
        "Metadata": {"Reasons": [line.replace("${", "{") for line in words(statements)]},
        "Properties": properties,
    }


def _uses(key: str) -> Statement:
    return Statement(
        ("kms:Decrypt", "kms:GenerateDataKey"), (key,), "what it reads and writes is encrypted with this key"
    )
