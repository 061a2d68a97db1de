"""Functions that Step Functions adds to JSONata, and those that depend on the environment.

What they do with arguments that are missing, undefined or of another type was measured on AWS by iwamot/sfnx (its
`docs/design.md`) and floci-io/floci; they have no signatures of the language, so each looks at its arguments itself.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, Final

from stepsmith.expressions.jsonata.errors import JsonataError, memory_exceeded
from stepsmith.expressions.jsonata.functions.json_texts import read_json
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.values import ARRAY_TYPES, Sequence, Value
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

_ALGORITHMS: Final = {
    "SHA-1": "sha1", "SHA-384": "sha384", "SHA-256": "sha256", "SHA-512": "sha512", "MD5": "md5",
}  # fmt: skip
_NUMBER_CELLS: Final = 3
"""What a new number takes in memory, besides its place in an array."""
_LONG: Final = 2**63
_MULTIPLIER: Final = 0x5DEECE66D
_STATE: Final = 2**48 - 1


@frozen
class AtMost:
    """The arguments of a function that looks at their types itself; only their number is checked."""

    parameters: tuple[None, ...]

    def validate(self, arguments: list[Any], context: Any) -> list[Any]:
        """The arguments as they are; raises T0410 where there is one too many."""
        del context
        if len(arguments) > len(self.parameters):
            raise mismatch(len(self.parameters) + 1)
        return arguments

    def fast_types(self, count: int) -> list[frozenset[type]] | None:
        """None: the function has to know how many arguments there are."""
        del count
        return None


def at_most(count: int) -> AtMost:
    """The signature of a function that takes so many arguments, or fewer."""
    return AtMost((None,) * count)


def mismatch(number: int) -> JsonataError:
    """The error of an argument of a wrong type, or too many."""
    return JsonataError("T0410", index=number)


def _number(arguments: tuple[Value, ...], number: int) -> int:
    """An argument cut to a whole number, as Java casts a double to a long."""
    value = arguments[number - 1]
    if type(value) is int:
        return value
    if type(value) is not float:
        raise mismatch(number)
    return as_long(value)


def as_long(value: float) -> int:
    """A number cut to a whole one, within 64 bits, as Java casts it."""
    if math.isfinite(value):
        return max(-_LONG, min(int(value), _LONG - 1))
    return 0 if value != value else _LONG - 1 if value > 0 else -_LONG


def partition(run: Run, *arguments: Value) -> Value:
    """`$partition`: an array in pieces of one size; whole without one, nothing for an empty one and for a size of 0."""
    items: Any = arguments[0] if arguments else UNDEFINED
    if items is UNDEFINED:
        return UNDEFINED
    if type(items) not in ARRAY_TYPES:
        raise JsonataError("T0412", index=1, type=UNDEFINED)
    run.array(len(items))
    if len(arguments) == 1 or arguments[1] is UNDEFINED:
        return [list(items)]
    size = _number(arguments, 2)
    if arguments[1] < 0:
        raise JsonataError("D3137", message="Second argument must be zero or greater")
    if size == 0 or not items:
        return UNDEFINED
    return [list(items[at : at + size]) for at in range(0, len(items), size)]


def range_(run: Run, *arguments: Value) -> Value:
    """`$range`: numbers from a start to an end, which is in it where a step hits it."""
    if len(arguments) < 3 or UNDEFINED in arguments:
        return UNDEFINED
    first, last, width = (_number(arguments, number) for number in (1, 2, 3))
    if width == 0 or (last - first) * width < 0:
        return UNDEFINED
    count = (last - first) // width + 1
    if count > run.limits.range_items:
        raise memory_exceeded()
    run.array(count)
    run.charge(_NUMBER_CELLS * count)
    return Sequence(range(first, first + count * width, width))


def hash_(run: Run, *arguments: Value) -> Value:
    """`$hash`: hexadecimal digits."""
    if not arguments:
        raise mismatch(1)
    text = arguments[0]
    if text is UNDEFINED:
        return UNDEFINED
    if type(text) is not str:
        raise mismatch(1)
    if len(arguments) == 1:
        return UNDEFINED
    algorithm = arguments[1]
    if algorithm is not UNDEFINED and type(algorithm) is not str:
        raise mismatch(2)
    if algorithm not in _ALGORITHMS:
        named = "null" if algorithm is UNDEFINED else algorithm
        raise JsonataError(
            "D3137", message=f"Hash algorithm '{named}' must be one of {', '.join(_ALGORITHMS)}"
        )
    run.string(len(text))
    data = text.encode("utf-8", "replace")
    return hashlib.new(_ALGORITHMS[algorithm], data, usedforsecurity=False).hexdigest()


def random(run: Run, seed: Value = UNDEFINED) -> Value:
    """`$random`: a number in [0, 1); for a seed the first that `java.util.Random` gives."""
    if seed is UNDEFINED:
        return run.environment.random()
    if type(seed) is not int and type(seed) is not float:
        raise mismatch(1)
    state = (as_long(seed) ^ _MULTIPLIER) & _STATE
    state = (state * _MULTIPLIER + 0xB) & _STATE
    high = state >> 22
    state = (state * _MULTIPLIER + 0xB) & _STATE
    return ((high << 27) + (state >> 21)) / 2**53


def uuid(run: Run) -> Value:
    """`$uuid`."""
    return run.environment.uuid()


def millis(run: Run) -> Value:
    """`$millis`: the time of the evaluation."""
    return run.timestamp


def parse(run: Run, *arguments: Value) -> Value:
    """`$parse`: the value of a JSON text."""
    text = arguments[0] if arguments else UNDEFINED
    if text is UNDEFINED:
        return UNDEFINED
    if type(text) is not str:
        raise mismatch(1)
    return read_json(run, text)
