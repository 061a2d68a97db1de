"""What is looked for in lists: the least and the greatest, the first, each once, where something is."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import (
    COMPARISON,
    SUM,
    Operand,
    Rendered,
    Renderer,
    is_plain,
    wrapped,
)
from stepsmith.expressions.typed.library.texts import character
from stepsmith.expressions.typed.static_types import ANY, INT, STR, ListType, TupleType, is_text
from stepsmith.expressions.typed.tree import Expression


def sorted_by(by: tree.Comprehension, operand: Operand, *, backwards: bool) -> str:
    """Give a list in the order of keys; what has the same key stays in order, either way."""
    kind = by.items.type.item if isinstance(by.items.type, ListType) else ANY
    left, right = (
        [
            operand(tree.substitute(part, {by.name: tree.Variable(name=name, type=kind)})).at(COMPARISON + 1)
            for part in _parts(by.element)
        ]
        for name in ("__left", "__right")
    )
    sign, test = "<" if backwards else ">", ""
    for one, other in reversed(list(zip(left, right, strict=True))):
        rest = f" or {one} = {other} and ({test})" if test else ""
        test = f"{one} {sign} {other}{rest}"
    return f"$sort({operand(by.items).text}, function($__left, $__right){{{test}}})"


def _parts(key: Expression) -> list[Expression]:
    """Give what a key is compared by: the parts of a tuple, one after the other."""
    if not isinstance(key.type, TupleType):
        return [key]
    if isinstance(key, tree.ListOf):
        return [part for element in key.elements for part in _parts(element)]
    places = (tree.Constant(value=index, type=INT) for index in range(len(key.type.items)))
    items = [
        tree.Item(value=key, index=place, type=kind, certain=True)
        for place, kind in zip(places, key.type.items, strict=True)
    ]
    return [part for item in items for part in _parts(item)]


def _extreme_by(node: tree.Call, operand: Operand) -> Rendered:
    by, *default = node.arguments
    assert isinstance(by, tree.Comprehension)
    ordered = sorted_by(by, operand, backwards=node.function == "max.by")
    return _first_of(ordered, "0", default, operand)


def _extreme_text(node: tree.Call, operand: Operand) -> Rendered:
    items, *default = node.arguments
    place = "0" if node.function == "min.text" else "-1"
    return _first_of(f"$sort({operand(items).text})", place, default, operand, filled=tree.is_filled(items))


def _first_of(
    items: str, place: str, default: list[Expression], operand: Operand, *, filled: bool = False
) -> Rendered:
    if default:
        other = operand(default[0]).text
        return Rendered(f"($__m := {items}; $count($__m) = 0 ? {other} : $__m[{place}])")
    return Rendered(f"($__l := {items}; $__l[{place}])", missing=None if filled else "ValueError")


def _next(node: tree.Call, operand: Operand) -> Rendered:
    items, default = node.arguments
    return _first_of(operand(items).text, "0", [default], operand)


def _distinct(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"[$distinct({operand(node.arguments[0]).text})]", constructor=True)


def _count(node: tree.Call, operand: Operand) -> Rendered:
    items, value = (operand(argument).text for argument in node.arguments)
    return Rendered(f"($__y := {value}; $count($filter({items}, function($__x){{$__x = $__y}})))")


def _index(node: tree.Call, operand: Operand) -> Rendered:
    items, value = (operand(argument).text for argument in node.arguments)
    steps = f"$__y := {value}; $__l := {items}"
    places = "$filter([0..$count($__l) - 1], function($__i){$__l[$__i] = $__y})"
    return Rendered(f"({steps}; [{places}][0])", missing="ValueError")


def _by_step(node: tree.Call, operand: Operand) -> Rendered:
    """Every so many items, from the end where the step is negative; of a text, its characters."""
    value, start, stop, step = node.arguments
    assert isinstance(step, tree.Constant)
    assert isinstance(step.value, int)
    texts = is_text(value.type)
    item = value.type.item if isinstance(value.type, ListType) else STR
    steps = [f"$__q := {operand(value).text}"]
    if texts:
        letter = character("$__t", "$__k")
        steps = [
            f"$__t := {operand(value).text}",
            f"$__q := [$map([0..$length($__t) - 1], function($__k){{{letter}}})]",
        ]
    steps.append("$__n := $count($__q)")
    backwards = step.value < 0
    for name, bound, absent in (("$__from", start, "0"), ("$__to", stop, "$__n")):
        if isinstance(bound, tree.Constant) and bound.value is None:
            steps.append(f"{name} := {absent}")
            continue
        steps += [f"$__b := {operand(bound).text}", "$__b := $__b < 0 ? $__n + $__b : $__b"]
        if backwards:
            steps.append("$__b := $__n - 1 - ($__b < 0 ? -1 : $__b)")
        steps.append(f"{name} := $__b < 0 ? 0 : $__b")
    if backwards:
        steps.append("$__q := $reverse($__q)")
    test = f"$__i >= $__from and $__i < $__to and ($__i - $__from) % {abs(step.value)} = 0"
    if is_plain(item):
        found = f"[$filter($__q, function($__x, $__i){{{test}}})]"
    else:
        kept = f"$append($__a, [{wrapped(Rendered('$__x'), item)}])"
        found = f"$reduce($__q, function($__a, $__x, $__i){{{test} ? {kept} : $__a}}, [])"
    return Rendered(f"({'; '.join(steps)}; {f'$join({found})' if texts else found})")


def _repeated(node: tree.Call, operand: Operand) -> Rendered:
    items, count = (operand(argument) for argument in node.arguments)
    added = "function($__a, $__x){$append($__a, $__l)}"
    return Rendered(f"($__l := {items.text}; $reduce([1..{count.at(SUM)}], {added}, []))")


def _unpacked(node: tree.Call, operand: Operand) -> Rendered:
    """A list of so many items, which names are assigned from."""
    items, count = (operand(argument).text for argument in node.arguments)
    return Rendered(f"($__l := {items}; $count($__l) = {count} ? $__l : $error('ValueError'))")


def _least(items: list[str], *default: Any) -> Any:
    return min(items) if items or not default else default[0]


def _greatest(items: list[str], *default: Any) -> Any:
    return max(items) if items or not default else default[0]


def _next_of(items: list[Any], default: Any) -> Any:
    return next(iter(items), default)


def _each_once(items: list[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


def _of_length(items: list[Any], count: int) -> list[Any]:
    if len(items) != count:
        raise ValueError(f"{count} values are expected, got {len(items)}")
    return items


def _sliced(value: Any, start: int | None, stop: int | None, step: int) -> Any:
    return value[start:stop:step]


PYTHON: Final[Mapping[str, Callable[..., Any]]] = {
    "min.text": _least,
    "max.text": _greatest,
    "next": _next_of,
    "slice.by": _sliced,
    "list.repeat": operator.mul,
    "unpacked": _of_length,
    "distinct": _each_once,
    "list.count": operator.countOf,
    "list.index": operator.indexOf,
}

JSONATA: Final[Mapping[str, Renderer]] = {
    "min.by": _extreme_by,
    "max.by": _extreme_by,
    "min.text": _extreme_text,
    "max.text": _extreme_text,
    "next": _next,
    "slice.by": _by_step,
    "list.repeat": _repeated,
    "unpacked": _unpacked,
    "distinct": _distinct,
    "list.count": _count,
    "list.index": _index,
}
