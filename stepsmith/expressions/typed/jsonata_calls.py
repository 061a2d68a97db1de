"""Calls of the library's functions to JSONata."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import (
    COMPARISON,
    CONDITION,
    OR,
    PRODUCT,
    SUM,
    Rendered,
    is_plain,
    literal,
    wrapped,
)
from stepsmith.expressions.typed.static_types import ANY, FLOAT, DictType, ListType, is_text
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.typed.unchecked import in_jsonata

_WITH_OFFSET: Final = "'[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]'"
Operand = Callable[[Expression], Rendered]
"""Renders an argument that has a value or fails."""

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
    filled = isinstance(argument, tree.ListOf) and any(
        not isinstance(e, tree.Spread) for e in argument.elements
    )
    return Rendered(f"${node.function}({operand(argument).text})", missing=None if filled else "ValueError")


def _int(node: tree.Call, operand: Operand) -> Rendered:
    argument = operand(node.arguments[0])
    if node.arguments[0].type != FLOAT:
        return argument
    name = argument.text if argument.path else "$__n"
    cut = f"{name} < 0 ? $ceil({name}) : $floor({name})"
    return Rendered(cut, CONDITION) if argument.path else Rendered(f"($__n := {argument.text}; {cut})")


def _float(node: tree.Call, operand: Operand) -> Rendered:
    return operand(node.arguments[0])


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


def _startswith(node: tree.Call, operand: Operand) -> Rendered:
    value, part = node.arguments
    if isinstance(part, tree.Constant) and isinstance(part.value, str):
        text = f"$substring({operand(value).text}, 0, {len(part.value)}) = {literal(part.value)}"
        return Rendered(text, COMPARISON)
    return Rendered(
        f"($__p := {operand(part).text}; $substring({operand(value).text}, 0, $length($__p)) = $__p)"
    )


def _endswith(node: tree.Call, operand: Operand) -> Rendered:
    value, part = node.arguments
    if isinstance(part, tree.Constant) and isinstance(part.value, str) and part.value:
        text = f"$substring({operand(value).text}, {-len(part.value)}) = {literal(part.value)}"
        return Rendered(text, COMPARISON)
    bindings = f"$__s := {operand(value).text}; $__p := {operand(part).text}"
    return Rendered(f"({bindings}; $__p = '' or $substring($__s, -$length($__p)) = $__p)")


def _join(node: tree.Call, operand: Operand) -> Rendered:
    separator, items = node.arguments
    return Rendered(f"$join({operand(items).text}, {operand(separator).text})")


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


def _shift(node: tree.Call, operand: Operand) -> Rendered:
    """Python keeps the offset that a point in time is written with; $fromMillis writes it in UTC unless it is told."""
    moment, amount = node.arguments
    if _is_utc(moment):
        return Rendered(f"$fromMillis($toMillis({operand(moment).text}) + {operand(amount).text})")
    offset = "$substring($__m, -1) = 'Z' ? '+0000' : $replace($substring($__m, -6), ':', '')"
    shifted = f"$fromMillis($toMillis($__m) + {operand(amount).text}, {_WITH_OFFSET}, $__z)"
    return Rendered(f"($__m := {operand(moment).text}; $__z := {offset}; {shifted})")


def _is_utc(moment: Expression) -> bool:
    match moment:
        case tree.Call(function="now"):
            return True
        case tree.Call(function="datetime.shift", arguments=(inner, _)):
            return _is_utc(inner)
        case tree.Constant(value=str() as text):
            return text.endswith(("+00:00", "Z"))
        case _:
            return False


def _exists(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$exists({operand(node.arguments[0]).text})")


def _default(node: tree.Call, operand: Operand) -> Rendered:
    items, other = (operand(argument).text for argument in node.arguments)
    name = node.function.removesuffix(".default")
    return Rendered(f"($__m := {items}; $count($__m) = 0 ? {other} : ${name}($__m))")


def _sorted_by(node: tree.Call, operand: Operand) -> Rendered:
    by = node.arguments[0]
    if not isinstance(by, tree.Comprehension):
        return Rendered(f"$reverse($sort({operand(by).text}))")
    kind = by.items.type.item if isinstance(by.items.type, ListType) else ANY
    sides = [
        operand(tree.substitute(by.element, {by.name: tree.Variable(name=name, type=kind)})).at(
            COMPARISON + 1
        )
        for name in ("__left", "__right")
    ]
    sign = "<" if node.function == "sorted.by.reverse" else ">"
    compare = f"function($__left, $__right){{{f' {sign} '.join(sides)}}}"
    return Rendered(f"$sort({operand(by.items).text}, {compare})")


def _slice(node: tree.Call, operand: Operand) -> Rendered:
    value, *bounds = node.arguments
    text = is_text(value.type)
    size = "$length($__s)" if text else "$count($__s)"
    names = [f"$__s := {operand(value).text}", f"$__n := {size}"]
    for name, bound, otherwise in zip(("$__from", "$__to"), bounds, ("0", "$__n"), strict=True):
        absent = isinstance(bound, tree.Constant) and bound.value is None
        given = f"$__b := {operand(bound).text}; {name} := $__b < 0 ? $max([0, $__n + $__b]) : $__b"
        names.append(f"{name} := {otherwise}" if absent else given)
    item = value.type.item if isinstance(value.type, ListType) else ANY
    test = "$__i >= $__from and $__i < $__to"
    if text:
        part = "$substring($__s, $__from, $max([0, $__to - $__from]))"
    elif is_plain(item):
        part = f"[$filter($__s, function($__x, $__i){{{test}}})]"
    else:
        kept = f"$append($__a, [{wrapped(Rendered('$__x'), item)}])"
        part = f"$reduce($__s, function($__a, $__x, $__i){{{test} ? {kept} : $__a}}, [])"
    return Rendered(f"({'; '.join(names)}; {part})")


def _enumerate(node: tree.Call, operand: Operand) -> Rendered:
    items, start = (operand(argument) for argument in node.arguments)
    first = start.at(SUM)
    return Rendered(f"($__e := {items.text}; $zip([{first}..{first} + $count($__e) - 1], $__e))")


_BLANKS: Final = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+"
"""What Python takes for white space, each line terminator of Java's among it."""


def _strip(node: tree.Call, operand: Operand) -> Rendered:
    ends = {"str.lstrip": (f"^{_BLANKS}",), "str.rstrip": (f"{_BLANKS}$",)}
    pattern = "|".join(ends.get(node.function, (f"^{_BLANKS}", f"{_BLANKS}$")))
    return Rendered(f"$replace({operand(node.arguments[0]).text}, /{pattern}/, '')")


def _without(node: tree.Call, operand: Operand) -> Rendered:
    value, part = (operand(argument).text for argument in node.arguments)
    if node.function == "str.removeprefix":
        test, rest = "$substring($__s, 0, $length($__p)) = $__p", "$substring($__s, $length($__p))"
    else:
        test = "$__p != '' and $substring($__s, -$length($__p)) = $__p"
        rest = "$substring($__s, 0, $length($__s) - $length($__p))"
    return Rendered(f"($__s := {value}; $__p := {part}; {test} ? {rest} : $__s)")


def _partition(node: tree.Call, operand: Operand) -> Rendered:
    value, separator = (operand(argument).text for argument in node.arguments)
    parts = f"[$substringBefore($__s, {separator}), {separator}, $substringAfter($__s, {separator})]"
    return Rendered(f"($__s := {value}; $contains($__s, {separator}) ? {parts} : [$__s, '', ''])")


def _pad(node: tree.Call, operand: Operand) -> Rendered:
    value, width = node.arguments
    assert isinstance(width, tree.Constant)
    assert isinstance(width.value, int)
    digits = f"$pad($string($abs($__n)), -{width.value}, '0')"
    below = f"'-' & $pad($string($abs($__n)), -{width.value - 1}, '0')"
    return Rendered(f"($__n := {operand(value).text}; $__n < 0 ? {below} : {digits})")


def _seconds(node: tree.Call, operand: Operand) -> Rendered:
    later, sooner = (operand(argument).text for argument in node.arguments)
    return Rendered(f"($toMillis({later}) - $toMillis({sooner})) / 1000", PRODUCT)


def _jsonata(node: tree.Call, operand: Operand) -> Rendered:
    text, *rest = node.arguments
    assert isinstance(text, tree.Constant)
    names, values = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    bound = [
        f"${name.value} := {operand(value).text}; "
        for name, value in zip(names, values, strict=True)
        if isinstance(name, tree.Constant)
    ]
    return Rendered(f"({''.join(bound)}{text.value})", missing="ValueError")


_SPECIAL: Final[dict[str, Callable[[tree.Call, Operand], Rendered]]] = {
    "len": _len,
    "min": _extreme,
    "max": _extreme,
    "int": _int,
    "float": _float,
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
    "str.startswith": _startswith,
    "str.endswith": _endswith,
    "str.join": _join,
    "str.strip": _strip,
    "str.lstrip": _strip,
    "str.rstrip": _strip,
    "str.removeprefix": _without,
    "str.removesuffix": _without,
    "str.partition": _partition,
    "str.pad": _pad,
    "dict.get": _get,
    "dict.keys": _keys,
    "dict.items": _items,
    "datetime.shift": _shift,
    "datetime.seconds": _seconds,
    "jsonata": _jsonata,
    "message": _message,
    "cause": _cause,
    "exists": _exists,
}
