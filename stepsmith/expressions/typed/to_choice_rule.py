"""Conditions to the rules of JSONPath's Choice states.

The static type picks the family of the operator. A comparison with a value of another kind is false in both, so a value
that may be None is compared like one that is not.
"""

from __future__ import annotations

from typing import Final, cast

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    NONE,
    DictType,
    EnumType,
    ListType,
    OptionalType,
    Type,
    describe,
    is_number,
    is_text,
    without_none,
)
from stepsmith.expressions.typed.to_jsonpath import NotInJsonPath, Root, is_path, to_path
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json

_ORDER: Final = {"<": "LessThan", "<=": "LessThanEquals", ">": "GreaterThan", ">=": "GreaterThanEquals"}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def to_choice_rule(node: Expression, root: Root = "input") -> dict[str, Json]:
    """Give a condition as a rule without Next. Raises NotInJsonPath where no rule says the same."""
    match node:
        case tree.Bool(operator=operator, values=values):
            rules: list[Json] = [to_choice_rule(value, root) for value in values]
            return {"And" if operator == "and" else "Or": rules}
        case tree.Unary(operator="not", operand=operand):
            return _not(to_choice_rule(operand, root))
        case tree.Compare(operator="in" | "not in", left=item, right=collection):
            rule = _membership(item, collection, root)
            return _not(rule) if node.operator == "not in" else rule
        case tree.Compare(operator=operator, left=left, right=right):
            if not _can_be_left(left) and _can_be_left(right):
                operator, left, right = _MIRRORED[operator], right, left
            return _comparison(operator, left, right, root)
        case tree.Truth(value=value):
            return _truth(value, root)
        case tree.Call(
            function="str.startswith" | "str.endswith", arguments=(value, tree.Constant(value=part))
        ):
            pattern = _pattern(str(part))
            pattern = f"{pattern}*" if node.function == "str.startswith" else f"*{pattern}"
            return {"Variable": to_path(value, root), "StringMatches": pattern}
        case _ if node.type in (BOOL, ANY):
            return {"Variable": to_path(node, root), "BooleanEquals": True}
        case _:
            raise NotInJsonPath(f"{describe(node.type)} is no condition")


def _not(rule: dict[str, Json]) -> dict[str, Json]:
    inner = rule.get("Not")
    return inner if isinstance(inner, dict) else {"Not": rule}


def _comparison(operator: str, left: Expression, right: Expression, root: Root) -> dict[str, Json]:
    if operator == "!=":
        return _not(_comparison("==", left, right, root))
    if _is_length(left):
        return _length(operator, cast(tree.Call, left).arguments[0], right, root)
    variable = to_path(left, root)
    if right.type == NONE:
        return {"Variable": variable, "IsNull": True}
    if isinstance(left.type, OptionalType) and isinstance(right.type, OptionalType):
        raise NotInJsonPath(
            "no rule says that two values that may be None are equal: compare each with None first"
        )
    name = _family(left.type, right.type) + _ORDER.get(operator, "Equals")
    if name.startswith("Boolean") and operator != "==":
        raise NotInJsonPath("bools have no order")
    if isinstance(right, tree.Constant):
        return {"Variable": variable, name: right.value}
    return {"Variable": variable, f"{name}Path": to_path(right, root)}


def _family(left: Type, right: Type) -> str:
    kinds = (without_none(left), without_none(right))
    for group, name in ((is_number, "Numeric"), (_is_string, "String")):
        if all(map(group, kinds)):
            return name
    if kinds == (BOOL, BOOL):
        return "Boolean"
    if kinds == (DATETIME, DATETIME):
        return "Timestamp"
    if all(isinstance(kind, EnumType) for kind in kinds):
        return "Numeric"
    raise NotInJsonPath(f"no rule compares {describe(left)} with {describe(right)}: use a task")


def _is_string(kind: Type) -> bool:
    return is_text(kind) or (
        isinstance(kind, EnumType) and all(isinstance(value, str) for value in kind.values)
    )


def _can_be_left(node: Expression) -> bool:
    return is_path(node) or _is_length(node)


def _is_length(node: Expression) -> bool:
    return (
        isinstance(node, tree.Call)
        and node.function == "len"
        and isinstance(node.arguments[0].type, ListType)
        and is_path(node.arguments[0])
    )


def _length(operator: str, items: Expression, right: Expression, root: Root) -> dict[str, Json]:
    """Say with IsPresent how many elements a list has: it has more than n where it has an element n."""
    if not isinstance(right, tree.Constant) or type(right.value) is not int:
        raise NotInJsonPath("a rule compares a length with a constant only: assign it to a variable first")
    path, count = to_path(items, root), right.value

    def more_than(least: int) -> dict[str, Json]:
        if least < 0:
            raise NotInJsonPath(f"a length is never below {least + 1}, so the condition is no condition")
        return {"Variable": f"{path}[{least}]", "IsPresent": True}

    match operator:
        case ">":
            return more_than(count)
        case ">=":
            return more_than(count - 1)
        case "<":
            return _not(more_than(count - 1))
        case "<=":
            return _not(more_than(count))
        case _ if count == 0:
            return _not(more_than(0))
        case _:
            return {"And": [more_than(count - 1), _not(more_than(count))]}


def _membership(item: Expression, collection: Expression, root: Root) -> dict[str, Json]:
    match collection:
        case tree.Constant(value=list() as values) if values and isinstance(collection.type, ListType):
            kind = collection.type.item
            options = tuple(
                tree.Constant(value=value, type=NONE if value is None else kind) for value in values
            )
            return _any(item, options, root)
        case tree.ListOf(elements=elements) if elements and not any(
            isinstance(e, tree.Spread) for e in elements
        ):
            return _any(item, elements, root)
        case _ if is_text(collection.type) and isinstance(item, tree.Constant):
            return {"Variable": to_path(collection, root), "StringMatches": f"*{_pattern(str(item.value))}*"}
        case _ if isinstance(collection.type, DictType) and isinstance(item, tree.Constant):
            member = tree.Item(value=collection, index=item, type=collection.type.value)
            return {"Variable": to_path(member, root), "IsPresent": True}
        case _:
            raise NotInJsonPath("no rule says this `contains`: assign it to a variable of type bool first")


def _any(item: Expression, options: tuple[Expression, ...], root: Root) -> dict[str, Json]:
    rules = [_comparison("==", item, option, root) for option in options]
    return rules[0] if len(rules) == 1 else {"Or": list[Json](rules)}


def _truth(value: Expression, root: Root) -> dict[str, Json]:
    kind = value.type
    variable = to_path(value, root)
    if isinstance(kind, OptionalType):
        inner = without_none(kind)
        present = _not({"Variable": variable, "IsNull": True})
        if not (is_number(inner) or is_text(inner) or inner == BOOL):
            raise NotInJsonPath(f"no rule says whether {describe(kind)} is true: compare it with None")
        return {"And": [present, _plain_truth(variable, inner)]}
    return _plain_truth(variable, kind)


def _plain_truth(variable: str, kind: Type) -> dict[str, Json]:
    if kind == BOOL:
        return {"Variable": variable, "BooleanEquals": True}
    if is_number(kind):
        return _not({"Variable": variable, "NumericEquals": 0})
    if is_text(kind):
        return _not({"Variable": variable, "StringEquals": ""})
    if isinstance(kind, ListType):
        return {"Variable": f"{variable}[0]", "IsPresent": True}
    raise NotInJsonPath(f"no rule says whether {describe(kind)} is true: compare it")


def _pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")
