"""Expression trees to what JSONPath states can say: paths, intrinsic calls and payload templates.

`$` means another thing in each field: the input of the state in Parameters, its result in ResultSelector and Assign,
the error output in a catcher. So every function takes the root, the part of `$states` that `$` is where the text will
stand.
What JSONPath cannot say raises NotInJsonPath; nothing is approximated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from stepsmith.errors import ExpressionError
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import INT, EnumType, ListType, Type, is_text
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json

Root: TypeAlias = Literal["input", "result", "errorOutput"]
DEEPEST: Final = 10
"""How many intrinsic calls may lie inside each other."""

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARTS: Final = {"input": "the input", "result": "the result", "errorOutput": "the error output"}


class NotInJsonPath(ExpressionError):
    """An expression that JSONPath cannot say; the message says which part, and what to do instead."""


def to_path(node: Expression, root: Root, *, reference: bool = False) -> str:
    """Give an expression as a path; as a Reference Path, which has no slices and no negative indexes, if asked for."""
    match node:
        case tree.Variable(name=name):
            return f"${name}"
        case tree.State(part="context"):
            return "$$"
        case tree.State(part=part) if part == root:
            return "$"
        case tree.State(part=part):
            raise NotInJsonPath(
                f"{_PARTS[part]} of the state is out of sight here, where $ is {_PARTS[root]}: "
                "assign it to a variable in a state before"
            )
        case tree.Field(value=value, name=name):
            return to_path(value, root, reference=reference) + _member(name)
        case tree.Item(value=value, index=tree.Constant(value=str() as key)):
            return to_path(value, root, reference=reference) + _member(key)
        case tree.Item(value=value, index=tree.Constant(value=int() as index)) if index >= 0 or not reference:
            return f"{to_path(value, root, reference=reference)}[{index}]"
        case tree.Slice(value=value, start=start, stop=stop) if not reference and _same_slice(node):
            return f"{to_path(value, root)}[{'' if start is None else start}:{'' if stop is None else stop}]"
        case _:
            raise NotInJsonPath(f"{_what(node)} is no path: assign it to a variable in a state before")


def is_path(node: Expression) -> bool:
    """Say whether an expression is a path, whatever its root."""
    match node:
        case tree.Variable() | tree.State():
            return True
        case tree.Field(value=value) | tree.Item(value=value, index=tree.Constant()):
            return is_path(value)
        case tree.Slice(value=value):
            return is_path(value) and _same_slice(node)
        case _:
            return False


def _same_slice(node: tree.Slice) -> bool:
    """Say whether Jayway cuts a list there as Python does: from the start, or the last few."""
    start, stop = node.start, node.stop
    if not isinstance(node.type, ListType):
        return False
    from_end = start is not None and start < 0 and stop is None
    from_start = (
        (start is None or start >= 0)
        and (stop is None or stop > (start or 0))
        and (start, stop) != (None, None)
    )
    return from_end or from_start


def _member(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return f".{name}"
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def to_argument(node: Expression, root: Root, depth: int = 0) -> str:
    """Give an expression as the argument of an intrinsic call: a path, a constant or another call."""
    if isinstance(node, tree.Constant):
        return _constant(node.value, depth)
    if is_path(node):
        return to_path(node, root)
    return to_call(node, root, depth)


def to_call(node: Expression, root: Root, depth: int = 0) -> str:
    """Give an expression as an intrinsic call."""

    def argument(inner: Expression) -> str:
        return to_argument(inner, root, depth + 1)

    if depth >= DEEPEST:
        raise NotInJsonPath(f"more than {DEEPEST} intrinsic functions lie inside each other: use a variable")
    match node:
        case tree.Text(parts=parts):
            return _format(parts, argument)
        case tree.Binary():
            return _binary(node, argument)
        case tree.Call():
            return _call(node, argument)
        case tree.Compare(operator="in", left=item, right=items) if isinstance(items.type, ListType):
            return f"States.ArrayContains({argument(items)}, {argument(item)})"
        case tree.ListOf(elements=elements) if not any(isinstance(item, tree.Spread) for item in elements):
            return f"States.Array({', '.join(map(argument, elements))})"
        case tree.Item(value=value, index=index) if index.type == INT:
            return f"States.ArrayGetItem({argument(value)}, {argument(index)})"
        case tree.ObjectOf(entries=entries) if all(isinstance(value, tree.Constant) for _, value in entries):
            return _constant(_constant_object(entries), depth)
        case tree.ObjectOf(entries=entries) if all(key is None for key, _ in entries):
            parts = [value.value if isinstance(value, tree.Spread) else value for _, value in entries]
            return _merged(parts, argument)
        case tree.Compare() | tree.Bool() | tree.Truth() | tree.Unary(operator="not"):
            raise NotInJsonPath(f"{_what(node)} has no value in JSONPath: branch with a Choice state")
        case tree.Raw(text=text):
            raise NotInJsonPath(f"the JSONata expression {text!r} cannot stand in a JSONPath state")
        case _:
            raise NotInJsonPath(f"{_what(node)} has no intrinsic function: use a task")


def _format(parts: tuple[Expression, ...], argument: Callable[[Expression], str]) -> str:
    template = "".join(
        _escaped(str(part.value)) if isinstance(part, tree.Constant) else "{}" for part in parts
    )
    values = [argument(part) for part in parts if not isinstance(part, tree.Constant)]
    arguments = [f"'{template}'", *values]
    return f"States.Format({', '.join(arguments)})"


def _binary(node: tree.Binary, argument: Callable[[Expression], str]) -> str:
    left, right = node.left, node.right
    match node.operator:
        case "+" if _is_integer(left.type) and _is_integer(right.type):
            return f"States.MathAdd({argument(left)}, {argument(right)})"
        case "-" if _is_integer(left.type) and isinstance(right, tree.Constant) and type(right.value) is int:
            return f"States.MathAdd({argument(left)}, {-right.value})"
        case "+" if is_text(left.type) and is_text(right.type):
            return _format((left, right), argument)
        case "|":
            return _merged([left, right], argument)
        case _:
            raise NotInJsonPath(
                f"{node.operator} has no intrinsic function for these operands: JSONPath adds integers only"
            )


def _merged(parts: list[Expression], argument: Callable[[Expression], str]) -> str:
    found = argument(parts[0])
    for part in parts[1:]:
        found = f"States.JsonMerge({found}, {argument(part)}, false)"
    return found


def _is_integer(kind: Type) -> bool:
    return kind == INT or (isinstance(kind, EnumType) and kind.base == "int")


def _call(node: tree.Call, argument: Callable[[Expression], str]) -> str:
    match node.function, node.arguments:
        case "len", (value,) if isinstance(value.type, ListType):
            return f"States.ArrayLength({argument(value)})"
        case "str", (value,) if value.type == INT:
            return _format((value,), argument)
        case "uuid", ():
            return "States.UUID()"
        case "message", _:
            raise NotInJsonPath("message() has no intrinsic function: use error['Cause']")
        case function, _:
            raise NotInJsonPath(f"{function}() has no intrinsic function here: use a task")


def _constant(value: Json, depth: int) -> str:
    match value:
        case str():
            return f"'{_escaped(value)}'"
        case list():
            if depth + 1 >= DEEPEST:
                raise NotInJsonPath(f"a constant has more than {DEEPEST} arrays inside each other")
            return f"States.Array({', '.join(_constant(item, depth + 1) for item in value)})"
        case dict():
            return f"States.StringToJson('{_escaped(json.dumps(value, ensure_ascii=False))}')"
        case _:
            return json.dumps(value)


def _escaped(text: str) -> str:
    """Escape what the text of an intrinsic call may not hold as it is."""
    return re.sub(r"(['{}\\])", r"\\\1", text)


def _constant_object(entries: tuple[tuple[Expression | None, Expression], ...]) -> dict[str, Json]:
    return {_key(key): value.value for key, value in entries if isinstance(value, tree.Constant)}


def _key(key: Expression | None) -> str:
    if not isinstance(key, tree.Constant):
        raise NotInJsonPath("a payload template has constant keys only")
    return str(key.value)


def to_member(name: str, node: Expression, root: Root) -> tuple[str, Json]:
    """Give a member of a payload template: its key, with `.$` where the value is evaluated, and its value."""
    match node:
        case tree.Constant(value=value):
            return name, _literal(value)
        case tree.ObjectOf() if not _merges(node):
            return name, to_payload(node, root)
        case tree.ListOf(elements=elements) if elements and all(map(_stands_in_array, elements)):
            return name, [_element(element, root) for element in elements]
        case _:
            return f"{name}.$", to_path(node, root) if is_path(node) else to_call(node, root)


def to_payload(node: tree.ObjectOf, root: Root) -> dict[str, Json]:
    """Give an object as a payload template."""
    return dict(to_member(_template_key(_key(key)), value, root) for key, value in node.entries)


def _merges(node: tree.ObjectOf) -> bool:
    return any(not isinstance(key, tree.Constant) for key, _ in node.entries)


def _stands_in_array(node: Expression) -> bool:
    return isinstance(node, tree.Constant) or (isinstance(node, tree.ObjectOf) and not _merges(node))


def _element(node: Expression, root: Root) -> Json:
    return to_payload(node, root) if isinstance(node, tree.ObjectOf) else to_member("", node, root)[1]


def _template_key(key: str) -> str:
    if key.endswith(".$"):
        raise NotInJsonPath(f"the value of the key {key!r} would be evaluated in a payload template")
    return key


def _literal(value: Json) -> Json:
    match value:
        case dict():
            return {_template_key(key): _literal(item) for key, item in value.items()}
        case list():
            return [_literal(item) for item in value]
        case _:
            return value


_WHAT: Final[dict[type, str]] = {
    tree.Constant: "a constant",
    tree.Slice: "this slice",
    tree.Item: "an item with a computed key",
    tree.Unary: "this operation",
    tree.Binary: "this operation",
    tree.Compare: "a comparison",
    tree.Truth: "a condition",
    tree.Bool: "a condition",
    tree.Conditional: "a conditional expression",
    tree.Text: "a text made of parts",
    tree.ListOf: "a list",
    tree.ObjectOf: "an object made of parts",
    tree.Comprehension: "a comprehension",
    tree.DictComprehension: "a comprehension",
    tree.Raw: "a JSONata expression",
}


def _what(node: Expression) -> str:
    return f"{node.function}()" if isinstance(node, tree.Call) else _WHAT.get(type(node), "this")
