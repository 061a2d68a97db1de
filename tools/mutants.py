"""Small mistakes in Python modules, one at a time: what tests should notice.

Operators and comparisons are exchanged, numbers, booleans and texts changed, conditions turned round, statements that
call, raise or change something left out, results dropped, `with` blocks entered without what they stand for, errors
that are caught let through.

Left alone are docstrings, annotations, decorators, and what only type checkers read, because nothing runs differently;
the texts of errors, which people read; texts inside of calls and displays, which name the parts of requests: a misspelt
one fails wherever it is used, and would only flatter the tests; `strict` of `zip`, which says what is so; locks,
because what they prevent happens too rarely for a test to count on; and what a module does as a program, which is a
process of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from os.path import commonprefix
from typing import Final, TypeAlias

CONTEXT: Final = 30
"""Characters that are shown around what was changed."""
COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
_PLAIN: Final = (ast.Compare, ast.Assign, ast.AnnAssign, ast.Return, ast.IfExp)
"""What a text has to be a part of itself."""
Change: TypeAlias = "Callable[[ast.AST], ast.AST]"
"""Gives what stands in the place of a node; it may be the node itself, changed."""


@dataclass(frozen=True)
class Mutant:
    """A module with one mistake."""

    path: str
    line: int
    place: str
    """The function or class around it."""
    before: str
    after: str
    statement: tuple[int, int]
    """The first and the last line of the statement that is changed; of one with a body, of what precedes it."""
    is_inside: bool
    """Whether it changes the body of a function, which does not run when the module is imported."""
    source: str
    index: int
    """Where the statement is in a walk over the module."""
    changed: ast.stmt
    """What stands in its place."""

    @property
    def name(self) -> str:
        """What it is known by in lists: it holds until the statement itself is changed."""
        return f"{self.path} {self.place}: `{self.before}` -> `{self.after}`"

    def tree(self) -> ast.Module:
        """Make the module with the mistake in it."""
        tree = ast.parse(self.source)
        statement = next(islice(ast.walk(tree), self.index, None))
        _replace(tree, statement, self.changed)
        return ast.fix_missing_locations(tree)


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """Give all mutants of a module, from top to bottom."""
    tree = ast.parse(source)
    places = {id(node): index for index, node in enumerate(ast.walk(tree))}
    around = _statements(tree)
    inside = {id(each) for function in ast.walk(tree) for each in _inside(function)}
    for place, node, parent in _parts(tree, "module"):
        for change in _changes(node, parent):
            statement = around[id(node)]
            changed = _changed(statement, node, change)
            line = getattr(node, "lineno", statement.lineno)
            before, after = _short(_text(statement), _text(changed))
            index = places[id(statement)]
            is_inside = id(statement) in inside
            yield Mutant(
                path, line, place, before, after, _lines(statement), is_inside, source, index, changed
            )


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef):
        for statement in node.body:
            yield from ast.walk(statement)


def _changed(statement: ast.stmt, node: ast.AST, change: Change) -> ast.stmt:
    """Give a copy of a statement in which one node is changed."""
    whole = deepcopy(statement)
    place = next(index for index, each in enumerate(ast.walk(statement)) if each is node)
    copy = next(islice(ast.walk(whole), place, None))
    changed = change(copy)
    if copy is whole:
        assert isinstance(changed, ast.stmt)
        return changed
    if changed is not copy:
        _replace(whole, copy, changed)
    return whole


def _lines(statement: ast.stmt) -> tuple[int, int]:
    body: list[ast.stmt] = getattr(statement, "body", [])
    last = statement.end_lineno or statement.lineno
    return statement.lineno, max(statement.lineno, body[0].lineno - 1) if body else last


def _statements(tree: ast.Module) -> dict[int, ast.stmt]:
    """Give the innermost statement around each node, which is what a reader is shown."""
    found: dict[int, ast.stmt] = {}

    def note(node: ast.AST, around: ast.stmt | None) -> None:
        within = node if isinstance(node, ast.stmt) else around
        if within is not None:
            found[id(node)] = within
        for child in ast.iter_child_nodes(node):
            note(child, within)

    note(tree, None)
    return found


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, name, [new if each is old else each for each in value])


def _parts(node: ast.AST, place: str) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Give the nodes that may be changed, with the name of what is around them, and what they are part of."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_left_alone(node, child):
                continue
            inner = f"{place}.{child.name}" if isinstance(child, ast.FunctionDef | ast.ClassDef) else place
            yield inner.removeprefix("module."), child, node
            yield from _parts(child, inner)


def _is_left_alone(parent: ast.AST, child: ast.AST) -> bool:
    if isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True  # a docstring
    if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "__name__ == '__main__'"):
        return True
    if isinstance(parent, ast.keyword) and parent.arg == "strict":
        return True
    return isinstance(parent, ast.Raise)


def _changes(node: ast.AST, parent: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=ops):
            for index, operator in enumerate(ops):
                if type(operator) in COMPARISONS:
                    yield partial(_exchange, index)
        case ast.BoolOp():
            yield _exchange_and_or
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield lambda copy: copy.operand  # type: ignore[attr-defined]  # it has one
        case ast.BinOp() | ast.AugAssign() if type(node.op) in OPERATORS:
            yield _exchange_operator
        case ast.Constant(value=bool() | int()):
            yield _change_constant
        case ast.Constant(value=str()) if isinstance(parent, _PLAIN):
            yield _change_constant
        case ast.If() | ast.IfExp() | ast.While() if not _has_opposite(node.test):
            yield _turn_round
        case ast.comprehension(ifs=[_, *_]):
            yield partial(_set, "ifs", [])
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield partial(_set, "value", ast.Constant(None))
        case ast.ExceptHandler(body=body) if ast.unparse(body) != "raise":  # pyright: ignore[reportArgumentType]  # of nodes
            yield partial(_set, "body", [ast.Raise()])
        case ast.With(items=items) if not any(_is_lock(item.context_expr) for item in items):
            yield lambda copy: ast.If(ast.Constant(True), copy.body, [])  # type: ignore[attr-defined]  # it has a body
        case (
            ast.Assign(targets=[ast.Subscript() | ast.Attribute()]) | ast.Expr() | ast.Raise() | ast.Delete()
        ):
            yield lambda copy: ast.Pass()
        case _:
            pass


def _is_lock(expression: ast.expr) -> bool:
    name = expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")
    return name.endswith("lock")


def _has_opposite(test: ast.expr) -> bool:
    """Say whether a condition is turned round when its own operator is changed."""
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn() | ast.Is() | ast.IsNot()]):
            return True
        case _:
            return False


def _set(field: str, value: object, copy: ast.AST) -> ast.AST:
    setattr(copy, field, value)
    return copy


def _exchange(index: int, copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.Compare)
    copy.ops[index] = COMPARISONS[type(copy.ops[index])]()
    return copy


def _exchange_and_or(copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.BoolOp)
    copy.op = ast.Or() if isinstance(copy.op, ast.And) else ast.And()
    return copy


def _exchange_operator(copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.BinOp | ast.AugAssign)
    copy.op = OPERATORS[type(copy.op)]()
    return copy


def _change_constant(copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.Constant)
    value = copy.value
    if isinstance(value, bool):
        copy.value = not value
    else:
        copy.value = value + 1 if isinstance(value, int) else f"{value}~"
    return copy


def _turn_round(copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.If | ast.IfExp | ast.While)
    copy.test = ast.UnaryOp(ast.Not(), copy.test)
    return copy


def _text(node: ast.AST) -> str:
    """Give a statement on one line, of one with a body the first, without decorators."""
    lines = ast.unparse(node).splitlines()
    if isinstance(node, ast.Try):
        return " ".join(" ".join(lines).split())  # what is changed is one of its handlers
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return next(line for line in lines if line.startswith(("def ", "class ")))
    return lines[0] if hasattr(node, "body") else " ".join(" ".join(lines).split())


def _short(before: str, after: str) -> tuple[str, str]:
    """Give where two texts differ, with some of what is around."""
    same = commonprefix([before, after])  # noqa: RUF071 - of characters
    start = max(0, len(same) - CONTEXT)
    tail = commonprefix([before[len(same) :][::-1], after[len(same) :][::-1]])  # noqa: RUF071 - of characters
    cut = max(0, len(tail) - CONTEXT)
    shown = [
        f"{'…' * (start > 0)}{text[start : len(text) - cut]}{'…' * (cut > 0)}" for text in (before, after)
    ]
    return shown[0], shown[1]
