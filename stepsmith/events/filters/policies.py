"""SNS filter policies: which messages a subscription gets, by their attributes or by their body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from stepsmith.events.patterns import Dialect, Matcher, PatternError, compile_pattern
from stepsmith.events.refusals import Refused
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json

SNS: Final = Dialect(
    operators=frozenset(
        {"prefix", "suffix", "equals-ignore-case", "numeric", "anything-but", "exists", "cidr"}
    ),
    anything_but=frozenset({"prefix"}),
)
BY_ATTRIBUTES: Final = "MessageAttributes"
BY_BODY: Final = "MessageBody"
MOST_KEYS: Final = 5
MOST_COMBINATIONS: Final = 150

Attributes: TypeAlias = Mapping[str, Mapping[str, object]]
"""Message attributes as Publish has them: name -> `{"DataType": ..., "StringValue": ...}`."""


@dataclass(frozen=True, slots=True)
class PolicyFilter:
    """A compiled filter policy."""

    scope: str
    matches: Matcher

    def passes(self, message: str, attributes: Attributes) -> bool:
        """Whether a message passes; a body that is no JSON object does not pass a policy on bodies."""
        if self.scope == BY_ATTRIBUTES:
            return self.matches(attribute_values(attributes))
        try:
            body = read(message, repeated_keys=True)
        except InvalidJson:
            return False
        return isinstance(body, dict) and self.matches(body)


def policy_filter(policy: str, scope: str = BY_ATTRIBUTES, *, subscribing: bool = True) -> PolicyFilter:
    """Compile a policy; raises Refused with InvalidParameter in the words of Subscribe or SetSubscriptionAttributes."""
    try:
        value = read(policy, repeated_keys=True)
    except InvalidJson as error:
        raise _invalid(f"failed to parse JSON. {error}", subscribing) from None
    if not isinstance(value, dict):
        raise _invalid("Filter is not an object", subscribing)
    try:
        # AWS speaks of the policy without blanks, and says places in it (recorded).
        matches = compile_pattern(json.dumps(value, separators=(",", ":"), ensure_ascii=False), SNS)
    except PatternError as error:
        raise _invalid(str(error), subscribing) from None
    if scope == BY_ATTRIBUTES and _nests(value):
        raise Refused(
            "InvalidParameter",
            "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy",
        )
    if len(value) > MOST_KEYS:
        raise _invalid(f"Filter policy can not have more than {MOST_KEYS} keys", subscribing)
    if combinations(value) > MOST_COMBINATIONS:
        raise _invalid("Filter policy is too complex", subscribing)
    return PolicyFilter(scope, matches)


def _nests(policy: dict[str, Json]) -> bool:
    """Whether a policy, or a branch of it, asks below a key."""
    for key, member in policy.items():
        if isinstance(member, dict):
            return True
        branches = member if key == "$or" and isinstance(member, list) else []
        if any(isinstance(branch, dict) and _nests(branch) for branch in branches):
            return True
    return False


def _invalid(problem: str, subscribing: bool) -> Refused:
    reason = "Attributes Reason: " if subscribing else ""
    return Refused("InvalidParameter", f"Invalid parameter: {reason}FilterPolicy: {problem}")


def combinations(policy: dict[str, Json], depth: int = 1) -> int:
    """Multiply the numbers of values and their depths over the keys; the branches of `$or` add up."""
    product = 1
    for key, member in policy.items():
        if key == "$or" and isinstance(member, list):
            product *= sum(combinations(branch, depth) for branch in member if isinstance(branch, dict))
        elif isinstance(member, dict):
            product *= combinations(member, depth + 1)
        elif isinstance(member, list):
            product *= len(member) * depth
    return product


def attribute_values(attributes: Attributes) -> dict[str, Json]:
    """Give the values of attributes as policies see them: numbers read, arrays as lists, no bytes."""
    values: dict[str, Json] = {}
    for name, attribute in attributes.items():
        kind, text = str(attribute.get("DataType", "")), attribute.get("StringValue")
        if not isinstance(text, str):
            continue
        base = kind.partition(".")[0]
        if kind == "String.Array" or base == "Number":
            try:
                values[name] = read(text)
            except InvalidJson:
                values[name] = text
        elif base == "String":
            values[name] = text
    return values
