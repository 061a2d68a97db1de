"""The eighteen functions, on values; each raises UnsuitableArgument where it can do nothing with them."""

from __future__ import annotations

import binascii
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stepsmith.expressions.intrinsics.errors import UnsuitableArgument
from stepsmith.expressions.java_text import java_class, java_utf8
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.scope import Randomness
from stepsmith.expressions.types import Json

Function: TypeAlias = Callable[[list[Json], Randomness], Json]

LONGEST_TEXT: Final = 10_000
LONGEST_RANGE: Final = 1000
_LEAST: Final = -(2**31)
_MOST: Final = 2**31 - 1
_RANDOM_STEPS: Final = 1 << 53
"""How many numbers from 0 to 1 there are to draw."""
_NO_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]+")
_HASHES: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


def to_json_text(value: Json) -> str:
    """Write a value as compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _wrong(place: int, expected: str, value: Json) -> UnsuitableArgument:
    return UnsuitableArgument(f"Argument {place} must be {expected}, but was {java_class(value)}")


def _array(arguments: list[Json], place: int) -> list[Json]:
    value = arguments[place - 1]
    if not isinstance(value, list):
        raise _wrong(place, "an array", value)
    return value


def _text(arguments: list[Json], place: int) -> str:
    value = arguments[place - 1]
    if not isinstance(value, str):
        raise _wrong(place, "a string", value)
    return value


def _short_text(arguments: list[Json], place: int) -> str:
    text = _text(arguments, place)
    if len(text) > LONGEST_TEXT:
        raise UnsuitableArgument(
            f"Argument {place} has {len(text)} characters; at most {LONGEST_TEXT} are allowed"
        )
    return text


def _utf8(text: str) -> bytes:
    """Encode a text, with a question mark for half of a surrogate pair, as Java does."""
    return text.encode(errors="replace")


def _object(arguments: list[Json], place: int) -> dict[str, Json]:
    value = arguments[place - 1]
    if not isinstance(value, dict):
        raise _wrong(place, "an object", value)
    return value


def _integer(arguments: list[Json], place: int, whole: Callable[[float], int] = math.trunc) -> int:
    """Give an integer of 32 bits; other numbers are cut to one.

    Measured: States.ArrayRange(5.4, -0.6, -2.4) is [5, 3, 1], and a chunk of 0.6 elements is none.
    """
    value = arguments[place - 1]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(place, "a number", value)
    number = value if isinstance(value, int) else whole(value)
    if not _LEAST <= number <= _MOST:
        raise UnsuitableArgument(f"Argument {place} must be between {_LEAST} and {_MOST}, but was {number}")
    return number


def _rounded(value: float) -> int:
    """Round half up, as Java's Math.round does."""
    return math.floor(value + 0.5)


def math_add(arguments: list[Json], _: Randomness) -> Json:
    """Add two integers; other numbers are rounded, as recorded executions show, and the sum has 32 bits, too."""
    return _integer([_integer(arguments, 1, _rounded) + _integer(arguments, 2, _rounded)], 1)


def identity(value: Json) -> str:
    """Give a text that two values share when they are deeply equal; 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def string_to_json(arguments: list[Json], _: Randomness) -> Json:
    """Read a JSON text; nothing but blanks is null."""
    text = _text(arguments, 1)
    if not text.strip():
        return None
    try:
        return read(text, repeated_keys=True)
    except InvalidJson as error:
        raise UnsuitableArgument(error.message[:1000]) from None


def json_merge(arguments: list[Json], _: Randomness) -> Json:
    """Merge two objects, the second one's values winning; only the shallow mode exists."""
    # measured: the text "false" will do as well
    if arguments[2] is not False and arguments[2] != "false":
        raise UnsuitableArgument("Argument 3 must be false: deep merging is not supported")
    return {**_object(arguments, 1), **_object(arguments, 2)}


def array_partition(arguments: list[Json], _: Randomness) -> Json:
    """Cut an array into chunks."""
    array, size = _array(arguments, 1), _integer(arguments, 2)
    if size < 1:
        raise UnsuitableArgument(f"Argument 2 must be a positive integer, but was {size}")
    return [array[start : start + size] for start in range(0, len(array), size)]


def array_contains(arguments: list[Json], _: Randomness) -> Json:
    """Tell whether an array has a deeply equal element."""
    wanted = identity(arguments[1])
    return any(identity(item) == wanted for item in _array(arguments, 1))


def array_range(arguments: list[Json], _: Randomness) -> Json:
    """Count from a number to a number that is included if it is hit."""
    first, last, step = (_integer(arguments, place) for place in (1, 2, 3))
    if step == 0:
        raise UnsuitableArgument("Argument 3 must not be 0")
    count = max(0, (last - first) // step + 1)
    if count > LONGEST_RANGE:
        raise UnsuitableArgument(f"The range has {count} elements; at most {LONGEST_RANGE} are allowed")
    return [first + step * index for index in range(count)]


def array_get_item(arguments: list[Json], _: Randomness) -> Json:
    """Give the element at an index from 0; null of an empty array, whatever the index, as was measured."""
    array, index = _array(arguments, 1), _integer(arguments, 2)
    if not array:
        return None
    if not 0 <= index < len(array):
        raise UnsuitableArgument(f"Index {index} is out of bounds for an array of length {len(array)}")
    return array[index]


def array_unique(arguments: list[Json], _: Randomness) -> Json:
    """Drop elements that are deeply equal to an earlier one."""
    return list({identity(item): item for item in reversed(_array(arguments, 1))}.values())[::-1]


def base64_decode(arguments: list[Json], _: Randomness) -> Json:
    """Decode MIME Base64 to a text: what is no Base64 is passed over, and padding may be missing."""
    text, padding, rest = _short_text(arguments, 1).partition("=")
    digits = _NO_BASE64.sub("", text)
    missing = -len(digits) % 4
    # Java's decoder asks for as much padding as there should be, if there is any
    complete = not padding or missing == 1 or (missing == 2 and rest.startswith("="))
    if missing == 3 or not complete or _NO_BASE64.sub("", rest):
        raise UnsuitableArgument("Argument 1 is not a Base64 encoded text")
    return java_utf8(binascii.a2b_base64(digits + "=" * missing))


def hash_text(arguments: list[Json], _: Randomness) -> Json:
    """Hash a text, or the JSON of anything else."""
    import hashlib

    data, algorithm = arguments[0], arguments[1]
    if not isinstance(algorithm, str) or algorithm not in _HASHES:
        raise UnsuitableArgument(f"Argument 2 must be one of {', '.join(_HASHES)}")
    text = _short_text([data if isinstance(data, str) else to_json_text(data)], 1)
    return hashlib.new(_HASHES[algorithm], _utf8(text), usedforsecurity=False).hexdigest()


def string_split(arguments: list[Json], _: Randomness) -> Json:
    """Split a text at each character of the second one; empty pieces are dropped."""
    text, delimiters = _text(arguments, 1), set(_text(arguments, 2))
    pieces: list[Json] = []
    piece: list[str] = []
    for character in text:
        if character not in delimiters:
            piece.append(character)
        elif piece:
            pieces.append("".join(piece))
            piece.clear()
    return [*pieces, "".join(piece)] if piece else pieces


def math_random(arguments: list[Json], randomness: Randomness) -> Json:
    """Draw an integer from the first number up to, but not including, the second one."""
    start, end = _integer(arguments, 1, _rounded), _integer(arguments, 2, _rounded)
    if end < start:
        raise UnsuitableArgument(
            f"Argument 2 must not be less than argument 1, but {end} is less than {start}"
        )
    if len(arguments) == 3:
        return start + _seeded(_seed(arguments[2])) % max(1, end - start)
    # in whole numbers, because no double may hold the difference
    return start + (int(randomness.random() * _RANDOM_STEPS) * (end - start)) // _RANDOM_STEPS


def _seed(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(3, "a number", value)
    return _rounded(value) if isinstance(value, float) else value


def _seeded(seed: int) -> int:
    """Give the first 48 bits of java.util.Random's sequence for a seed."""
    return ((seed ^ 0x5DEECE66D) * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)


FUNCTIONS: Final[Mapping[str, tuple[Function, int, int | None]]] = {
    "Array": (lambda arguments, _: arguments, 0, None),
    "ArrayContains": (array_contains, 2, 2),
    "ArrayGetItem": (array_get_item, 2, 2),
    "ArrayLength": (lambda arguments, _: len(_array(arguments, 1)), 1, 1),
    "ArrayPartition": (array_partition, 2, 2),
    "ArrayRange": (array_range, 3, 3),
    "ArrayUnique": (array_unique, 1, 1),
    "Base64Decode": (base64_decode, 1, 1),
    "Base64Encode": (
        lambda arguments, _: binascii.b2a_base64(_utf8(_short_text(arguments, 1)), newline=False).decode(),
        1,
        1,
    ),
    "Hash": (hash_text, 2, 2),
    "JsonMerge": (json_merge, 3, 3),
    "JsonToString": (lambda arguments, _: to_json_text(arguments[0]), 1, 1),
    "MathAdd": (math_add, 2, 2),
    "MathRandom": (math_random, 2, 3),
    "StringSplit": (string_split, 2, 2),
    "StringToJson": (string_to_json, 1, 1),
    "UUID": (lambda _, randomness: randomness.uuid(), 0, 0),
}
"""Name -> the function, and how many arguments it takes at least and at most, None for any number; all but Format."""
