"""What a resource of a stack is, and what it is made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Properties: TypeAlias = Mapping[str, Any]
"""The properties of a resource in a template, with what they refer to filled in."""
Clients: TypeAlias = Callable[[str], Any]
"""Gives boto3's client of a service, in the cloud, for whoever makes the stack."""


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that is there."""

    id: str
    """What `Ref` gives."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What `Fn::GetAtt` gives."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How resources of a type are made, changed and deleted by the API of their service."""

    type: str
    """Such as `AWS::StepFunctions::StateMachine`."""
    make: Callable[[Clients, str, Properties], Made]
    """Makes one under a name that CloudFormation has given it, unless its properties do."""
    delete: Callable[[Clients, str], object]
    change: Callable[[Clients, Made, Properties], Made] | None = None
    """Changes one; without it another one is made in its place."""
    name: str = ""
    """The property that names it."""


def tags_of(given: Properties) -> dict[str, str]:
    """Give the tags of a resource."""
    return {each["Key"]: str(each["Value"]) for each in given.get("Tags") or ()}


def whole(given: Properties, *names: str) -> dict[str, Any]:
    """Give some properties, those that are there."""
    return {name: given[name] for name in names if given.get(name) is not None}
