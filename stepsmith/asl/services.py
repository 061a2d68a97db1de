"""The services of AWS, as far as definitions are checked against them: their actions, and what these take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, Literal, TypeAlias, cast

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

Naming: TypeAlias = Literal["optimised", "sdk"]
"""How members are named: as the API does with a capital first letter, or as AWS's SDK for Java does."""
_Object: TypeAlias = Mapping[str, Json]

_RENAMED: Final = {"AttributeValue": {"NULL": "Nul"}}
"""Members that the SDK for Java renames against its own rules; both shapes are of DynamoDB and its streams."""
_NO_METHODS: Final = """
abstract assert boolean break byte case catch char class const continue default do double else enum extends false final
finally float for goto if implements import instanceof int interface long native new null package private protected
public return short static strictfp super switch synchronized this throw throws transient true try void volatile while
clone equals finalize getClass hashCode notify notifyAll toString wait
"""
_KEYWORDS: Final = frozenset(_NO_METHODS.split())
"""What no method of a class of Java can be named: the SDK puts `Value` behind such a name."""


def pascal_case(name: str) -> str:
    """Return a member's name as AWS's SDK for Java spells it, with a capital first letter.

    A leading run of capitals is one word: `DBInstance` is `DbInstance`, `SSEKMSKeyId` is `SsekmsKeyId`, `ETag` stays.
    """
    run = 0
    while run < len(name) and name[run].isupper():
        run += 1
    if run <= 1:
        return name[:1].upper() + name[1:]
    end = run - 1 if run < len(name) and name[run].islower() else run
    return name[0] + name[1:end].lower() + name[end:]


def java_name(member: str, shape: str = "") -> str:
    """Return how AWS SDK integrations name a member of a shape: `NULL` is `Nul`, `equals` is `EqualsValue`."""
    renamed = _RENAMED.get(shape, {}).get(member)
    if renamed is not None:
        return renamed
    name = pascal_case(member)
    return f"{name}Value" if name[:1].lower() + name[1:] in _KEYWORDS else name


def member_name(member: str, shape: str, naming: Naming) -> str:
    """Return how Step Functions names a member of a shape."""
    return java_name(member, shape) if naming == "sdk" else member[:1].upper() + member[1:]


@frozen
class Bounds:
    """How long a text, how large a number or how many items there may be."""

    least: float | None
    most: float | None

    def allow(self, size: float) -> bool:
        """Say whether a length or number is within them."""
        return (self.least is None or size >= self.least) and (self.most is None or size <= self.most)

    def said(self) -> str:
        """Say them in words."""
        if self.least is None or self.most is None:
            return f"at least {self.least}" if self.most is None else f"at most {self.most}"
        return f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"


class ServiceModel:
    """The model of one service in the form in which AWS publishes it."""

    def __init__(self, model: _Object) -> None:
        self._operations = cast("Mapping[str, _Object]", model["operations"])
        self._shapes = cast("Mapping[str, _Object]", model["shapes"])
        self.metadata: Mapping[str, Json] = cast("_Object", model["metadata"])
        """What the model says about the service itself."""
        self._named: dict[tuple[str, Naming], dict[str, str]] = {}
        self._required: dict[tuple[str, Naming], tuple[str, ...]] = {}

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """The names of the operations by their action in lower case: the case of letters differs between the SDKs."""
        return {name.lower(): name for name in self._operations}

    def has_stream(self, operation: str) -> bool:
        """Say whether an operation speaks in a stream of events, which Step Functions does not."""
        for side in ("input", "output"):
            shape = self._shapes.get(self._side(operation, side) or "", {})
            for member in self._members(shape).values():
                if self._shapes[str(member["shape"])].get("eventstream"):
                    return True
        return False

    def input_of(self, operation: str) -> str | None:
        """Give the name of the shape that an operation takes; None where it takes nothing."""
        return self._side(operation, "input")

    def output_of(self, operation: str) -> str | None:
        """Give the name of the shape that an operation answers with; None where it answers nothing."""
        return self._side(operation, "output")

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """The shapes of the errors that the service names."""
        return tuple(name for name, shape in self._shapes.items() if shape.get("exception"))

    def _side(self, operation: str, side: str) -> str | None:
        found = cast("_Object | None", self._operations[operation].get(side))
        return None if found is None else str(found["shape"])

    def kind(self, shape: str) -> str:
        """Give the type of a shape: `structure`, `list`, `map`, `string`, ...; `document` for any JSON."""
        found = self._shapes[shape]
        return "document" if found.get("document") else str(found["type"])

    def values(self, shape: str) -> tuple[str, ...]:
        """Give the only texts that a shape takes; none where it takes any."""
        return tuple(cast("list[str]", self._shapes[shape].get("enum", [])))

    def bounds(self, shape: str) -> Bounds:
        """Give the bounds of a shape, as far as the model says them."""
        found = self._shapes[shape]
        return Bounds(cast("float | None", found.get("min")), cast("float | None", found.get("max")))

    def pattern(self, shape: str) -> str | None:
        """Give the regular expression that all of a text matches; None where there is none."""
        return cast("str | None", self._shapes[shape].get("pattern"))

    def inner(self, shape: str) -> str:
        """Give the shape of the items of a list or of the values of a map."""
        found = self._shapes[shape]
        return str(cast("_Object", found["member" if found["type"] == "list" else "value"])["shape"])

    def members(self, shape: str, naming: Naming) -> Mapping[str, str]:
        """Give the members of a structure as Step Functions names them, with their shapes."""
        key = (shape, naming)
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = {
                member_name(name, shape, naming): str(member["shape"])
                for name, member in self._members(self._shapes[shape]).items()
            }
        return found

    def required(self, shape: str, naming: Naming) -> tuple[str, ...]:
        """Give the members that a structure must have, besides those that an SDK fills in by itself."""
        known = self._required.get((shape, naming))
        if known is None:
            known = self._required[shape, naming] = tuple(self._find_required(shape, naming))
        return known

    def _find_required(self, shape: str, naming: Naming) -> list[str]:
        found = self._shapes[shape]
        members = self._members(found)
        return [
            member_name(name, shape, naming)
            for name in cast("list[str]", found.get("required", []))
            if not members[name].get("idempotencyToken")
        ]

    @staticmethod
    def _members(shape: _Object) -> Mapping[str, _Object]:
        return cast("Mapping[str, _Object]", shape.get("members", {}))


Services: TypeAlias = Callable[[str], ServiceModel | None]
"""Gives a service by its name in an `aws-sdk` resource; None where it is not known."""


def no_services(name: str) -> ServiceModel | None:
    """Know no service."""
    return None
