"""The only in-memory form of a state machine: one frozen dataclass for each kind of object in the language.

Attributes carry the ASL field names in snake case. `None` means that the field is absent. Where JSON null has a
meaning of its own (`InputPath: null`) or any JSON is allowed (`Result`, `Output`), absence is UNDEFINED.
Templates, expressions and paths are kept as the JSON they are written in; the engine compiles them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, TypeAlias

from stepsmith.asl.fields import PARTS
from stepsmith.asl.writing import write
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.frozen import frozen

QueryLanguage: TypeAlias = Literal["JSONPath", "JSONata"]
Path: TypeAlias = str | None | Undefined
"""A path field that may be null: text, None for JSON null, UNDEFINED when absent."""
Value: TypeAlias = "Json | Undefined"
"""Any JSON, or UNDEFINED when absent."""
Number: TypeAlias = int | float | str
"""A number, or a JSONata expression that gives one."""


@frozen(kw_only=True)
class Retrier:
    """One element of Retry."""

    error_equals: tuple[str, ...]
    interval_seconds: int | None = None
    max_attempts: int | None = None
    backoff_rate: float | None = None
    max_delay_seconds: int | None = None
    jitter_strategy: Literal["FULL", "NONE"] | None = None
    comment: str | None = None


@frozen(kw_only=True)
class Catcher:
    """One element of Catch."""

    error_equals: tuple[str, ...]
    next: str
    result_path: Path = UNDEFINED
    output: Value = UNDEFINED
    assign: Mapping[str, Json] | None = None
    comment: str | None = None


@frozen(kw_only=True)
class DataTest:
    """A JSONPath comparison: `Variable`, one operator and its operand."""

    variable: str
    operator: str
    operand: Json
    comment: str | None = None


@frozen(kw_only=True)
class And:
    """True when every rule is."""

    rules: tuple[Rule, ...]
    comment: str | None = None


@frozen(kw_only=True)
class Or:
    """True when one rule is."""

    rules: tuple[Rule, ...]
    comment: str | None = None


@frozen(kw_only=True)
class Not:
    """True when the rule is not."""

    rule: Rule
    comment: str | None = None


Rule: TypeAlias = DataTest | And | Or | Not


@frozen(kw_only=True)
class ChoiceRule:
    """One element of Choices: either `condition` (JSONata) or `rule` (JSONPath)."""

    next: str
    condition: Value = UNDEFINED
    rule: Rule | None = None
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED
    comment: str | None = None


@frozen(kw_only=True)
class Task:
    """A state that calls a function, a service or a worker."""

    resource: str
    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    parameters: Value = UNDEFINED
    arguments: Value = UNDEFINED
    credentials: Mapping[str, Json] | None = None
    timeout_seconds: Number | None = None
    timeout_seconds_path: str | None = None
    heartbeat_seconds: Number | None = None
    heartbeat_seconds_path: str | None = None
    result_selector: Value = UNDEFINED
    result_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    end: bool | None = None


@frozen(kw_only=True)
class Pass:
    """A state that shapes data."""

    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    parameters: Value = UNDEFINED
    result: Value = UNDEFINED
    result_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED
    next: str | None = None
    end: bool | None = None


@frozen(kw_only=True)
class Choice:
    """A state that branches on conditions."""

    choices: tuple[ChoiceRule, ...]
    default: str | None = None
    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED


@frozen(kw_only=True)
class Wait:
    """A state that waits for a time span or an instant."""

    seconds: Number | None = None
    seconds_path: str | None = None
    timestamp: str | None = None
    timestamp_path: str | None = None
    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED
    next: str | None = None
    end: bool | None = None


@frozen(kw_only=True)
class Succeed:
    """A state that ends its machine, branch or iteration well."""

    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    output: Value = UNDEFINED


@frozen(kw_only=True)
class Fail:
    """A state that ends its machine, branch or iteration with an error."""

    error: str | None = None
    error_path: str | None = None
    cause: str | None = None
    cause_path: str | None = None
    comment: str | None = None
    query_language: QueryLanguage | None = None


@frozen(kw_only=True)
class Branch:
    """The states of one branch of a Parallel state."""

    start_at: str
    states: Mapping[str, State]
    comment: str | None = None


@frozen(kw_only=True)
class Parallel:
    """A state that runs branches side by side."""

    branches: tuple[Branch, ...]
    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    parameters: Value = UNDEFINED
    arguments: Value = UNDEFINED
    result_selector: Value = UNDEFINED
    result_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    end: bool | None = None


@frozen(kw_only=True)
class ProcessorConfig:
    """How the iterations of a Map state run."""

    mode: Literal["INLINE", "DISTRIBUTED"] | None = None
    execution_type: Literal["STANDARD", "EXPRESS"] | None = None


@frozen(kw_only=True)
class ItemProcessor:
    """The states that each item of a Map state goes through."""

    start_at: str
    states: Mapping[str, State]
    processor_config: ProcessorConfig | None = None
    comment: str | None = None


@frozen(kw_only=True)
class ReaderConfig:
    """What an ItemReader reads and how."""

    input_type: str | None = None
    transformation: str | None = None
    manifest_type: str | None = None
    csv_header_location: str | None = None
    csv_headers: tuple[str, ...] | None = None
    csv_delimiter: str | None = None
    max_items: Number | None = None
    max_items_path: str | None = None
    items_pointer: str | None = None


@frozen(kw_only=True)
class ItemReader:
    """Where a distributed Map state reads its items."""

    resource: str
    parameters: Value = UNDEFINED
    arguments: Value = UNDEFINED
    reader_config: ReaderConfig | None = None


@frozen(kw_only=True)
class ItemBatcher:
    """How a distributed Map state groups its items."""

    max_items_per_batch: Number | None = None
    max_items_per_batch_path: str | None = None
    max_input_bytes_per_batch: Number | None = None
    max_input_bytes_per_batch_path: str | None = None
    batch_input: Value = UNDEFINED


@frozen(kw_only=True)
class WriterConfig:
    """In which form a ResultWriter writes."""

    transformation: str | None = None
    output_type: str | None = None


@frozen(kw_only=True)
class ResultWriter:
    """Where a distributed Map state writes its results."""

    resource: str | None = None
    parameters: Value = UNDEFINED
    arguments: Value = UNDEFINED
    writer_config: WriterConfig | None = None


@frozen(kw_only=True)
class Map:
    """A state that runs its processor once for each item. `item_processor` also holds the old `Iterator`."""

    item_processor: ItemProcessor
    items: Value = UNDEFINED
    items_path: str | None = None
    item_selector: Value = UNDEFINED
    item_reader: ItemReader | None = None
    item_batcher: ItemBatcher | None = None
    result_writer: ResultWriter | None = None
    max_concurrency: Number | None = None
    max_concurrency_path: str | None = None
    tolerated_failure_count: Number | None = None
    tolerated_failure_count_path: str | None = None
    tolerated_failure_percentage: Number | None = None
    tolerated_failure_percentage_path: str | None = None
    label: str | None = None
    comment: str | None = None
    query_language: QueryLanguage | None = None
    input_path: Path = UNDEFINED
    parameters: Value = UNDEFINED
    result_selector: Value = UNDEFINED
    result_path: Path = UNDEFINED
    output_path: Path = UNDEFINED
    assign: Mapping[str, Json] | None = None
    output: Value = UNDEFINED
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    end: bool | None = None


State: TypeAlias = Task | Pass | Choice | Wait | Succeed | Fail | Parallel | Map


@frozen(kw_only=True)
class StateMachine:
    """A whole state machine."""

    start_at: str
    states: Mapping[str, State]
    comment: str | None = None
    version: str | None = None
    timeout_seconds: int | None = None
    query_language: QueryLanguage | None = None

    def to_json(self) -> str:
        """Give the definition as the text that is kept and deployed: the same bytes each time."""
        return json.dumps(write(self, PARTS["StateMachine"]), indent=2, ensure_ascii=False) + "\n"
