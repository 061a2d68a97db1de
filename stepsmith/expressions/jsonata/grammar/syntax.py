"""What the parser builds and the resolver completes before the tree is frozen."""

from __future__ import annotations

from dataclasses import dataclass, field

from stepsmith.expressions.jsonata.regex import Pattern
from stepsmith.expressions.jsonata.runtime.signature import Signature
from stepsmith.expressions.types import Json


@dataclass(slots=True, eq=False)
class Slot:
    """Where the value of a `%` comes from: the step that binds `label`, `level` steps further up."""

    label: str
    level: int
    index: int


@dataclass(slots=True, eq=False)
class Draft:
    """One syntactic construct; `kind` says which fields mean something."""

    kind: str
    value: Json | Pattern
    position: int
    lhs: Draft | None = None
    rhs: Draft | None = None
    items: list[Draft] = field(default_factory=list["Draft"])
    """Array members, block statements, path steps, call arguments or lambda parameters."""
    pairs: list[tuple[Draft, Draft]] = field(default_factory=list[tuple["Draft", "Draft"]])
    """Keys and values of an object constructor or a group-by."""
    terms: list[tuple[bool, Draft]] = field(default_factory=list[tuple[bool, "Draft"]])
    """Order-by terms; True sorts downwards."""
    third: Draft | None = None
    """The else branch of a condition, the delete clause of a transform, the body of a lambda."""
    signature: Signature | None = None
    filters: list[Draft] | None = None
    """Predicates and index bindings that apply to a value outside a path."""
    stages: list[Draft] | None = None
    """Predicates and index bindings of a step of a path."""
    group: Draft | None = None
    keep_array: bool = False
    keep_singleton: bool = False
    cons: bool = False
    focus: str | None = None
    index: str | None = None
    ancestor: Slot | None = None
    tuples: bool = False
    seeking: list[Slot] | None = None
    slot: Slot | None = None

    def is_array(self) -> bool:
        """Whether this is an array constructor."""
        return self.kind == "unary" and self.value == "["
