"""What a deployment would change: resources, definitions and rights, before anything is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast

from stepsmith.deploy.costs.estimate import Costs
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.stacks.definition_diff import definition_difference
from stepsmith.deploy.stacks.drift import Drift
from stepsmith.expressions.types import Json

Kind: TypeAlias = Literal["add", "change", "replace", "remove"]
SIGNS: Final[Mapping[Kind, str]] = {"add": "+", "change": "~", "replace": "!", "remove": "-"}
WORDS: Final[Mapping[Kind, str]] = {
    "add": "added",
    "change": "changed",
    "replace": "replaced",
    "remove": "removed",
}

ALL: Final = frozenset("*")
REPLACING: Final[Mapping[str, frozenset[str]]] = {
    "AWS::DynamoDB::Table": frozenset(("TableName", "KeySchema")),
    "AWS::SQS::Queue": frozenset(("QueueName",)),
    "AWS::SNS::Topic": frozenset(("TopicName",)),
    "AWS::S3::Bucket": frozenset(("BucketName",)),
    "AWS::Logs::LogGroup": frozenset(("LogGroupName",)),
    "AWS::Lambda::Version": ALL,
    "AWS::StepFunctions::StateMachine": frozenset(("StateMachineName",)),
    "AWS::StepFunctions::StateMachineVersion": ALL,
    "AWS::StepFunctions::StateMachineAlias": frozenset(("Name",)),
}
"""Type -> the properties that cannot be changed in place, from the CloudFormation resource reference."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource."""

    kind: Kind
    name: str
    type: str
    details: tuple[str, ...] = ()
    kept: bool = False
    """Whether the real thing stays when the resource is removed or replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a deployment would change."""

    stack: str
    exists: bool
    changes: tuple[Change, ...]
    definitions: Mapping[str, tuple[str, ...]]
    """State machine -> what changes in its definition."""
    rights: Mapping[str, tuple[str, ...]]
    """Role -> what it may do from now on (+) and no longer (-), in words."""
    drift: tuple[Drift, ...] = ()
    """What was changed by hand, and is put back."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Setting that somebody has given -> its value as text and where that was said."""
    costs: Costs | None = None
    """What executions will cost."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes and not self.drift

    def lines(self) -> list[str]:
        """Give the plan as text."""
        if self.is_empty:
            return [*self._settings(), f"stack {self.stack} is up to date", *self._costs()]
        found = self._settings()
        found += [f"stack {self.stack} {'is updated' if self.exists else 'is created'}"]
        if self.drift:
            found += ["", "Changed by hand, and put back"]
        for drift in self.drift:
            found += [f"  {drift.name}  {drift.type}", *(f"    {line}" for line in drift.lines)]
        if self.changes:
            found += ["", "Resources"]
        for change in self.changes:
            kept = " (the real thing stays)" if change.kept and change.kind in ("remove", "replace") else ""
            found.append(f"  {SIGNS[change.kind]} {change.name}  {change.type}  {WORDS[change.kind]}{kept}")
            found += [f"      {detail}" for detail in change.details]
        for title, parts in (("Definitions", self.definitions), ("Rights", self.rights)):
            if parts:
                found += ["", title]
            for name, lines in parts.items():
                found += [f"  {name}", *(f"    {line}" for line in lines)]
        return [*found, *self._costs(), "", self.summary()]

    def to_json(self) -> dict[str, Json]:
        """Give the plan for machines; its members stay what they are."""
        changes: list[Json] = [
            {
                "kind": change.kind,
                "name": change.name,
                "type": change.type,
                "details": list(change.details),
                "kept": change.kept,
            }
            for change in self.changes
        ]
        drift: list[Json] = [
            {"name": each.name, "type": each.type, "lines": list(each.lines), "gone": each.put_back is None}
            for each in self.drift
        ]
        return {
            "stack": self.stack,
            "exists": self.exists,
            "empty": self.is_empty,
            "settings": dict(self.settings),
            "changes": changes,
            "definitions": {name: list(lines) for name, lines in self.definitions.items()},
            "rights": {name: list(lines) for name, lines in self.rights.items()},
            "drift": drift,
            "costs": None if self.costs is None else self.costs.to_json(),
        }

    def _costs(self) -> list[str]:
        return [] if self.costs is None else ["", *self.costs.lines()]

    def _settings(self) -> list[str]:
        if not self.settings:
            return []
        width = max(map(len, self.settings))
        lines = [f"  {key:<{width}}  {said}" for key, said in sorted(self.settings.items())]
        return ["Settings", *lines, ""]

    def summary(self) -> str:
        """Give the numbers."""
        counts = [(word, sum(change.kind == kind for change in self.changes)) for kind, word in WORDS.items()]
        counts.append(("put back", len(self.drift)))
        return ", ".join(f"{count} {word}" for word, count in counts if count)


def make_plan(stack: str, before: Mapping[str, Json] | None, after: Mapping[str, Json]) -> Plan:
    """Compare the template that is deployed, None where nothing is, with the one that would be.

    Raises DeploymentError for a state machine whose type would change, which CloudFormation refuses.
    """
    old = _resources(before or {})
    new = _resources(after)
    changes = [change for change in _changes(old, new) if change is not None]
    order: list[Kind] = ["remove", "replace", "change", "add"]
    return Plan(
        stack=stack,
        exists=before is not None,
        changes=tuple(sorted(changes, key=lambda change: (order.index(change.kind), change.name))),
        definitions=_definitions(old, new),
        rights=_rights(old, new),
    )


def _changes(
    old: Mapping[str, dict[str, Json]], new: Mapping[str, dict[str, Json]]
) -> Iterator[Change | None]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before is None and after is not None:
            yield Change("add", name, str(after["Type"]))
        elif after is None and before is not None:
            kept = is_kept(before.get("DeletionPolicy")) and _function_of(before) not in set(old) - set(new)
            yield Change("remove", name, str(before["Type"]), kept=kept)
        elif before is not None and after is not None:
            yield _change(name, before, after)


def _change(name: str, before: dict[str, Json], after: dict[str, Json]) -> Change | None:
    kind = str(after["Type"])
    if before["Type"] != after["Type"]:
        return Change("replace", name, kind, (f"was {before['Type']}",))
    old, new = _object(before.get("Properties")), _object(after.get("Properties"))
    if kind == "AWS::StepFunctions::StateMachine" and old.get("StateMachineType") != new.get(
        "StateMachineType"
    ):
        raise DeploymentError(
            f"{name} is {old.get('StateMachineType')} and cannot turn to {new.get('StateMachineType')}, because it "
            "keeps its name; deploy it with another --stack, or destroy this one first"
        )
    changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    others = [key for key in ("DeletionPolicy", "UpdateReplacePolicy") if before.get(key) != after.get(key)]
    if not changed and not others:
        return None
    fixed = REPLACING.get(kind, frozenset())
    replaced = fixed is ALL or any(key in fixed for key in changed)
    details = [line for key in changed for line in _property(key, old.get(key), new.get(key))]
    details += [f"{key}: {before.get(key)} becomes {after.get(key)}" for key in others]
    kept = before.get("UpdateReplacePolicy") == "Retain"
    return Change("replace" if replaced else "change", name, kind, tuple(details), kept)


def _function_of(resource: Mapping[str, Json]) -> str | None:
    """Give the function that a version is of: it goes with its function, whatever its policy says."""
    function = _object(_object(resource.get("Properties")).get("FunctionName")).get("Ref")
    return function if resource["Type"] == "AWS::Lambda::Version" and isinstance(function, str) else None


def is_kept(policy: Json) -> bool:
    """Say whether the real thing stays by a DeletionPolicy."""
    return policy in ("Retain", "RetainExceptOnCreate")


def _property(name: str, before: Json, after: Json) -> Iterator[str]:
    """Say what changed in a property; definitions and policies are said in their own part of the plan."""
    if name in ("DefinitionString", "Policies"):
        yield f"{name} changes, see below"
    elif (
        isinstance(before, dict)
        and isinstance(after, dict)
        and not _is_function(before)
        and not _is_function(after)
    ):
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield from _property(f"{name}.{key}", before.get(key), after.get(key))
    else:
        yield f"{name}: {_short(before)} becomes {_short(after)}"


def _is_function(value: Mapping[str, Json]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _definitions(
    old: Mapping[str, dict[str, Json]], new: Mapping[str, dict[str, Json]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, resource in new.items():
        if resource["Type"] != "AWS::StepFunctions::StateMachine":
            continue
        before, after = _definition(old.get(name)), _definition(resource)
        lines = definition_difference(before, after)
        if lines:
            found[name] = tuple(lines)
    return found


def _definition(resource: Mapping[str, Json] | None) -> Json:
    text = _object((resource or {}).get("Properties")).get("DefinitionString")
    try:
        return cast("Json", json.loads(text)) if isinstance(text, str) else {}
    except ValueError:
        return {}


def _rights(
    old: Mapping[str, dict[str, Json]], new: Mapping[str, dict[str, Json]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted({*old, *new}):
        before, after = _reasons(old.get(name)), _reasons(new.get(name))
        lines = [f"+ {text}" for text in after if text not in before]
        lines += [f"- {text}" for text in before if text not in after]
        if lines:
            found[name] = tuple(lines)
    return found


def _reasons(resource: Mapping[str, Json] | None) -> list[str]:
    """Give the statements of a role in words, each in one line with its reason."""
    if resource is None or resource["Type"] != "AWS::IAM::Role":
        return []
    lines = _object(resource.get("Metadata")).get("Reasons")
    found: list[str] = []
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, str) and line.startswith("  ") and found:
            found[-1] += f", {line.strip()}"
        else:
            found.append(str(line))
    return found


def _resources(template: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    resources = _object(template.get("Resources"))
    return {name: value for name, value in resources.items() if isinstance(value, dict) and "Type" in value}


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _short(value: Json) -> str:
    text = "nothing" if value is None else json.dumps(value, sort_keys=True)
    return text if len(text) <= 100 else f"{text[:97]}..."
