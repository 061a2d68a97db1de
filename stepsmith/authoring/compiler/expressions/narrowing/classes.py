"""`isinstance`: which members of a union an object of Python is, and how JSON shows it."""

from __future__ import annotations

import abc
import ast
import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from stepsmith.authoring.compiler.expressions.environment import Condition
from stepsmith.authoring.compiler.expressions.narrowing.constants import known
from stepsmith.authoring.compiler.expressions.protocol import MISSING, ExpressionCompiler
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.authoring.values.unions import members, of_members, test_of, union_of
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NONE,
    STR,
    DictType,
    EnumType,
    ListType,
    ModelType,
    TupleType,
    Type,
    describe,
)
from stepsmith.expressions.typed.tree import Expression

_PLAIN: Final = ((BOOL, bool), (INT, int), (STR, str), (DATETIME, datetime), (NONE, type(None)))


def isinstance_(x: ExpressionCompiler, node: ast.Call) -> Condition:
    """Give `isinstance(value, Class)` as a condition."""
    if len(node.args) != 2 or node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
        raise x.refusal(
            node, "W161", "isinstance() takes a value and a class", "write isinstance(value, Class)"
        )
    place, what = node.args
    value = x.compile(place)
    kind = known(x, place, value.type)
    classes = _classes(x, what)
    if kind == ANY:
        return _of_any(x, node, value, classes)
    wanted = instances(x, node, kind, classes, kind)
    test = test_of(value, kind, wanted)
    if test is None:
        raise not_told_apart(x, node, kind)
    path = x.path(place)
    if path is None:
        return Condition(test)
    rest = [member for member in members(kind) if member not in wanted]
    return Condition(test, {path: of_members(wanted, kind)}, {path: of_members(rest, kind)})


_JSON: Final[Mapping[type[Any], tuple[str, Type | None]]] = {
    str: ("string", STR),
    list: ("array", ListType(ANY)),
    dict: ("object", DictType(ANY)),
    bool: ("boolean", BOOL),
    type(None): ("null", NONE),
    int: ("number", None),
    float: ("number", None),
}
"""Classes of what JSON holds -> what `$type` calls it, and what it is known to be."""


def _of_any(
    x: ExpressionCompiler, node: ast.Call, value: Expression, classes: Sequence[type[Any]]
) -> Condition:
    """Give the test of a value whose type nobody knows, by what it is in JSON; a bool is an int in Python."""
    other = next((each for each in classes if each not in _JSON), None)
    if other is not None:
        message = f"whether Any is {other.__name__} cannot be told from JSON"
        raise x.refusal(node, "W121", message, "ask for str, bool, list, dict, None, or int | float")
    if (int in classes) != (float in classes):
        message = "whether a number of Any is int or float cannot be told from JSON"
        raise x.refusal(node, "W121", message, "ask for both: isinstance(value, int | float)")
    names = dict.fromkeys(_JSON[each][0] for each in classes)
    if int in classes:
        names["boolean"] = None
    kind = tree.Call(function="json.type", arguments=(value,), type=STR)
    listed = tree.Constant(value=list(names), type=ListType(STR))
    test = tree.Compare(operator="in", left=kind, right=listed, span=x.source.span(node))
    path, known_as = x.path(node.args[0]), [_JSON[each][1] for each in classes]
    found = [each for each in known_as if each is not None]
    if path is None or len(found) < len(known_as):
        return Condition(test)
    return Condition(test, {path: union_of(found)})


def _classes(x: ExpressionCompiler, node: ast.expr) -> tuple[type[Any], ...]:
    """Give the classes that the second argument names."""
    match node:
        case ast.Tuple(elts=elts):
            return tuple(found for each in elts for found in _classes(x, each))
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return (*_classes(x, left), *_classes(x, right))
        case ast.Constant(value=None) | ast.Call(args=[ast.Constant(value=None)]) if _is_none(x, node):
            return (type(None),)
        case _:
            return (a_class(x, node),)


def _is_none(x: ExpressionCompiler, node: ast.expr) -> bool:
    """Say whether an expression is `None` or `type(None)`."""
    return not isinstance(node, ast.Call) or x.static(node.func) is type


def a_class(x: ExpressionCompiler, node: ast.expr) -> type[Any]:
    """Give the class that an expression names."""
    found = x.static(node)
    if not isinstance(found, type):
        problem = "is not known before the run" if found is MISSING else "is no class"
        raise x.refusal(node, "W161", f"{ast.unparse(node)} {problem}", "name a class of a module")
    if hasattr(found, "__required_keys__"):
        message = f"isinstance() fails in Python for {found.__name__}, which is a TypedDict"
        raise x.refusal(node, "W161", message, "compare a field that has another value in each of them")
    if not _is_plain(found):
        message = f"isinstance() of {found.__name__} runs code of its own"
        raise x.refusal(node, "W220", message, "test a field that says which kind it is")
    return found


def _is_plain(python: type[Any]) -> bool:
    meta = type(python)
    named = (meta.__module__, meta.__name__)
    if python is object:
        return True
    own = named == ("pydantic._internal._model_construction", "ModelMetaclass")
    return own or (meta in (type, abc.ABCMeta, enum.EnumMeta) and "__subclasshook__" not in vars(python))


def instances(
    x: ExpressionCompiler, node: ast.AST, kind: Type, classes: Sequence[type[Any]], whole: Type
) -> list[Type]:
    """Give the members of a type whose values are instances of one of some classes; `whole` is what was declared."""
    found: list[Type] = []
    alone = len([member for member in members(whole) if member != NONE]) == 1
    for member in members(kind):
        said = _is_instance(member, classes, alone=alone)
        if said is None:
            names = " or ".join(each.__name__ for each in classes)
            message = f"whether {describe(member)} is {names} cannot be told from JSON"
            raise x.refusal(node, "W121", message, _help(member, classes))
        if said:
            found.append(member)
    return found


def _help(member: Type, classes: Sequence[type[Any]]) -> str:
    if member in (FLOAT, INT):
        return "ask for both: isinstance(value, int | float)"
    return "test a field that says which kind it is, or `is not None`"


def _is_instance(member: Type, classes: Sequence[type[Any]], *, alone: bool) -> bool | None:
    """Say whether values of a type are instances of one of some classes; None where only some are."""
    if member == FLOAT:  # an int may stand there
        both = [issubclass(each, tuple(classes)) for each in (int, float)]
        return both[0] if both[0] == both[1] else None
    python = _python(member)
    if python is None or (alone and isinstance(member, ListType)):
        return None
    if issubclass(python, tuple(classes)):
        return True
    below = any(issubclass(each, python) for each in classes if each is not bool)
    literal = isinstance(member, EnumType) and member.python is None
    return None if below and not literal and member not in (NONE, BOOL) else False


def _python(member: Type) -> type[Any] | None:
    match member:
        case EnumType(python=python, values=values):
            return python or type(values[0])
        case ListType():
            return list
        case TupleType():
            return tuple
        case DictType() | ModelType(kind="TypedDict"):
            return dict
        case ModelType(python=python):
            return python
        case _:
            return next((python for scalar, python in _PLAIN if scalar == member), None)


def not_told_apart(x: ExpressionCompiler, node: ast.AST, kind: Type) -> Refusal:
    """Make the refusal of a test of members that look the same in JSON."""
    models = [member for member in members(kind) if isinstance(member, ModelType)]
    help = "give them types that differ in JSON, or make the decision in a task"
    if len(models) > 1:
        help = (
            "give each a field such as `kind: Literal['card']`, and declare `Field(discriminator='kind')`, "
            "or fields that only one of them must have"
        )
    return x.refusal(node, "W121", f"JSON does not tell the members of {describe(kind)} apart", help)


def value_of_test(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give `isinstance(value, Class)` as a value."""
    return isinstance_(x, node).test
