"""One table of the language: object, ASL field, attribute of the model, query languages, requirement and kind.

Parsing, rendering and checking go through this table; the order of a row's fields is the order they are rendered in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from stepsmith.frozen import frozen

Kind: TypeAlias = Literal[
    "string",
    "enum",
    "state",
    "states",
    "int",
    "number",
    "boolean",
    "timestamp",
    "resource",
    "path or null",
    "reference or null",
    "path",
    "reference",
    "reference or intrinsic",
    "pointer",
    "template",
    "any",
    "literal",
    "condition",
    "expression string",
    "assign",
    "strings",
    "label",
    "credentials",
    "retriers",
    "catchers",
    "choices",
    "branches",
    "processor",
    "processor config",
    "item reader",
    "reader config",
    "item batcher",
    "result writer",
    "writer config",
]
Modes: TypeAlias = Literal["PN", "P", "N"]

LONGEST_TIMEOUT: Final = 99_999_999
NULLABLE: Final[frozenset[Kind]] = frozenset(
    {"path or null", "reference or null", "template", "any", "literal", "condition"}
)
"""Kinds for which JSON null is a value; absence is UNDEFINED."""


@frozen
class Field:
    """One field of one kind of object."""

    name: str
    """As written in the States Language."""
    attribute: str
    """As named in the model."""
    kind: Kind
    modes: Modes = "PN"
    """P where JSONPath may use it, N where JSONata may."""
    required: bool = False
    low: int | None = None
    """Least number."""
    high: int | None = None
    """Greatest number."""
    words: tuple[str, ...] = ()
    """The values of an enumeration."""
    expression: bool = False
    """Whether a JSONata expression may stand for the value."""


def _snake(name: str) -> str:
    return "".join(
        "_" + c.lower() if c.isupper() and (i and not name[i - 1].isupper()) else c.lower()
        for i, c in enumerate(name)
    )


def _field(
    name: str,
    kind: Kind,
    modes: Modes = "PN",
    *,
    required: bool = False,
    low: int | None = None,
    high: int | None = None,
    words: tuple[str, ...] = (),
    expression: bool = False,
    attribute: str = "",
) -> Field:
    return Field(name, attribute or _snake(name), kind, modes, required, low, high, words, expression)


_COMMENT = _field("Comment", "string")
_QUERY_LANGUAGE = _field("QueryLanguage", "enum", words=("JSONPath", "JSONata"))
_HEAD = (_COMMENT, _QUERY_LANGUAGE)
_INPUT_PATH = _field("InputPath", "path or null", "P")
_OUTPUT_PATH = _field("OutputPath", "path or null", "P")
_RESULT_PATH = _field("ResultPath", "reference or null", "P")
_PARAMETERS = _field("Parameters", "template", "P")
_ARGUMENTS = _field("Arguments", "any", "N")
_RESULT_SELECTOR = _field("ResultSelector", "template", "P")
_ASSIGN = _field("Assign", "assign")
_OUTPUT = _field("Output", "any", "N")
_RESULT_FIELDS = (_RESULT_SELECTOR, _RESULT_PATH, _OUTPUT_PATH, _ASSIGN, _OUTPUT)
_FAILURE = (_field("Retry", "retriers"), _field("Catch", "catchers"))
_AFTER = (_field("Next", "state"), _field("End", "boolean"))
_SCOPE = (_field("StartAt", "state", required=True), _field("States", "states", required=True))
_RESOURCE = _field("Resource", "resource", required=True)
_ERROR_EQUALS = _field("ErrorEquals", "strings", required=True)
_NEXT = _field("Next", "state", required=True)


def _either(name: str, kind: Kind, *, low: int, high: int | None = None) -> tuple[Field, Field]:
    """Give a number field and the JSONPath-only field that takes the number from a path."""
    return (
        _field(name, kind, low=low, high=high, expression=True),
        _field(f"{name}Path", "reference", "P"),
    )


STATES: Final[Mapping[str, tuple[Field, ...]]] = {
    "Task": (
        *_HEAD,
        _RESOURCE,
        _INPUT_PATH,
        _PARAMETERS,
        _ARGUMENTS,
        _field("Credentials", "credentials"),
        *_either("TimeoutSeconds", "int", low=1, high=LONGEST_TIMEOUT),
        *_either("HeartbeatSeconds", "int", low=1, high=LONGEST_TIMEOUT),
        *_RESULT_FIELDS,
        *_FAILURE,
        *_AFTER,
    ),
    "Wait": (
        *_HEAD,
        _INPUT_PATH,
        *_either("Seconds", "int", low=0, high=LONGEST_TIMEOUT),
        _field("Timestamp", "timestamp", expression=True),
        _field("TimestampPath", "reference", "P"),
        _OUTPUT_PATH,
        _ASSIGN,
        _OUTPUT,
        *_AFTER,
    ),
    "Pass": (
        *_HEAD,
        _INPUT_PATH,
        _PARAMETERS,
        _field("Result", "literal", "P"),
        _RESULT_PATH,
        _OUTPUT_PATH,
        _ASSIGN,
        _OUTPUT,
        *_AFTER,
    ),
    "Succeed": (*_HEAD, _INPUT_PATH, _OUTPUT_PATH, _OUTPUT),
    "Fail": (
        *_HEAD,
        _field("Error", "expression string", expression=True),
        _field("ErrorPath", "reference or intrinsic", "P"),
        _field("Cause", "expression string", expression=True),
        _field("CausePath", "reference or intrinsic", "P"),
    ),
    "Choice": (
        *_HEAD,
        _INPUT_PATH,
        _field("Choices", "choices", required=True),
        _field("Default", "state"),
        _OUTPUT_PATH,
        _ASSIGN,
        _OUTPUT,
    ),
    "Parallel": (
        *_HEAD,
        _INPUT_PATH,
        _PARAMETERS,
        _ARGUMENTS,
        _field("Branches", "branches", required=True),
        *_RESULT_FIELDS,
        *_FAILURE,
        *_AFTER,
    ),
    "Map": (
        *_HEAD,
        _field("Label", "label"),
        _INPUT_PATH,
        _field("ItemReader", "item reader"),
        _field("Items", "any", "N"),
        _field("ItemsPath", "path", "P"),
        _PARAMETERS,
        _field("ItemSelector", "any"),
        _field("ItemBatcher", "item batcher"),
        *_either("MaxConcurrency", "int", low=0),
        *_either("ToleratedFailureCount", "int", low=0),
        *_either("ToleratedFailurePercentage", "number", low=0, high=100),
        _field("ItemProcessor", "processor"),
        _field("ResultWriter", "result writer"),
        *_RESULT_FIELDS,
        *_FAILURE,
        *_AFTER,
    ),
}
"""State type -> its fields besides Type."""

STATE_TYPES: Final = tuple(STATES)
"""The state types in AWS's order."""

PARTS: Final[Mapping[str, tuple[Field, ...]]] = {
    "StateMachine": (
        _COMMENT,
        _field("Version", "enum", words=("1.0",)),
        _QUERY_LANGUAGE,
        _field("TimeoutSeconds", "int", low=0, high=LONGEST_TIMEOUT),
        *_SCOPE,
    ),
    "Branch": (_COMMENT, *_SCOPE),
    "ItemProcessor": (_COMMENT, _field("ProcessorConfig", "processor config"), *_SCOPE),
    "ProcessorConfig": (
        _field("Mode", "enum", words=("INLINE", "DISTRIBUTED")),
        _field("ExecutionType", "enum", words=("STANDARD", "EXPRESS")),
    ),
    "ChoiceRule": (
        _COMMENT,
        _field("Condition", "condition", "N"),
        _ASSIGN,
        _OUTPUT,
        _NEXT,
    ),
    "Retrier": (
        _COMMENT,
        _ERROR_EQUALS,
        _field("IntervalSeconds", "int", low=0, high=LONGEST_TIMEOUT),
        _field("MaxAttempts", "int", low=0, high=LONGEST_TIMEOUT),
        _field("BackoffRate", "number", low=1),
        _field("MaxDelaySeconds", "int", low=1, high=31_622_400),
        _field("JitterStrategy", "enum", words=("NONE", "FULL")),
    ),
    "Catcher": (_COMMENT, _ERROR_EQUALS, _RESULT_PATH, _ASSIGN, _OUTPUT, _NEXT),
    "ItemReader": (
        _field("Resource", "resource", required=True),
        _field("ReaderConfig", "reader config"),
        _PARAMETERS,
        _ARGUMENTS,
    ),
    "ReaderConfig": (
        _field("InputType", "enum", words=("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")),
        _field("Transformation", "enum", words=("NONE", "LOAD_AND_FLATTEN")),
        _field("ManifestType", "enum", words=("ATHENA_DATA", "S3_INVENTORY")),
        _field("CSVHeaderLocation", "enum", words=("FIRST_ROW", "GIVEN"), attribute="csv_header_location"),
        _field("CSVHeaders", "strings", attribute="csv_headers"),
        _field(
            "CSVDelimiter",
            "enum",
            words=("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
            attribute="csv_delimiter",
        ),
        *_either("MaxItems", "int", low=0, high=100_000_000),
        _field("ItemsPointer", "pointer"),
    ),
    "ItemBatcher": (
        *_either("MaxItemsPerBatch", "int", low=1),
        *_either("MaxInputBytesPerBatch", "int", low=1, high=262_144),
        _field("BatchInput", "any"),
    ),
    "ResultWriter": (
        _field("Resource", "resource"),
        _field("WriterConfig", "writer config"),
        _PARAMETERS,
        _ARGUMENTS,
    ),
    "WriterConfig": (
        _field("Transformation", "enum", words=("NONE", "COMPACT", "FLATTEN")),
        _field("OutputType", "enum", words=("JSON", "JSONL")),
    ),
}
"""Any other object of the language -> its fields."""


def by_name(fields: tuple[Field, ...]) -> dict[str, Field]:
    """Index fields by their ASL name."""
    return {field.name: field for field in fields}
