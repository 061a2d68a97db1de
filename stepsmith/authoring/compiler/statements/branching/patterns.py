"""Patterns of `match`: when they match, what they bind, and what is left where they do not."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Final, cast

from stepsmith.authoring.compiler.expressions.comparisons import comparable
from stepsmith.authoring.compiler.expressions.environment import Narrowing
from stepsmith.authoring.compiler.expressions.narrowing.classes import a_class, instances, not_told_apart
from stepsmith.authoring.compiler.expressions.narrowing.constants import (
    as_declared,
    constants_of,
    known,
    one_of,
)
from stepsmith.authoring.compiler.expressions.protocol import MISSING, ExpressionCompiler, library_call
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.authoring.values.unions import FALSE, TRUE, drop, members, of_members, test_of, union_of
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    INT,
    NEVER,
    NONE,
    STR,
    DictType,
    EnumType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    describe,
    join,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

_TRUTHS: Final = EnumType("bool", (True, False), "none")
"""The values of a bool, of which a match may leave one."""
_BY_ITSELF: Final = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
"""Classes whose one positional pattern is the value itself."""


@frozen
class Matched:
    """What a pattern says of a subject."""

    test: Expression
    """Whether it matches."""
    rest: Type
    """What is left of the type of the subject where it does not."""
    names: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    """What it binds."""
    when: Narrowing = field(default_factory=dict[str, Type])
    """What is known where it matches."""

    @property
    def always(self) -> bool:
        """Whether it matches whatever the value is."""
        return self.test == TRUE


@frozen
class Subject:
    """What is matched: its value, and the place that it is known by."""

    value: Expression
    node: ast.expr | None
    """Its source, where narrowing knows it by that."""


def all_values(kind: Type) -> Type:
    """Give a type to take cases from: a bool is one of two values."""
    return of_members((_TRUTHS if member == BOOL else member for member in members(kind)), kind)


def for_use(kind: Type) -> Type:
    """Give what is left of a type for what stands there: a bool stays one."""
    return of_members(_as_bool(members(kind)), kind)


def matched(x: ExpressionCompiler, pattern: ast.pattern, subject: Subject, left: Type) -> Matched:
    """Give what a pattern says of a subject; `left` is what the cases before have left of its type."""
    match pattern:
        case ast.MatchAs(pattern=None, name=name):
            value = replace(subject.value, type=as_declared(for_use(left), subject.value.type))
            return Matched(TRUE, NEVER, {} if name is None else {name: value})
        case ast.MatchAs(pattern=inner, name=str() as name) if inner is not None:
            said = matched(x, inner, subject, left)
            kind = _kind_in(x, said, subject)
            return replace(said, names={**said.names, name: replace(subject.value, type=kind)})
        case ast.MatchValue(value=value):
            return _constant(x, subject, left, value)
        case ast.MatchSingleton(value=value):
            return _constant(x, subject, left, ast.copy_location(ast.Constant(value), pattern))
        case ast.MatchOr(patterns=patterns):
            return _any_of(x, pattern, patterns, subject, left)
        case ast.MatchClass():
            return _class(x, pattern, subject, left)
        case ast.MatchSequence(patterns=patterns):
            return _sequence(x, pattern, patterns, subject, left)
        case ast.MatchMapping():
            return _mapping(x, pattern, subject, left)
        case _:
            help = "match constants, and read fields inside the case"
            raise _unsupported(x, pattern, help)


def _unsupported(x: ExpressionCompiler, pattern: ast.pattern, help: str) -> Refusal:
    message = f"the pattern `{ast.unparse(pattern)}` is not supported in a workflow"
    return x.refusal(pattern, "W100", message, help)


def _kind_in(x: ExpressionCompiler, said: Matched, subject: Subject) -> Type:
    path = None if subject.node is None else x.path(subject.node)
    kind = subject.value.type
    return kind if path is None else as_declared(said.when.get(path, kind), kind)


def _constant(x: ExpressionCompiler, subject: Subject, left: Type, node: ast.expr) -> Matched:
    constant, value = x.compile(node), subject.value
    if x.static(node) is MISSING or not comparable(value, constant):
        message = (
            f"matching {describe(value.type)} with {ast.unparse(node)} is not the same in Python and JSONata"
        )
        raise x.refusal(node, "W110", message, "match constants of the same type")
    test = tree.Compare(operator="==", left=value, right=constant)
    if constant.type == NONE:
        rest = of_members((member for member in members(left) if member != NONE), left)
        path = None if subject.node is None else x.path(subject.node)
        return Matched(test, rest, {}, {} if path is None else {path: NONE})
    if constant.type == BOOL and isinstance(constant, tree.Constant):
        return Matched(test, drop(left, (cast("Any", constant.value),)))
    found = constants_of(constant)
    narrow: Narrowing = {} if subject.node is None else one_of(x, subject.node, value.type, found)[0]
    return Matched(test, drop(left, found) if found else left, {}, {**_not_none(x, subject), **narrow})


def _not_none(x: ExpressionCompiler, subject: Subject) -> Narrowing:
    """Say that a subject is not None, where it might be."""
    path = None if subject.node is None else x.path(subject.node)
    if path is None or subject.node is None or not isinstance(subject.value.type, OptionalType):
        return {}
    whole = known(x, subject.node, subject.value.type)
    return {path: of_members((member for member in members(whole) if member != NONE), whole)}


def _any_of(
    x: ExpressionCompiler, pattern: ast.pattern, patterns: list[ast.pattern], subject: Subject, left: Type
) -> Matched:
    said: list[Matched] = []
    rest = left
    for each in patterns:
        said.append(matched(x, each, subject, rest))
        rest = said[-1].rest
    tests = tuple(each.test for each in said)
    test = TRUE if TRUE in tests else tree.Bool(operator="or", values=tests)
    when = {
        path: of_members(
            dict.fromkeys(member for each in said for member in members(each.when[path])), subject.value.type
        )
        for path in said[0].when
        if all(path in each.when for each in said)
    }
    return Matched(test, rest, {name: _bound(name, said) for name in said[0].names}, when)


def _bound(name: str, said: Sequence[Matched]) -> Expression:
    """Give what a name stands for: what the first alternative that matches binds it to."""
    found = said[-1].names[name]
    for each in reversed(said[:-1]):
        value = each.names[name]
        kind = join(value.type, found.type) or union_of((value.type, found.type))
        if _place(value) == _place(found):
            found = replace(value, type=kind)
        else:
            found = tree.Conditional(test=each.test, then=value, otherwise=found, type=kind)
    return found


def _place(value: Expression) -> Expression:
    """Give a value without what is known of its type."""
    bare = tree.rebuild(value, _place)
    return replace(bare, type=NEVER, span=None)


def _both(*tests: Expression) -> Expression:
    found = tuple(test for test in tests if test != TRUE)
    if FALSE in found:
        return FALSE
    return TRUE if not found else found[0] if len(found) == 1 else tree.Bool(operator="and", values=found)


# classes


def _class(x: ExpressionCompiler, pattern: ast.MatchClass, subject: Subject, left: Type) -> Matched:
    python = a_class(x, pattern.cls)
    value = subject.value
    wanted = instances(x, pattern, left, [python], subject.value.type)
    test = test_of(value, left, wanted)
    if test is None:
        raise not_told_apart(x, pattern, left)
    if not wanted:
        message = f"{describe(left)} is never {ast.unparse(pattern.cls)} here"
        raise x.refusal(pattern, "W204", message, "remove this case")
    kind = for_use(of_members(wanted, left))
    path = None if subject.node is None else x.path(subject.node)
    inner = Subject(replace(value, type=kind), subject.node)
    parts = _attributes(x, pattern, inner, python)
    said = Matched(
        _both(test, *(part.test for part in parts)),
        of_members((member for member in members(left) if member not in wanted), left),
        {name: found for part in parts for name, found in part.names.items()},
        {**({} if path is None else {path: kind}), **{p: k for part in parts for p, k in part.when.items()}},
    )
    return said if all(part.always for part in parts) else replace(said, rest=left)


def _as_bool(kinds: Sequence[Type]) -> list[Type]:
    return [BOOL if isinstance(kind, EnumType) and kind.name == "bool" else kind for kind in kinds]


def _attributes(
    x: ExpressionCompiler, pattern: ast.MatchClass, subject: Subject, python: type
) -> list[Matched]:
    """Give what the patterns inside a class pattern say."""
    if python in _BY_ITSELF:
        if len(pattern.patterns) > 1 or pattern.kwd_attrs:
            raise _unsupported(x, pattern, f"write `{python.__name__}()`, or `{python.__name__}(name)`")
        return [matched(x, each, subject, subject.value.type) for each in pattern.patterns]
    positions: tuple[str, ...] = getattr(python, "__match_args__", ())
    if len(pattern.patterns) > len(positions):
        message = (
            f"{python.__name__}() takes {len(positions)} patterns by position, got {len(pattern.patterns)}"
        )
        raise x.refusal(pattern, "W161", message, f"write {python.__name__}(field=...)")
    names = [*positions[: len(pattern.patterns)], *pattern.kwd_attrs]
    return [
        _field(x, subject, name, each)
        for name, each in zip(names, [*pattern.patterns, *pattern.kwd_patterns], strict=True)
    ]


def _field(x: ExpressionCompiler, subject: Subject, name: str, pattern: ast.pattern) -> Matched:
    kinds = members(subject.value.type)
    found = [kind.fields.get(name) if isinstance(kind, ModelType) else None for kind in kinds]
    fields = [each for each in found if each is not None]
    if len(fields) < len(found) or len({each.key for each in fields}) > 1:
        known = [each for kind in kinds if isinstance(kind, ModelType) for each in kind.fields]
        close = difflib.get_close_matches(name, known, n=1)
        help = f"did you mean '{close[0]}'?" if close else f"its fields are {', '.join(dict.fromkeys(known))}"
        raise x.refusal(pattern, "W131", f"{describe(subject.value.type)} has no field '{name}'", help)
    kind = union_of(each.type for each in fields)
    value = tree.Field(value=subject.value, name=fields[0].key, type=kind)
    node = subject.node and ast.copy_location(ast.Attribute(subject.node, name, ast.Load()), subject.node)
    return matched(x, pattern, Subject(value, node), all_values(kind))


# lists, tuples and dicts


def _of_shape(
    x: ExpressionCompiler, pattern: ast.pattern, subject: Subject, left: Type, wanted: Sequence[Type]
) -> tuple[Expression, Subject, Narrowing]:
    """Give the test whether a subject is of one of some members, the subject as such a one, and that it is known."""
    test = test_of(subject.value, left, wanted)
    if not wanted or test is None:
        message = f"{describe(for_use(left))} does not fit the pattern `{ast.unparse(pattern)}`"
        raise x.refusal(pattern, "W134", message, "match a list, a tuple of as many items, or keys of a dict")
    kind = of_members(wanted, left)
    path = None if subject.node is None else x.path(subject.node)
    inner = Subject(replace(subject.value, type=kind), subject.node)
    return test, inner, {} if path is None or test == TRUE else {path: kind}


def _sequence(
    x: ExpressionCompiler,
    pattern: ast.MatchSequence,
    patterns: list[ast.pattern],
    subject: Subject,
    left: Type,
) -> Matched:
    wanted = [member for member in members(left) if isinstance(member, ListType | TupleType)]
    test, subject, when = _of_shape(x, pattern, subject, left, wanted)
    said = _items(x, pattern, patterns, subject, wanted[0])
    rest = of_members((member for member in members(left) if member not in wanted), left)
    rest = rest if said.always else left
    return Matched(_both(test, said.test), rest, said.names, {**when, **said.when})


def _items(
    x: ExpressionCompiler,
    pattern: ast.MatchSequence,
    patterns: list[ast.pattern],
    subject: Subject,
    left: Type,
) -> Matched:
    star = next((at for at, each in enumerate(patterns) if isinstance(each, ast.MatchStar)), None)
    value, count = subject.value, len(patterns) - (star is not None)
    match value.type:
        case TupleType(items=items) if star is None and len(items) == count:
            parts = [
                matched(x, each, _item(subject, at, items[at]), all_values(items[at]))
                for at, each in enumerate(patterns)
            ]
            enough: Expression = TRUE
        case ListType(item=item):
            length = library_call(x, pattern, "len", INT, value)
            number = tree.Constant(value=count, type=INT)
            enough = tree.Compare(operator="==" if star is None else ">=", left=length, right=number)
            parts = [
                matched(
                    x,
                    each,
                    _item(subject, at if star is None or at < star else at - len(patterns), item),
                    item,
                )
                for at, each in enumerate(patterns)
                if at != star
            ]
            parts += [] if star is None else [_rest_of_list(x, patterns[star], value, star, len(patterns))]
            enough = TRUE if count == 0 and star is not None else enough
        case _:
            message = f"{describe(value.type)} does not fit the pattern `{ast.unparse(pattern)}`"
            raise x.refusal(pattern, "W134", message, "match a list, or a tuple of as many items")
    names = {name: found for part in parts for name, found in part.names.items()}
    when = {path: kind for part in parts for path, kind in part.when.items()}
    always = enough == TRUE and all(part.always for part in parts)
    return Matched(_both(enough, *(part.test for part in parts)), NEVER if always else left, names, when)


def _item(subject: Subject, at: int, kind: Type) -> Subject:
    if isinstance(subject.value, tree.ListOf) and isinstance(subject.node, ast.Tuple | ast.List):
        return Subject(subject.value.elements[at], subject.node.elts[at])
    place = tree.Constant(value=at, type=INT)
    value = tree.Item(value=subject.value, index=place, type=kind, certain=True)
    if subject.node is None or at < 0:
        return Subject(value, None)
    node = ast.Subscript(subject.node, ast.Constant(at), ast.Load())
    return Subject(value, ast.fix_missing_locations(ast.copy_location(node, subject.node)))


def _rest_of_list(
    x: ExpressionCompiler, pattern: ast.pattern, value: Expression, star: int, count: int
) -> Matched:
    name = pattern.name if isinstance(pattern, ast.MatchStar) else None
    stop = star - count + 1
    rest = tree.Slice(value=value, start=star, stop=stop or None, type=value.type)
    return Matched(TRUE, NEVER, {} if name is None else {name: rest})


def _mapping(x: ExpressionCompiler, pattern: ast.MatchMapping, subject: Subject, left: Type) -> Matched:
    if pattern.rest is not None:
        raise _unsupported(x, pattern, "match keys of a dict, and read others inside the case")
    names_of_keys = [x.static(key) for key in pattern.keys]
    wanted = [
        member
        for member in members(left)
        if _has_keys(member) and all(_under(member, key) for key in names_of_keys)
    ]
    if not wanted and any(map(_has_keys, members(left))):
        message = f"{describe(left)} has no keys {', '.join(map(ast.unparse, pattern.keys))}"
        raise x.refusal(pattern, "W131", message, "match keys that it has, as texts")
    test, subject, shape = _of_shape(x, pattern, subject, left, wanted)
    tests: list[Expression] = []
    parts: list[Matched] = []
    for name, inner in zip(map(str, names_of_keys), pattern.patterns, strict=True):
        found = union_of(kind for member in wanted if (kind := _under(member, name)) is not None)
        constant = tree.Constant(value=name, type=STR)
        place = tree.Field(value=subject.value, name=name, type=found)
        tests.append(tree.Call(function="exists", arguments=(place,), type=BOOL))
        item = tree.Item(value=subject.value, index=constant, type=found, certain=True)
        node = subject.node and ast.copy_location(
            ast.Subscript(subject.node, ast.Constant(name), ast.Load()), subject.node
        )
        parts.append(
            matched(x, inner, Subject(item, node and ast.fix_missing_locations(node)), all_values(found))
        )
    names = {name: found for part in parts for name, found in part.names.items()}
    when = {**shape, **{path: found for part in parts for path, found in part.when.items()}}
    others = of_members((member for member in members(left) if member not in wanted), left)
    whole = _both(test, *tests, *(part.test for part in parts))
    return Matched(whole, left if tests else others, names, when)


def _has_keys(kind: Type) -> bool:
    return isinstance(kind, DictType) or (isinstance(kind, ModelType) and kind.kind == "TypedDict")


def _under(kind: Type, key: object) -> Type | None:
    """Give the type of what is under a key; None where there is none."""
    if isinstance(kind, DictType):
        return kind.value if isinstance(key, str) else None
    field = kind.fields.get(str(key)) if isinstance(kind, ModelType) and _has_keys(kind) else None
    return None if field is None else field.type
