"""if and match, as Choice states."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final, assert_never

from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.expressions import operators
from stepsmith.authoring.compiler.expressions.comparisons import comparable
from stepsmith.authoring.compiler.expressions.environment import Condition, Environment
from stepsmith.authoring.compiler.expressions.protocol import MISSING
from stepsmith.authoring.compiler.statements.inlining import helper_of, makes_states
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import Inlined
from stepsmith.authoring.compiler.statements.ways import join_ways
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.source.names import condition_words, sentence
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    NONE,
    EnumType,
    OptionalType,
    describe,
)
from stepsmith.expressions.typed.tree import Expression

_UNKNOWN: Final = tree.Compare(operator="==", left=tree.State(part="input"), right=tree.State(part="result"))
"""Stands for a refused condition."""


def if_(s: StatementCompiler, node: ast.If) -> None:
    """Compile if, elif and else: one Choice with one rule for each condition."""
    said = condition(s, node.test)
    known = _known(said.test) if any(isinstance(around, Inlined) for around in s.around) else None
    if known is not None:
        s.environment = s.environment.with_narrowing(said.when_true if known else said.when_false)
        s.body(node.body if known else node.orelse)
        s.decided = True
        return
    draft = Draft(_choice(s, node, node.test), Edge())
    s.scope.add(s.ends, draft)
    environment = s.environment
    ways: list[tuple[Ends, Environment]] = []
    rest: Sequence[ast.stmt] = [node]
    while len(rest) == 1 and isinstance(clause := rest[0], ast.If):
        if clause is not node:
            if _needs_states(s, clause.test):
                break
            s.environment = environment
            said = condition(s, clause.test)
        edge = Edge()
        draft.rules.append((said.test, edge))
        _way(s, [edge], environment.with_narrowing(said.when_true), clause.body, ways)
        environment = environment.with_narrowing(said.when_false)
        rest = clause.orelse
    assert draft.edge is not None
    _way(s, [draft.edge], environment, rest, ways)
    join_ways(s, ways)


def _known(test: Expression) -> bool | None:
    """Give what a condition over the constant arguments of a helper function is; None where the run decides it."""
    match test:
        case tree.Constant(value=bool() as value):
            return value
        case tree.Unary(operator="not", operand=operand):
            inner = _known(operand)
            return None if inner is None else not inner
        case tree.Compare(
            operator="==" | "!=" as operator, left=tree.Constant(value=left), right=tree.Constant(value=right)
        ):
            return (type(left) is type(right) and left == right) == (operator == "==")
        case _:
            return None


def _choice(s: StatementCompiler, node: ast.stmt, test: ast.expr) -> graph.Choice:
    return graph.Choice(
        name=s.scope.name(sentence(f"{condition_words(test)}?")), rules=(), span=s.x.source.span(test)
    )


def condition(s: StatementCompiler, node: ast.expr) -> Condition:
    """Compile the condition of a Choice; what a refused one leads to is compiled all the same."""
    s.x.fallible = False
    try:
        said = operators.condition(s.x, node)
        s.x.fallible = s.x.fallible or tree.can_fail(said.test)
        s.check_fallible(node)
    except (Refusal, Spoiled) as problem:
        s.note(problem)
        return Condition(_UNKNOWN)
    return said


def _way(
    s: StatementCompiler,
    ends: Ends,
    environment: Environment,
    body: Sequence[ast.stmt],
    ways: list[tuple[Ends, Environment]],
) -> None:
    s.ends, s.environment = ends, environment.copy()
    s.body(body)
    ways.append((s.ends, s.environment))


def _needs_states(s: StatementCompiler, node: ast.expr) -> bool:
    """Say whether states have to be made for an expression, before the Choice that it decides."""
    for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        helper = helper_of(s, call)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if helper is not None and (makes_states(s, helper) or not all(map(_is_plain, given))):
            return True
        if isinstance(s.callee(call), Task | Workflow):
            return True
    return False


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.Name) or (
        isinstance(node, ast.Attribute) and _is_plain(node.value)
    )


def match_(s: StatementCompiler, node: ast.Match) -> None:
    """Compile match: one Choice with one rule for each case."""
    subject = _subject(s, node.subject)
    kind = ANY if subject is None else subject.type
    path = s.x.path(node.subject)
    draft = Draft(_choice(s, node, node.subject), Edge())
    s.scope.add(s.ends, draft)
    environment = s.environment
    ways: list[tuple[Ends, Environment]] = []
    complete = False
    left = set(kind.values) if isinstance(kind, EnumType) else None
    for case in node.cases:
        if complete and _is_never(s, case):
            continue
        if complete:
            raise s.refusal(case.pattern, "W204", "this case is never reached", "put it before `case _`")
        s.environment = environment
        test = _test(s, subject, case.pattern)
        inside = environment
        if path is not None and isinstance(kind, OptionalType) and test is not None:
            matched = {_names_none(each) for each in _alternatives(case.pattern)}
            if len(matched) == 1:
                inside = environment.with_narrowing({path: NONE if True in matched else kind.inner})
        if case.guard is not None:
            s.environment = inside
            with s.x.without_tasks("in the guard of a case"):
                said = condition(s, case.guard)
            test = said.test if test is None else tree.Bool(operator="and", values=(test, said.test))
            inside = inside.with_narrowing(said.when_true)
        if left is not None and case.guard is None:
            left -= _values_of(test)
        if test is None and left and _is_never(s, case):
            text = ", ".join(map(repr, sorted(left, key=str)))
            raise s.refusal(
                case.pattern, "W204", f"assert_never() is reached with {text}", "add a case for it"
            )
        # the last of all values needs no test, for there is no other
        if test is None or (left == set() and draft.rules and case.guard is None):
            complete = True
            assert draft.edge is not None
            _way(s, [draft.edge], inside, case.body, ways)
            continue
        edge = Edge()
        draft.rules.append((test, edge))
        _way(s, [edge], inside, case.body, ways)
        if left == set() and case.guard is None:
            complete, draft.edge = True, None
        if (
            case.guard is None
            and path is not None
            and any(map(_names_none, _alternatives(case.pattern)))
            and isinstance(kind, OptionalType)
        ):
            environment = environment.with_narrowing({path: kind.inner})
    if not draft.rules:
        raise s.refusal(node, "W100", "a match without a case for a constant decides nothing", "remove it")
    if not complete and draft.edge is not None:
        ways.append(([draft.edge], environment))
    join_ways(s, ways)
    s.decided = s.decided or (left == set() and not s.ends)


def _subject(s: StatementCompiler, node: ast.expr) -> Expression | None:
    """Give what is matched, in a variable where it is computed; None where it is refused."""
    try:
        subject = s.x.compile(node)
        s.check_fallible(node)
    except (Refusal, Spoiled) as problem:
        s.note(problem)
        return None
    named = isinstance(subject, tree.Variable | tree.Field | tree.Constant)
    return subject if named else s.fresh("subject", subject, node)


def _is_never(s: StatementCompiler, case: ast.match_case) -> bool:
    """Say whether a case is there for type checkers: `case _: assert_never(value)`."""
    match case:
        case ast.match_case(
            pattern=ast.MatchAs(pattern=None), guard=None, body=[ast.Expr(value=ast.Call(func=function))]
        ):
            return s.x.static(function) is assert_never
        case _:
            return False


def _values_of(test: Expression | None) -> set[str | int]:
    """Give the constants that a test of a subject holds for."""
    match test:
        case tree.Compare(operator="==", right=tree.Constant(value=str() | int() as value)):
            return {value}
        case tree.Bool(operator="or", values=values):
            return {found for each in values for found in _values_of(each)}
        case _:
            return set()


def _alternatives(pattern: ast.pattern) -> list[ast.pattern]:
    if not isinstance(pattern, ast.MatchOr):
        return [pattern]
    return [inner for each in pattern.patterns for inner in _alternatives(each)]


def _names_none(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchSingleton) and pattern.value is None


def _test(s: StatementCompiler, subject: Expression | None, pattern: ast.pattern) -> Expression | None:
    if subject is None:
        return _UNKNOWN
    try:
        return _pattern(s, subject, pattern)
    except (Refusal, Spoiled) as problem:
        s.note(problem)
        return _UNKNOWN


def _pattern(s: StatementCompiler, subject: Expression, pattern: ast.pattern) -> Expression | None:
    """Give the test of a pattern; None for the one that always matches."""
    match pattern:
        case ast.MatchAs(pattern=None, name=None):
            return None
        case ast.MatchValue(value=value):
            return _equals(s, subject, value, s.x.compile(value))
        case ast.MatchSingleton(value=value):
            constant = ast.copy_location(ast.Constant(value), pattern)
            return _equals(s, subject, constant, s.x.compile(constant))
        case ast.MatchOr(patterns=patterns):
            tests = [_pattern(s, subject, inner) for inner in patterns]
            known = tuple(test for test in tests if test is not None)
            return None if len(known) < len(tests) else tree.Bool(operator="or", values=known)
        case _:
            help = "match constants, and read fields inside the case"
            raise s.refusal(
                pattern, "W100", f"the pattern `{ast.unparse(pattern)}` is not supported in a workflow", help
            )


def _equals(s: StatementCompiler, subject: Expression, node: ast.expr, value: Expression) -> Expression:
    if s.x.static(node) is MISSING or not comparable(subject, value):
        message = f"matching {describe(subject.type)} with {ast.unparse(node)} is not the same in Python and JSONata"
        raise s.refusal(node, "W110", message, "match constants of the same type")
    return tree.Compare(operator="==", left=subject, right=value)
