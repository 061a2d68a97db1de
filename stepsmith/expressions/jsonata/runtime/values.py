"""The values that exist only while an expression is evaluated, and what all values have in common."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, Protocol, TypeAlias

from stepsmith.expressions.jsonata.errors import JsonataError, memory_exceeded, stack_overflow
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

Value: TypeAlias = Any
"""A JSON value, UNDEFINED, a function, or a sequence on its way; too dynamic to be worth a union."""

Frame: TypeAlias = list[Any]
"""Variables of one scope: the run, the enclosing frame, then a slot for each name."""

Evaluate: TypeAlias = Callable[[Value, Frame], Value]
"""A compiled expression: takes the context value and the frame."""


class Sequence(list[Any]):
    """An array that flattens into its surroundings; with one member it is that member, unless kept."""

    __slots__ = ("keep",)

    def __init__(self, members: Any = (), *, keep: bool = False) -> None:
        super().__init__(members)
        self.keep = keep


class Outer(list[Any]):
    """An array that is the whole input, wrapped so that it counts as one item."""

    __slots__ = ()


class TupleStream(list[dict[str, Any]]):
    """Items of a path together with the variables bound on their way."""

    __slots__ = ()


class Unbound:
    """The type of UNBOUND."""

    __slots__ = ()


UNBOUND: Final = Unbound()
"""Content of a slot whose variable is not bound yet; an outer one of that name is meant."""


class ArgumentTypes(Protocol):
    """The signature of a function: which arguments fit, and what they become."""

    @property
    def parameters(self) -> tuple[object, ...]:
        """The parameters in order."""
        ...

    def validate(self, arguments: list[Any], context: Any) -> list[Any]:
        """The arguments as the function gets them; raises JsonataError where they do not fit."""
        ...

    def fast_types(self, count: int) -> list[frozenset[type]] | None:
        """Types with which so many arguments fit as they are; None where only `validate` can tell."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LambdaCode:
    """What all functions made by one `function(...) {...}` have in common."""

    arity: int
    template: list[Any]
    """The slots of a frame after the parameters."""
    body: Evaluate
    guarded_body: Callable[[], Evaluate]
    """The body that checks the depth at every step; compiled when first needed."""
    height: int
    work: int
    signature: ArgumentTypes | None
    plain: bool
    """Whether one frame will do for call after call: none is kept, no slot stays filled, no tail call."""


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function written in an expression, with the frame and the context it was written in."""

    code: LambdaCode
    frame: Frame
    context: Value


@dataclass(frozen=True, slots=True, eq=False)
class Native:
    """A function written in Python; `call` takes the run and the arguments."""

    name: str
    arity: int
    call: Callable[..., Value]
    signature: ArgumentTypes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TailCall:
    """A call that a function body ends with, left to whoever called the function."""

    function: Value
    arguments: list[Value]
    position: int
    token: object


OBJECT: Final[type[dict[str, Any]]] = dict
"""The type of objects."""
ARRAY: Final[type[list[Any]]] = list
"""The type of arrays that are no sequences."""
kind_of: Final[Callable[[object], type[Any]]] = type
"""The type of any value."""
FUNCTION_TYPES: Final = frozenset({Lambda, Native})
_CONTAINERS: Final = frozenset({list, dict})
_CELL: Final = 8
_DEEPEST_RESULT: Final = 1_000
ARRAY_TYPES: Final = frozenset({list, Sequence, Outer, TupleStream})
_LONG: Final = 1_000
_ARRAY_WORK: Final = 32
"""What looking into an array costs besides its members."""
_COMPARED: Final = 256
"""How many characters are compared in the time of one cell of work."""
_INFINITE: Final = (math.inf, -math.inf)


def is_function(value: object) -> bool:
    """Whether a value is a function, which is no JSON."""
    return type(value) in FUNCTION_TYPES


def is_array(value: Value) -> bool:
    """Whether a value is an array of any sort."""
    return type(value) in ARRAY_TYPES


def arity_of(function: Lambda | Native) -> int:
    """How many arguments a function takes."""
    return function.code.arity if isinstance(function, Lambda) else function.arity


def collapse(value: Value) -> Value:
    """What an expression yields for a value: a sequence of none or one is nothing or that one."""
    if type(value) is Sequence:
        if not value:
            return UNDEFINED
        if len(value) == 1 and not value.keep:
            return value[0]
    return value


def settler(*, keep: bool) -> Callable[[Value], Value]:
    """What is done to a value before it is handed on: nothing yet where `[]` follows."""
    return _same if keep else collapse


def _same(value: Value) -> Value:
    return value


def truth(value: Value, run: Run) -> bool:
    """The effective boolean value."""
    kind = kind_of(value)  # pyright: ignore[reportUnknownVariableType]  # of any value
    if kind is bool:
        return value
    if value is None or value is UNDEFINED:
        return False
    if kind is str or kind is dict:
        return len(value) > 0
    if kind is int:
        return value != 0
    if kind is float:
        if value in _INFINITE:
            raise JsonataError("D1001", value=value)
        return value == value and value != 0
    if kind in ARRAY_TYPES:
        run.charge(_ARRAY_WORK + 2 * len(value))
        return any(map(truth, value, repeat(run)))
    # functions written in JSONata are objects to the reference, those that its regular expressions are are not
    return not (isinstance(value, Native) and value.name in ("regex", "next"))


def equal(left: Value, right: Value, run: Run) -> bool:
    """Deep equality, where true is not 1 and the order of keys does not matter."""
    kind = kind_of(left)  # pyright: ignore[reportUnknownVariableType]  # of any value
    if kind is str or kind is bool:
        if kind is str and len(left) > _LONG:
            run.charge(len(left) // _COMPARED)
        return type(right) is kind and left == right
    if kind is int or kind is float:
        if type(right) is kind:
            return left == right
        # where an int and a float meet, both are doubles as in JavaScript
        return type(right) in (int, float) and _as_double(left) == _as_double(right)
    if kind is dict:
        return type(right) is OBJECT and _equal_objects(left, right, run)
    if kind in ARRAY_TYPES:
        if type(right) not in ARRAY_TYPES or len(left) != len(right):
            return False
        run.charge(_ARRAY_WORK + 4 * len(left))
        return all(map(equal, left, right, repeat(run)))
    return left is right


def _as_double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _equal_objects(left: dict[str, Value], right: dict[str, Value], run: Run) -> bool:
    if len(left) != len(right):
        return False
    run.charge(_ARRAY_WORK + 8 * len(left))
    return all(key in right and equal(value, right[key], run) for key, value in left.items())


def keys_of(value: dict[str, Value]) -> list[str]:
    """The keys of an object in JavaScript's order: array indices first, by size, then as inserted."""
    keys = list(value)
    for key in keys:
        if "0" <= key[:1] <= "9":
            break
    else:
        return keys
    indices = [key for key in keys if _is_index(key)]
    if not indices:
        return keys
    chosen = set(indices)
    return sorted(indices, key=int) + [key for key in keys if key not in chosen]


def _is_index(key: str) -> bool:
    if not key.isascii() or not key.isdigit() or len(key) > 10:
        return False
    return key == "0" or (key[0] != "0" and int(key) < 2**32 - 1)


def lookup(value: Value, key: str, run: Run) -> Value:
    """The field of an object, or the fields of all objects in an array as a sequence."""
    if type(value) is OBJECT:
        return value.get(key, UNDEFINED)
    if type(value) not in ARRAY_TYPES:
        return UNDEFINED
    run.charge(_ARRAY_WORK + 4 * len(value))
    result = Sequence()
    for item in value:
        found = lookup(item, key, run)
        if type(found) in ARRAY_TYPES:
            result.extend(found)
        elif found is not UNDEFINED:
            result.append(found)
    return result


def check_size(run: Run, result: Value) -> None:
    """Raises JsonataError where a result is larger than a value may be, or nested deeper than JSON may be.

    What is held many times is counted each time, as it is once the result is written down.
    """
    size, level = 0, [result]
    for _ in range(_DEEPEST_RESULT):
        inner: list[Value] = []
        for value in level:
            members = value.values() if type(value) is OBJECT else value
            kinds: set[type[Any]] = set(map(type, members))
            size += _CELL * len(value)
            if str in kinds:
                size += sum(len(member) for member in members if type(member) is str)
            if not kinds.isdisjoint(_CONTAINERS):
                inner += [member for member in members if type(member) in _CONTAINERS]
            run.charge(_ARRAY_WORK + len(value))
            if max(size, _CELL * len(inner)) > run.limits.most_bytes:
                raise memory_exceeded()
        if not inner:
            return
        level = inner
    raise stack_overflow(_DEEPEST_RESULT + 1, _DEEPEST_RESULT)


def append(left: Value, right: Value) -> Value:
    """The two joined to one array; what is not there does not count."""
    if left is UNDEFINED:
        return right
    if right is UNDEFINED:
        return left
    first = left if type(left) in ARRAY_TYPES else [left]
    second = right if type(right) in ARRAY_TYPES else [right]
    return [*first, *second]


def plain(value: Value) -> Json | Undefined | Lambda | Native:
    """A result without marks of evaluation."""
    if type(value) is Sequence or type(value) is Outer:
        return list(value)
    return value


def stored(run: Run, value: Value) -> Value:
    """What is put into an array or object for a value: a plain array for a sequence, remembered as one."""
    if type(value) is not Sequence:
        return value
    array = list(value)
    if run.idle:
        return array
    if run.flagged is None:
        run.flagged = {}
    run.flagged[id(array)] = array
    if len(array) <= 1 and not value.keep:
        if run.single is None:
            run.single = {}
        run.single[id(array)] = array
    return array
