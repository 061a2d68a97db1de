"""Built-in functions on arrays and objects."""

from __future__ import annotations

import math
from typing import Any, Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime import values
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import is_number, rounded_to_15, to_double
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY,
    ARRAY_TYPES,
    OBJECT,
    Outer,
    Sequence,
    Value,
    is_function,
    kind_of,
)
from stepsmith.expressions.types import UNDEFINED

_KEYS_WORK: Final = 32
_CLONE_WORK: Final = 24
_FIELD_WORK: Final = 8
_COMPARISONS: Final = 3
_OUTLINE_WORK: Final = 64
_OUTLINED: Final = 16


def append(run: Run, left: Value, right: Value) -> Value:
    """`$append`."""
    result = values.append(left, right)
    if type(result) is ARRAY:
        # copied fast, and mostly in place of the array before it
        run.joined(len(result))
    return result


def exists(run: Run, value: Value) -> Value:
    """`$exists`."""
    del run
    return value is not UNDEFINED


def keys(run: Run, value: Value) -> Value:
    """`$keys`: of an object, or of all objects in an array."""
    if type(value) is OBJECT:
        found = run.keys_of(value)
    elif type(value) in ARRAY_TYPES:
        run.charge(_KEYS_WORK * (1 + len(value)))
        merged: dict[str, bool] = {}
        for item in value:
            merged.update(dict.fromkeys(keys(run, item), True))
        found = run.keys_of(merged)
    else:
        return Sequence()
    run.array(len(found))
    return Sequence(found)


def lookup(run: Run, value: Value, key: Value) -> Value:
    """`$lookup`."""
    if type(value) is OBJECT:
        return value.get(key, UNDEFINED)
    return values.lookup(value, key, run)


def spread(run: Run, value: Value) -> Value:
    """`$spread`: an object for each field."""
    if type(value) in ARRAY_TYPES:
        run.charge(_KEYS_WORK * (1 + len(value)))
        result: Any = Sequence()
        for item in value:
            part = spread(run, item)
            if part is UNDEFINED:
                continue
            if type(result) is Sequence:
                result = list(result)
            result.extend(part if type(part) in ARRAY_TYPES else [part])
        run.array(len(result))
        return result
    if type(value) is OBJECT:
        run.array(len(value) * 8)
        return Sequence({key: value[key]} for key in run.keys_of(value))
    return value


def merge(run: Run, objects: Value) -> Value:
    """`$merge`."""
    if objects is UNDEFINED:
        return UNDEFINED
    result: dict[str, Value] = {}
    for part in objects:
        if type(part) is OBJECT:
            run.charge(_FIELD_WORK * len(part))
            result.update(part)
    return result


def reverse(run: Run, array: Value) -> Value:
    """`$reverse`."""
    if array is UNDEFINED or len(array) <= 1:
        return array
    run.array(len(array))
    return array[::-1]


def distinct(run: Run, array: Value) -> Value:
    """`$distinct`: the first of each set of equal members."""
    if type(array) not in ARRAY_TYPES or len(array) <= 1:
        return array
    kept: list[Value] = []
    seen: set[Any] = set()
    alike: dict[Any, list[Value]] = {}
    if run.idle:
        # where each of its portions may be little, the whole has to be
        run.charge(len(array) ** _COMPARISONS)
    for item in array:
        kind = kind_of(item)
        if kind is dict or kind in ARRAY_TYPES or is_function(item):
            others = alike.setdefault(_outline(item), [])
            run.charge(_OUTLINE_WORK + len(others))
            if any(values.equal(item, other, run) for other in others):
                continue
            others.append(item)
        else:
            mark = (kind is bool, item)
            if mark in seen:
                continue
            seen.add(mark)
        kept.append(item)
    run.array(len(array))
    sequence = type(array) is Sequence or (run.flagged and id(array) in run.flagged)
    return Sequence(kept) if sequence else kept


def _outline(value: Value) -> Any:
    """What equal values have in common, cheap to compare: the size, and small ones' members without theirs."""
    if is_function(value):
        return value
    if len(value) > _OUTLINED:
        return len(value)
    if type(value) is OBJECT:
        return frozenset((key, _outline_of_member(member)) for key, member in value.items())
    return tuple(map(_outline_of_member, value))


def _outline_of_member(value: Value) -> Any:
    kind = kind_of(value)
    if kind is dict or kind in ARRAY_TYPES:
        return kind is dict, len(value)
    return to_double(value) if kind is int or kind is float else (kind, value)


def shuffle(run: Run, array: Value) -> Value:
    """`$shuffle`: the members in random order."""
    if array is UNDEFINED or len(array) <= 1:
        return array
    run.array(len(array))
    result: list[Value] = []
    for number, item in enumerate(array):
        other = int(run.environment.random() * (number + 1))
        result.append(item)
        result[number], result[other] = result[other], item
    return result


def zip_(run: Run, *arrays: Value) -> Value:
    """`$zip`: arrays of the first members, of the second members and so on."""
    if any(type(array) not in ARRAY_TYPES for array in arrays):
        return []
    result = [list(members) for members in zip(*arrays, strict=False)]
    run.array(len(result) * (len(arrays) + 6))
    return result


def type_(run: Run, value: Value) -> Value:
    """`$type`; Infinity and NaN are numbers."""
    return "number" if type(value) is float else type_of_reference(run, value)


def type_of_reference(run: Run, value: Value) -> Value:
    """`$type`."""
    del run
    if value is UNDEFINED:
        return UNDEFINED
    if value is None:
        return "null"
    if is_number(value):
        return "number"
    kinds = {str: "string", bool: "boolean", dict: "object", float: "object"}
    if type(value) in kinds:
        return kinds[type(value)]
    return "array" if type(value) in ARRAY_TYPES else "function"


def clone(run: Run, value: Value) -> Value:
    """`$clone`: a copy by way of JSON text."""
    if type(value) is Outer:
        value = value[0]
    if type(value) in ARRAY_TYPES:
        run.charge(_CLONE_WORK * (1 + len(value)))
        return [clone(run, None if item is UNDEFINED else item) for item in value]
    if type(value) is OBJECT:
        run.charge(_CLONE_WORK * (1 + len(value)))
        return {key: clone(run, item) for key, item in value.items()}
    if is_function(value):
        return ""
    if is_number(value):
        rounded = rounded_to_15(value)
        return rounded if math.isfinite(rounded) else None
    return None if type(value) is float else value


def error(run: Run, message: Value = UNDEFINED) -> Value:
    """`$error`: fails with D3137."""
    del run
    text = "$error() function evaluated" if message is UNDEFINED or message == "" else message
    raise JsonataError("D3137", message=text)


def assert_(run: Run, condition: Value, message: Value = UNDEFINED) -> Value:
    """`$assert`: fails with D3141 unless the condition holds."""
    del run
    if condition is UNDEFINED or not condition:
        text = "$assert() statement failed" if message is UNDEFINED or message == "" else message
        raise JsonataError("D3141", message=text)
    return UNDEFINED
