"""The built-in functions by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.expressions.jsonata.functions import (
    additions,
    collections,
    datetimes,
    encoding,
    evaluating,
    format_number,
    higher_order,
    integers,
    matching,
    numeric,
    strings,
)
from stepsmith.expressions.jsonata.functions.additions import at_most
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.signature import parse_signature
from stepsmith.expressions.jsonata.runtime.values import ArgumentTypes, Native, Value

_TABLE: Final[tuple[tuple[str, Callable[..., Value], int, str | ArgumentTypes], ...]] = (
    ("sum", numeric.sum_, 1, "<a<n>:n>"),
    ("count", numeric.count, 1, "<a:n>"),
    ("max", numeric.maximum, 1, "<a<n>:n>"),
    ("min", numeric.minimum, 1, "<a<n>:n>"),
    ("average", numeric.average, 1, "<a<n>:n>"),
    ("string", strings.string, 1, "<x-b?:s>"),
    ("substring", strings.substring, 3, "<s-nn?:s>"),
    ("substringBefore", strings.substring_before, 2, "<s-s:s>"),
    ("substringAfter", strings.substring_after, 2, "<s-s:s>"),
    ("lowercase", strings.lowercase, 1, "<s-:s>"),
    ("uppercase", strings.uppercase, 1, "<s-:s>"),
    ("length", strings.length, 1, "<s-:n>"),
    ("trim", strings.trim, 1, "<s-:s>"),
    ("pad", strings.pad, 3, "<s-ns?:s>"),
    ("match", matching.match, 3, "<s-f<s:o>n?:a<o>>"),
    ("contains", matching.contains, 2, "<s-(sf):b>"),
    ("replace", matching.replace, 4, "<s-(sf)(sf)n?:s>"),
    ("split", matching.split, 3, "<s-(sf)n?:a<s>>"),
    ("join", strings.join, 2, "<a<s>s?:s>"),
    ("formatNumber", format_number.format_number, 3, "<n-so?:s>"),
    ("formatBase", numeric.format_base, 2, "<n-n?:s>"),
    ("formatInteger", integers.format_integer, 2, "<n-s:s>"),
    ("parseInteger", integers.parse_integer, 2, "<s-s:n>"),
    ("number", numeric.number, 1, "<(nsb)-:n>"),
    ("floor", numeric.floor, 1, "<n-:n>"),
    ("ceil", numeric.ceil, 1, "<n-:n>"),
    ("round", numeric.round_, 2, "<n-n?:n>"),
    ("abs", numeric.absolute, 1, "<n-:n>"),
    ("sqrt", numeric.sqrt, 1, "<n-:n>"),
    ("power", numeric.power, 2, "<n-n:n>"),
    ("random", additions.random, 0, "<n?:n>"),
    ("boolean", numeric.boolean, 1, "<x-:b>"),
    ("not", numeric.not_, 1, "<x-:b>"),
    ("map", higher_order.map_, 2, "<af>"),
    ("zip", collections.zip_, 0, "<a+>"),
    ("filter", higher_order.filter_, 2, "<af>"),
    ("single", higher_order.single, 2, "<af?>"),
    ("reduce", higher_order.reduce, 3, "<afj?:j>"),
    ("sift", higher_order.sift, 2, "<o-f?:o>"),
    ("keys", collections.keys, 1, "<x-:a<s>>"),
    ("lookup", collections.lookup, 2, "<x-s:x>"),
    ("append", collections.append, 2, "<xx:a>"),
    ("exists", collections.exists, 1, "<x:b>"),
    ("spread", collections.spread, 1, "<x-:a<o>>"),
    ("merge", collections.merge, 1, "<a<o>:o>"),
    ("reverse", collections.reverse, 1, "<a:a>"),
    ("each", higher_order.each, 2, "<o-f:a>"),
    ("error", collections.error, 1, "<s?:x>"),
    ("assert", collections.assert_, 2, "<bs?:x>"),
    ("type", collections.type_, 1, "<x:s>"),
    ("sort", higher_order.sort, 2, "<af?:a>"),
    ("shuffle", collections.shuffle, 1, "<a:a>"),
    ("distinct", collections.distinct, 1, "<x:x>"),
    ("base64encode", encoding.base64encode, 1, "<s-:s>"),
    ("base64decode", encoding.base64decode, 1, "<s-:s>"),
    ("encodeUrlComponent", encoding.encode_url_component, 1, "<s-:s>"),
    ("encodeUrl", encoding.encode_url, 1, "<s-:s>"),
    ("decodeUrlComponent", encoding.decode_url_component, 1, "<s-:s>"),
    ("decodeUrl", encoding.decode_url, 1, "<s-:s>"),
    ("eval", evaluating.evaluate_text, 2, "<sx?:x>"),
    ("toMillis", datetimes.to_millis, 2, "<s-s?:n>"),
    ("fromMillis", datetimes.from_millis, 3, datetimes.FromMillisArguments()),
    ("clone", collections.clone, 1, "<(oa)-:o>"),
    ("now", datetimes.now, 2, "<s?s?:s>"),
    ("millis", additions.millis, 0, "<:n>"),
    ("partition", additions.partition, 2, at_most(2)),
    ("range", additions.range_, 3, at_most(3)),
    ("hash", additions.hash_, 2, at_most(2)),
    ("uuid", additions.uuid, 0, "<:s>"),
    ("parse", additions.parse, 1, at_most(1)),
)

_OF_REFERENCE: Final[dict[str, tuple[Callable[..., Value], str | None]]] = {
    "base64decode": (encoding.base64decode_of_reference, None),
    "base64encode": (encoding.base64encode_of_reference, None),
    "decodeUrl": (encoding.decode_url_of_reference, None),
    "decodeUrlComponent": (encoding.decode_url_component_of_reference, None),
    "formatBase": (numeric.format_base_of_reference, None),
    "formatNumber": (format_number.format_number_of_reference, None),
    "fromMillis": (datetimes.from_millis_of_reference, "<n-s?s?:s>"),
    "match": (matching.match_of_reference, None),
    "now": (datetimes.now_of_reference, None),
    "pad": (strings.pad_of_reference, None),
    "replace": (matching.replace_of_reference, None),
    "round": (numeric.round_of_reference, None),
    "split": (matching.split_of_reference, None),
    "string": (strings.string_of_reference, None),
    "substring": (strings.substring_of_reference, None),
    "toMillis": (datetimes.to_millis_of_reference, None),
    "type": (collections.type_of_reference, None),
}
"""What the reference implementation does otherwise, with another signature where it has one."""


def _native(name: str, arity: int, function: Callable[..., Value], types: str | ArgumentTypes) -> Native:
    return Native(name, arity, function, parse_signature(types) if isinstance(types, str) else types)


BUILTINS: Final[dict[str, Native]] = {
    name: _native(name, arity, function, types) for name, function, arity, types in _TABLE
}
"""Every function by the name that it has without the dollar sign, as the service runs it."""


def _of_reference() -> dict[str, Native]:
    functions = dict(BUILTINS)
    for name, (function, types) in _OF_REFERENCE.items():
        native = functions[name]
        assert native.signature is not None
        functions[name] = _native(name, native.arity, function, types or native.signature)
    return functions


FUNCTIONS: Final = {Dialect.SERVICE: BUILTINS, Dialect.REFERENCE: _of_reference()}
"""The functions of each dialect."""

INFINITE: Final = frozenset(
    {"abs", "average", "ceil", "floor", "max", "min", "number", "parseInteger", "round", "sum", "toMillis"}
)
"""Functions that may yield a number that JSON does not have."""

HOLDING: Final = frozenset({"append", "clone", "distinct", "merge", "partition", "reverse", "spread", "zip"})
"""Functions that yield what they are given inside an array or object."""

OF_THE_WORLD: Final = frozenset({"millis", "now", "random", "shuffle", "toMillis", "uuid"})
"""Functions that may ask the environment for the time or for a random number."""

CALLING_BACK: Final = frozenset(
    {"map", "filter", "single", "reduce", "sift", "each", "sort", "match", "contains", "replace", "split"}
)
"""Functions that may call one of their arguments."""
