"""Explicit states as plain data: what both layers are lowered to, and what `build` turns into the model.

The classes mirror those of `stepsmith.asl.model`; attributes carry the ASL field names in snake case. Two things
differ: a value is an expression tree instead of JSON, and a state knows its name and the place it was written.

How the compiler of workflow functions uses them:

1. It makes one `Scope` for the machine, one for each branch of a `Parallel` state and one for the processor of a `Map`
   state. `states` is in the order in which they shall be rendered; the first of them is where the scope starts,
   unless `start_at` names another.
2. Transitions are names: `next` of a state, of a rule and of a catcher. A state without `next` ends its scope.
   `next` of a `Choice` state is its Default.
3. A value is one expression. `ObjectOf`, `ListOf` and `Literal` at its top become a JSON object, array or constant
   whose leaves are expressions of their own, so Arguments need no other form.
4. `build.build(scope)` checks names (unique in the whole machine, 1 to 80 characters, every target in the scope of
   the state that points to it), and gives the model and the place of each state.

Error names are already names here: classes have been expanded to their subclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from stepsmith.asl.model import ProcessorConfig, ReaderConfig, Retrier, WriterConfig
from stepsmith.expressions.typed.tree import Expression, Span
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

Assign: TypeAlias = Mapping[str, Expression]
"""Variable -> value, in the order of rendering."""
Raw: TypeAlias = Mapping[str, Json]
"""ASL fields that are laid over the rendered state as they are."""


def _nothing() -> dict[str, Expression]:
    return {}


def _no_fields() -> dict[str, Json]:
    return {}


@frozen(kw_only=True)
class Catcher:
    """Where errors of these names lead; `$states.errorOutput` may be used in its values."""

    errors: tuple[str, ...]
    next: str
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None


@frozen(kw_only=True)
class ChoiceRule:
    """A condition and where it leads."""

    condition: Expression
    next: str
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None


@frozen(kw_only=True)
class Task:
    """A state that calls a function, a service or a worker; `$states.result` may be used in `assign` and `output`."""

    name: str
    resource: str
    arguments: Expression | None = None
    timeout_seconds: Expression | None = None
    heartbeat_seconds: Expression | None = None
    credentials: Expression | None = None
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class Pass:
    """A state that shapes data."""

    name: str
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None
    next: str | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class Wait:
    """A state that waits: `seconds` or `timestamp`, never both."""

    name: str
    seconds: Expression | None = None
    timestamp: Expression | None = None
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None
    next: str | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class Choice:
    """A state that branches on conditions; `next` is where it goes when none holds."""

    name: str
    rules: tuple[ChoiceRule, ...]
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None
    next: str | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class Succeed:
    """A state that ends its scope well."""

    name: str
    output: Expression | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class Fail:
    """A state that ends its scope with an error."""

    name: str
    error: Expression | None = None
    cause: Expression | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class Parallel:
    """A state that runs branches side by side; its result is the list of what they give."""

    name: str
    branches: tuple[Scope, ...]
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class ItemReader:
    """Where a distributed Map state reads its items."""

    resource: str
    arguments: Expression | None = None
    config: ReaderConfig | None = None


@frozen(kw_only=True)
class ItemBatcher:
    """How a distributed Map state groups its items."""

    max_items: Expression | None = None
    max_bytes: Expression | None = None
    batch_input: Expression | None = None


@frozen(kw_only=True)
class ResultWriter:
    """Where a distributed Map state writes its results."""

    resource: str | None = None
    arguments: Expression | None = None
    config: WriterConfig | None = None


@frozen(kw_only=True)
class Map:
    """A state that runs its processor once for each item."""

    name: str
    processor: Scope
    items: Expression | None = None
    item_selector: Expression | None = None
    config: ProcessorConfig | None = None
    max_concurrency: Expression | None = None
    tolerated_failure_count: Expression | None = None
    tolerated_failure_percentage: Expression | None = None
    label: str | None = None
    item_reader: ItemReader | None = None
    item_batcher: ItemBatcher | None = None
    result_writer: ResultWriter | None = None
    assign: Assign = field(default_factory=_nothing)
    output: Expression | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    comment: str | None = None
    raw: Raw = field(default_factory=_no_fields)
    span: Span | None = None


@frozen(kw_only=True)
class RawState:
    """A state in the words of the language itself; its transitions are part of `definition`."""

    name: str
    definition: Raw
    next: str | None = None
    """Where it goes when `definition` itself does not say; None leaves `definition` as it is."""
    span: Span | None = None


State: TypeAlias = Task | Pass | Wait | Choice | Succeed | Fail | Parallel | Map | RawState
Calling: TypeAlias = Task | Parallel | Map
"""States with a result, which can fail, be retried and be caught."""
Flowing: TypeAlias = Calling | Pass | Wait
"""States that go on to one other, or end."""
Shaping: TypeAlias = Flowing | Choice | Succeed
"""States that shape their output."""


@frozen(kw_only=True)
class Scope:
    """States that see each other: those of a machine, of a branch, or of the processor of a Map state."""

    states: tuple[State, ...]
    start_at: str | None = None
    """Where it starts; None is the first state."""
    comment: str | None = None
