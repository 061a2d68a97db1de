"""Calls of the library's functions to JSONata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import (
    COMPARISON,
    CONDITION,
    OR,
    SUM,
    Operand,
    Rendered,
    Renderer,
    is_plain,
    literal,
    wrapped,
)
from stepsmith.expressions.typed.library import digests, json_texts, moments, numbers, sequences, texts
from stepsmith.expressions.typed.static_types import ANY, DictType, ListType, is_text
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.typed.unchecked import in_jsonata

_SIMPLE: Final = {
    "abs": "$abs",
    "round": "$round",
    "sum": "$sum",
    "sorted": "$sort",
    "reversed": "$reverse",
    "zip": "$zip",
    "hash": "$hash",
    "base64": "$base64encode",
    "str.upper": "$uppercase",
    "str.lower": "$lowercase",
    "str.split": "$split",
    "str.replace": "$replace",
    "now": "$now",
    "uuid": "$uuid",
}


def call(node: tree.Call, operand: Operand) -> Rendered:
    """Give a call as JSONata."""
    simple = _SIMPLE.get(node.function)
    if simple is not None:
        return Rendered(f"{simple}({', '.join(operand(argument).text for argument in node.arguments)})")
    if node.function == "readers" or node.function in tree.READERS:
        return in_jsonata(node, operand)
    return _SPECIAL[node.function](node, operand)


def _len(node: tree.Call, operand: Operand) -> Rendered:
    argument = node.arguments[0]
    text = operand(argument).text
    if is_text(argument.type):
        return Rendered(f"$length({text})")
    return Rendered(f"$count($keys({text}))" if isinstance(argument.type, DictType) else f"$count({text})")


def _extreme(node: tree.Call, operand: Operand) -> Rendered:
    argument = node.arguments[0]
    missing = None if tree.is_filled(argument) else "ValueError"
    return Rendered(f"${node.function}({operand(argument).text})", missing=missing)


def _str(node: tree.Call, operand: Operand) -> Rendered:
    argument = operand(node.arguments[0])
    return argument if is_text(node.arguments[0].type) else Rendered(f"$string({argument.text})")


def _any(node: tree.Call, operand: Operand) -> Rendered:
    argument = node.arguments[0]
    if not isinstance(argument, tree.Comprehension):
        text = operand(argument).at(COMPARISON + 1)
        return (
            Rendered(f"true in {text}", COMPARISON)
            if node.function == "any"
            else Rendered(f"$not(false in {text})")
        )
    element = argument.element if node.function == "any" else tree.negation(argument.element)
    wanted = (
        element
        if argument.condition is None
        else tree.Bool(operator="and", values=(argument.condition, element))
    )
    items, test, name = operand(argument.items).text, operand(wanted), f"${argument.name}"
    kind = argument.items.type.item if isinstance(argument.items.type, ListType) else ANY
    if is_plain(kind) and not tree.can_fail(wanted):
        sign = "> 0" if node.function == "any" else "= 0"
        return Rendered(f"$count($filter({items}, function({name}){{{test.text}}})) {sign}", COMPARISON)
    found = f"$reduce({items}, function($__a, {name}){{$__a or {test.at(OR + 1)}}}, false)"
    return Rendered(found if node.function == "any" else f"$not({found})")


def _range(node: tree.Call, operand: Operand) -> Rendered:
    *first, last = node.arguments
    start = operand(first[0]).at(SUM) if first else "0"
    if isinstance(last, tree.Constant) and isinstance(last.value, int):
        return Rendered(f"[{start}..{literal(last.value - 1)}]", constructor=True)
    return Rendered(f"[{start}..{operand(last).at(SUM)} - 1]", constructor=True)


def _get(node: tree.Call, operand: Operand) -> Rendered:
    value, key, default = node.arguments
    found = f"$lookup({operand(value).text}, {operand(key).text})"
    return Rendered(f"($__v := {found}; $exists($__v) ? $__v : {operand(default).text})")


def _keys(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"[$keys({operand(node.arguments[0]).text})]", constructor=True)


def _items(node: tree.Call, operand: Operand) -> Rendered:
    argument = node.arguments[0]
    value = operand(argument)
    kind = argument.type.value if isinstance(argument.type, DictType) else ANY
    name = value.text if value.path else "$__o"
    pair = f"[[$__k, {wrapped(Rendered(f'$lookup({name}, $__k)'), kind)}]]"
    found = f"$reduce([$keys({name})], function($__a, $__k){{$append($__a, {pair})}}, [])"
    return Rendered(found if value.path else f"($__o := {value.text}; {found})")


def _message(node: tree.Call, operand: Operand) -> Rendered:
    """Lambda's Cause is JSON with the message in errorMessage; that of a Fail state is the message itself."""
    cause = f"$__c := {operand(node.arguments[0]).text}.Cause"
    by_lambda = "$substring($__c, 0, 1) = '{' and $contains($__c, '\"errorMessage\"')"
    return Rendered(f"({cause}; $__c = null ? '' : {by_lambda} ? $parse($__c).errorMessage : $__c)")


def _cause(node: tree.Call, operand: Operand) -> Rendered:
    """A text that `_message` would take for Lambda's is written as Lambda writes it."""
    text = operand(node.arguments[0])
    name = text.text if text.path else "$__c"
    found = f"$contains({name}, '\"errorMessage\"') ? $string({{'errorMessage': {name}}}) : {name}"
    return Rendered(found, CONDITION) if text.path else Rendered(f"($__c := {text.text}; {found})")


def _exists(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$exists({operand(node.arguments[0]).text})")


def _json_type(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$type({operand(node.arguments[0]).text})")


def _seconds(node: tree.Call, operand: Operand) -> Rendered:
    bounds = "$__n >= 1 and $__n <= 99999999"
    told = "$error('a time limit is 1 to 99,999,999 seconds, got ' & $__n)"
    return Rendered(f"($__n := {operand(node.arguments[0]).text}; {bounds} ? $__n : {told})")


def _tag(node: tree.Call, operand: Operand) -> Rendered:
    value, name = node.arguments
    assert isinstance(name, tree.Constant)
    return operand(tree.Field(value=value, name=str(name.value), type=node.type))


def _default(node: tree.Call, operand: Operand) -> Rendered:
    items, other = (operand(argument).text for argument in node.arguments)
    name = node.function.removesuffix(".default")
    return Rendered(f"($__m := {items}; $count($__m) = 0 ? {other} : ${name}($__m))")


def _sorted_by(node: tree.Call, operand: Operand) -> Rendered:
    by = node.arguments[0]
    if node.function == "sorted.reverse" or not isinstance(by, tree.Comprehension):
        return Rendered(f"$reverse($sort({operand(by).text}))")
    return Rendered(sequences.sorted_by(by, operand, backwards=node.function == "sorted.by.reverse"))


def _slice(node: tree.Call, operand: Operand) -> Rendered:
    value, *bounds = node.arguments
    if is_text(value.type):
        start, stop = bounds
        last = None if isinstance(stop, tree.Constant) and stop.value is None else operand(stop).text
        return texts.text_between(operand(value).text, operand(start).text, last)
    names = [f"$__s := {operand(value).text}", "$__n := $count($__s)"]
    for name, bound, otherwise in zip(("$__from", "$__to"), bounds, ("0", "$__n"), strict=True):
        absent = isinstance(bound, tree.Constant) and bound.value is None
        given = f"$__b := {operand(bound).text}; {name} := $__b < 0 ? $max([0, $__n + $__b]) : $__b"
        names.append(f"{name} := {otherwise}" if absent else given)
    item = value.type.item if isinstance(value.type, ListType) else ANY
    test = "$__i >= $__from and $__i < $__to"
    if is_plain(item):
        part = f"[$filter($__s, function($__x, $__i){{{test}}})]"
    else:
        kept = f"$append($__a, [{wrapped(Rendered('$__x'), item)}])"
        part = f"$reduce($__s, function($__a, $__x, $__i){{{test} ? {kept} : $__a}}, [])"
    return Rendered(f"({'; '.join(names)}; {part})")


def _enumerate(node: tree.Call, operand: Operand) -> Rendered:
    items, start = (operand(argument) for argument in node.arguments)
    first = start.at(SUM)
    return Rendered(f"($__e := {items.text}; $zip([{first}..{first} + $count($__e) - 1], $__e))")


def _jsonata(node: tree.Call, operand: Operand) -> Rendered:
    text, *rest = node.arguments
    assert isinstance(text, tree.Constant)
    names = [str(name.value) for name in rest[: len(rest) // 2] if isinstance(name, tree.Constant)]
    values = rest[len(names) :]
    before, written = "", [operand(value).text for value in values]
    if any(set(names[:at]) & _read_by(value) for at, value in enumerate(values)):
        # all are known before the first has its name
        bound = [f"$__{at} := {each}; " for at, each in enumerate(written)]
        before, written = "".join(bound), [f"$__{at}" for at in range(len(bound))]
    named = (f"${name} := {value}; " for name, value in zip(names, written, strict=True))
    return Rendered(f"({before}{''.join(named)}{text.value})", missing="ValueError")


def _read_by(value: Expression) -> set[str]:
    return {node.name for node in tree.walk(value) if isinstance(node, tree.Variable)}


_SPECIAL: Final[Mapping[str, Renderer]] = {
    **texts.JSONATA,
    **numbers.JSONATA,
    **moments.JSONATA,
    **json_texts.JSONATA,
    **digests.JSONATA,
    **sequences.JSONATA,
    "len": _len,
    "min": _extreme,
    "max": _extreme,
    "str": _str,
    "min.default": _default,
    "max.default": _default,
    "sorted.reverse": _sorted_by,
    "sorted.by": _sorted_by,
    "sorted.by.reverse": _sorted_by,
    "enumerate": _enumerate,
    "slice": _slice,
    "any": _any,
    "all": _any,
    "range": _range,
    "dict.get": _get,
    "dict.keys": _keys,
    "dict.items": _items,
    "jsonata": _jsonata,
    "message": _message,
    "cause": _cause,
    "exists": _exists,
    "json.type": _json_type,
    "json.tag": _tag,
    "seconds": _seconds,
}
