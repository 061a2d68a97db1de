"""Built-in functions that take functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stepsmith.expressions.jsonata.errors import JsonataError, memory_exceeded
from stepsmith.expressions.jsonata.runtime.invoke import body_of, finished, invoke
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import is_number
from stepsmith.expressions.jsonata.runtime.sorting import merge_sort
from stepsmith.expressions.jsonata.runtime.text import sort_key
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY,
    ARRAY_TYPES,
    OBJECT,
    Evaluate,
    Frame,
    Lambda,
    Sequence,
    Value,
    arity_of,
    is_function,
    stored,
    truth,
)
from stepsmith.expressions.types import UNDEFINED

_CALL_WORK = 48


def _caller(run: Run, function: Value, calls: int) -> Callable[[Value, Value, Value], Value]:
    """How to call a function with a member, its index and all members, of which it gets what it takes."""
    arity = arity_of(function)
    if type(function) is Lambda and function.code.signature is None:
        return _lambda_caller(run, function)
    run.charge(_CALL_WORK * calls)
    if arity >= 3:
        return lambda member, index, members: invoke(run, function, [member, index, members], None)
    if arity == 2:
        return lambda member, index, members: invoke(run, function, [member, index], None)
    return lambda member, index, members: invoke(run, function, [member], None)


def _lambda_caller(run: Run, function: Lambda) -> Callable[[Value, Value, Value], Value]:
    code, outer, context = function.code, function.frame, function.context
    body, arity, template, work = body_of(run, code), code.arity, code.template, code.work
    rest = [UNDEFINED] * (arity - 3)

    def call(member: Value, index: Value, members: Value) -> Value:
        run.charge(work)
        if arity == 1:
            frame = [run, outer, member, *template]
        else:
            frame = [run, outer, *([member, index, members][:arity]), *rest, *template]
        return finished(run, body(context, frame))

    return call


def _plain(run: Run, function: Value, calls: int) -> tuple[Evaluate, Value, Frame] | None:
    """Body, context and a frame that will do for all calls, which are charged for; None where it won't."""
    if type(function) is not Lambda or not function.code.plain or function.code.signature is not None:
        return None
    code = function.code
    run.charge(calls * code.work)
    return body_of(run, code), function.context, [run, function.frame, *[UNDEFINED] * code.arity]


def map_(run: Run, array: Value, function: Value) -> Value:
    """`$map`."""
    if array is UNDEFINED:
        return UNDEFINED
    values: list[Value] = []
    inside, most = 0, run.limits.most_bytes // 8
    plain = _plain(run, function, len(array)) if arity_of(function) == 1 else None
    if plain is not None:
        body, context, frame = plain
        for frame[2] in array:
            value = body(context, frame)
            if type(value) is ARRAY or type(value) is Sequence:
                inside += len(value)
                if inside > most:
                    raise memory_exceeded()
                value = stored(run, value)
            if value is not UNDEFINED:
                values.append(value)
    else:
        call = _caller(run, function, len(array))
        for index, member in enumerate(array):
            value = call(member, index, array)
            if value is not UNDEFINED:
                values.append(value if type(value) is not Sequence else stored(run, value))
    run.array(len(values) + sum(len(value) for value in values if type(value) is ARRAY))
    run.mapped(len(array), len(values))
    return Sequence(values)


def filter_(run: Run, array: Value, function: Value) -> Value:
    """`$filter`."""
    if array is UNDEFINED:
        return UNDEFINED
    kept: list[Value] = []
    plain = _plain(run, function, len(array)) if arity_of(function) == 1 else None
    if plain is not None:
        body, context, frame = plain
        for member in array:
            frame[2] = member
            value = body(context, frame)
            if value is True or (value is not False and truth(value, run)):
                kept.append(member)
    else:
        call = _caller(run, function, len(array))
        for index, member in enumerate(array):
            if truth(call(member, index, array), run):
                kept.append(member)
    run.array(len(kept))
    return Sequence(kept)


def single(run: Run, array: Value, function: Value = UNDEFINED) -> Value:
    """`$single`: the one member for which a function holds."""
    if array is UNDEFINED:
        return UNDEFINED
    call = None if function is UNDEFINED else _caller(run, function, len(array))
    found: list[Value] = []
    for index, member in enumerate(array):
        if call is None or truth(call(member, index, array), run):
            if found:
                raise JsonataError("D3138", index=index)
            found.append(member)
    if not found:
        raise JsonataError("D3139")
    return found[0]


def reduce(run: Run, array: Value, function: Value, start: Value = UNDEFINED) -> Value:
    """`$reduce`."""
    if array is UNDEFINED:
        return UNDEFINED
    arity = arity_of(function)
    if arity < 2:
        raise JsonataError("D3050", index=1)
    at, result = 0, start
    if start is UNDEFINED and array:
        at, result = 1, array[0]
    plain = _plain(run, function, len(array)) if arity == 2 else None
    if plain is not None:
        body, context, frame = plain
        for member in array[at:] if at else array:
            frame[2] = result
            frame[3] = member
            result = body(context, frame)
        return result
    run.charge(_CALL_WORK * len(array))
    for index in range(at, len(array)):
        if type(result) is Sequence and len(result) <= 1:
            result = stored(run, result)
        arguments = [result, array[index], index, array][: max(2, min(arity, 4))]
        result = invoke(run, function, arguments, None)
    return result


def sift(run: Run, value: Value, function: Value = UNDEFINED) -> Value:
    """`$sift`: the fields of an object for which a function holds."""
    if type(value) is not OBJECT or not value:
        return UNDEFINED
    call = _caller(run, function, len(value))
    kept = {key: value[key] for key in run.keys_of(value) if truth(call(value[key], key, value), run)}
    return kept or UNDEFINED


def each(run: Run, value: Value, function: Value) -> Value:
    """`$each`: what a function yields for each field of an object."""
    if type(value) is not OBJECT:
        return Sequence()
    call = _caller(run, function, len(value))
    result = Sequence()
    for key in run.keys_of(value):
        found = call(value[key], key, value)
        if found is not UNDEFINED:
            result.append(stored(run, found))
    run.array(len(result))
    return result


def sort(run: Run, array: Value, comparator: Value = UNDEFINED) -> Value:
    """`$sort`."""
    if array is UNDEFINED or len(array) <= 1:
        return array
    run.charge(_CALL_WORK * len(array))
    if comparator is not UNDEFINED:
        return merge_sort(run, list(array), _asker(run, comparator))
    if all(is_number(member) for member in array):
        return sorted(array)
    if all(type(member) is str for member in array):
        return sorted(array, key=None if all(map(str.isascii, array)) else sort_key)
    raise JsonataError("D3070", index=1)


def _asker(run: Run, comparator: Value) -> Callable[[Any, Any], bool]:
    def after(left: Value, right: Value) -> bool:
        return _javascript_truth(invoke(run, comparator, [left, right], None))

    return after


def _javascript_truth(value: Value) -> bool:
    if type(value) in ARRAY_TYPES or type(value) is OBJECT or is_function(value):
        return True
    return bool(value) and value == value
