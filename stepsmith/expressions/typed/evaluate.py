"""Expression trees computed in Python: what every rendering must agree with."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from stepsmith.errors import ExpressionError
from stepsmith.expressions.typed import tree, unchecked
from stepsmith.expressions.typed.library import digests, json_texts, moments, numbers, sequences, texts
from stepsmith.expressions.typed.static_types import DATETIME, ModelType, without_none
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json

Values = Mapping[str, Any]
"""Values of variables by name; those of `$states` under `states.input` and the like."""

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}
_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": operator.mod,
    "|": lambda left, right: {**left, **right},
}


def evaluate(node: Expression, values: Values) -> Json:
    """Compute an expression over JSON values.

    Raises KeyError, IndexError, ValueError or ZeroDivisionError as Python does, and ExpressionError for nodes that
    only a state machine can compute.
    """
    return _value(node, values)


def _value(node: Expression, values: Values) -> Any:
    return _EVALUATORS[type(node)](node, values)


def _constant(node: tree.Constant, values: Values) -> Json:
    return node.value


def _variable(node: tree.Variable, values: Values) -> Json:
    return values[node.name]


def _state(node: tree.State, values: Values) -> Json:
    return values[f"states.{node.part}"]


def _field(node: tree.Field, values: Values) -> Json:
    return _value(node.value, values)[node.name]


def _item(node: tree.Item, values: Values) -> Json:
    return _value(node.value, values)[_value(node.index, values)]


def _slice(node: tree.Slice, values: Values) -> Json:
    return _value(node.value, values)[node.start : node.stop]


def _unary(node: tree.Unary, values: Values) -> Json:
    value = _value(node.operand, values)
    return not value if node.operator == "not" else -value


def _binary(node: tree.Binary, values: Values) -> Json:
    return _ARITHMETIC[node.operator](_value(node.left, values), _value(node.right, values))


def _compare(node: tree.Compare, values: Values) -> Json:
    left, right = _value(node.left, values), _value(node.right, values)
    if without_none(node.left.type) == DATETIME and isinstance(left, str) and isinstance(right, str):
        return _COMPARISONS[node.operator](datetime.fromisoformat(left), datetime.fromisoformat(right))
    return _COMPARISONS[node.operator](left, right)


def _truth(node: tree.Truth, values: Values) -> Json:
    value = _value(node.value, values)
    kind = without_none(node.value.type)
    if value is not None and isinstance(kind, ModelType):
        return True
    return bool(value)


def _bool(node: tree.Bool, values: Values) -> Json:
    results = (bool(_value(value, values)) for value in node.values)
    return all(results) if node.operator == "and" else any(results)


def _conditional(node: tree.Conditional, values: Values) -> Json:
    return _value(node.then if _value(node.test, values) else node.otherwise, values)


def _text(node: tree.Text, values: Values) -> Json:
    return "".join(str(_value(part, values)) for part in node.parts)


def _spread(node: tree.Spread, values: Values) -> Json:
    return _value(node.value, values)


def _list(node: tree.ListOf, values: Values) -> Json:
    found: list[Json] = []
    for element in node.elements:
        if isinstance(element, tree.Spread):
            found.extend(_value(element.value, values))
        else:
            found.append(_value(element, values))
    return found


def _object(node: tree.ObjectOf, values: Values) -> Json:
    found: dict[str, Json] = {}
    for key, value in node.entries:
        if key is None:
            found.update(_value(value, values))
        else:
            found[_value(key, values)] = _value(value, values)
    return found


def _rounds(node: tree.Comprehension | tree.DictComprehension, values: Values) -> Iterator[Values]:
    for item in _value(node.items, values):
        inner = {**values, node.name: item}
        if node.condition is None or _value(node.condition, inner):
            yield inner


def _comprehension(node: tree.Comprehension, values: Values) -> Json:
    found = [_value(node.element, inner) for inner in _rounds(node, values)]
    return [item for each in found for item in each] if isinstance(node.element, tree.Spread) else found


def _dict_comprehension(node: tree.DictComprehension, values: Values) -> Json:
    return {_value(node.key, inner): _value(node.value, inner) for inner in _rounds(node, values)}


def _call(node: tree.Call, values: Values) -> Json:
    if node.function in ("any", "all"):
        return _quantifier(node, values)
    if node.function == "exists":
        return _found(node.arguments[0], values) is not unchecked.MISSING
    if node.function == "readers":
        return _value(node.arguments[0], values)
    if node.function in tree.READERS:
        value = _found(node.arguments[0], values)
        return unchecked.read(node.function, value, *(_value(more, values) for more in node.arguments[1:]))
    if node.function.startswith("sorted."):
        return _sorted_by(node, values)
    if node.function in ("min.by", "max.by"):
        return _extreme_by(node, values)
    function = _FUNCTIONS.get(node.function)
    if function is None:
        raise ExpressionError(f"{node.function}() has no value before the state machine runs")
    return function(*(_value(argument, values) for argument in node.arguments))


def _found(node: Expression, values: Values) -> Any:
    """Give a value, or MISSING where there is nothing at its place."""
    try:
        return _value(node, values)
    except (LookupError, TypeError):
        return unchecked.MISSING


def _quantifier(node: tree.Call, values: Values) -> Json:
    argument = node.arguments[0]
    if not isinstance(argument, tree.Comprehension):
        return (any if node.function == "any" else all)(_value(argument, values))
    results = (bool(_value(argument.element, inner)) for inner in _rounds(argument, values))
    return any(results) if node.function == "any" else all(results)


def _sorted_by(node: tree.Call, values: Values) -> Json:
    by, backwards = node.arguments[0], node.function.endswith(".reverse")
    if node.function == "sorted.reverse" or not isinstance(by, tree.Comprehension):
        return sorted(_value(by, values), reverse=backwards)

    def key(item: Any) -> Any:
        return _value(by.element, {**values, by.name: item})

    return sorted(_value(by.items, values), key=key, reverse=backwards)


def _extreme_by(node: tree.Call, values: Values) -> Json:
    """Give the first of what has the least key, or the greatest."""
    by, *default = node.arguments
    kind = "sorted.by.reverse" if node.function == "max.by" else "sorted.by"
    ordered: Any = _sorted_by(tree.Call(function=kind, arguments=(by,), type=node.type), values)
    if not ordered and not default:
        raise ValueError(f"{node.function}() of nothing")
    return ordered[0] if ordered else _value(default[0], values)


_JSON_TYPES: Final = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def _json_type(value: Any) -> str:
    return _JSON_TYPES[type(value)]


def _seconds(value: int) -> int:
    if not 1 <= value <= 99_999_999:
        raise ValueError(f"a time limit is 1 to 99,999,999 seconds, got {value}")
    return value


def _tag(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON


def _least(items: list[Any], other: Any) -> Any:
    return min(items, default=other)


def _most(items: list[Any], other: Any) -> Any:
    return max(items, default=other)


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


def _zip(*lists: list[Any]) -> list[Any]:
    return [list(each) for each in zip(*lists, strict=False)]


def _enumerate(items: list[Any], start: int) -> list[Any]:
    return [[index, item] for index, item in enumerate(items, start)]


def _slice_between(value: Any, start: int, stop: int | None) -> Any:
    return value[start:stop]


def _message(error: Any) -> str:
    cause = error["Cause"]
    if cause is None:
        return ""
    return json.loads(cause)["errorMessage"] if cause[:1] == "{" and '"errorMessage"' in cause else cause


def cause_of(text: str) -> str:
    """Give the cause of an error that says this: never what looks like the JSON that Lambda makes of an exception."""
    return json.dumps({"errorMessage": text}) if '"errorMessage"' in text else text


def _raw(node: tree.Raw, values: Values) -> Json:
    raise ExpressionError(f"{node.text!r} is JSONata, which has no value in Python")


def _get(value: dict[str, Any], key: str, default: Any) -> Any:
    return value.get(key, default)


def _items(value: dict[str, Any]) -> Json:
    return [[key, item] for key, item in value.items()]


def _keys(value: dict[str, Any]) -> Json:
    return list(value)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **texts.PYTHON,
    **numbers.PYTHON,
    **moments.PYTHON,
    **json_texts.PYTHON,
    **digests.PYTHON,
    **sequences.PYTHON,
    "len": len,
    "sum": sum,
    "min": min,
    "max": max,
    "str": str,
    "min.default": _least,
    "max.default": _most,
    "sorted": sorted,
    "reversed": _reversed,
    "zip": _zip,
    "enumerate": _enumerate,
    "slice": _slice_between,
    "range": lambda *bounds: list(range(*bounds)),
    "dict.get": _get,
    "dict.keys": _keys,
    "dict.items": _items,
    "message": _message,
    "cause": cause_of,
    "json.type": _json_type,
    "json.tag": _tag,
    "seconds": _seconds,
}

_EVALUATORS: Final[Mapping[type, Callable[..., Json]]] = {
    tree.Constant: _constant,
    tree.Variable: _variable,
    tree.State: _state,
    tree.Field: _field,
    tree.Item: _item,
    tree.Slice: _slice,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Compare: _compare,
    tree.Truth: _truth,
    tree.Bool: _bool,
    tree.Conditional: _conditional,
    tree.Text: _text,
    tree.Call: _call,
    tree.Spread: _spread,
    tree.ListOf: _list,
    tree.ObjectOf: _object,
    tree.Comprehension: _comprehension,
    tree.DictComprehension: _dict_comprehension,
    tree.Raw: _raw,
}
