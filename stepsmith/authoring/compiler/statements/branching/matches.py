"""match, as one Choice state: a rule for each case, and what its pattern binds assigned on the way there."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.expressions.environment import Condition, Environment, Local
from stepsmith.authoring.compiler.expressions.fitting import fits
from stepsmith.authoring.compiler.expressions.narrowing.constants import known
from stepsmith.authoring.compiler.statements.assignments import bind_target
from stepsmith.authoring.compiler.statements.branching.ifs import UNKNOWN, choice, condition, is_never
from stepsmith.authoring.compiler.statements.branching.patterns import (
    Matched,
    Subject,
    all_values,
    for_use,
    matched,
)
from stepsmith.authoring.compiler.statements.failing import guard, rules_of
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.ways import join_ways
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.values.unions import TRUE, values_left
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import NEVER, Type
from stepsmith.expressions.typed.tree import Expression


@dataclass(slots=True)
class _Cases:
    """A match statement while its cases are compiled."""

    subject: Subject | None
    """What is matched; None where it is refused."""
    draft: Draft
    left: Type
    """What the cases so far have left of its type."""
    environment: Environment
    """What is known where none of them matched."""
    ways: list[tuple[Ends, Environment]] = field(default_factory=list[tuple[Ends, Environment]])
    complete: bool = False
    """Whether one of them matches whatever is left."""


def match_(s: StatementCompiler, node: ast.Match) -> None:
    """Compile match: one Choice with one rule for each case."""
    subject = _subject(s, node.subject)
    draft = Draft(choice(s, node, node.subject), Edge())
    s.scope.add(s.ends, draft)
    kind = NEVER if subject is None else all_values(known(s.x, node.subject, subject.value.type))
    cases = _Cases(subject, draft, kind, s.environment)
    for case in node.cases:
        _case(s, cases, case)
    if not draft.rules and cases.complete and cases.subject is not None and _binds(node):
        # nothing is decided: what the pattern binds is assigned on the way
        state = draft.state
        draft.state = graph.Pass(name=state.name, span=state.span)
        join_ways(s, cases.ways)
        return
    if not draft.rules:
        raise s.refusal(node, "W100", "a match without a case for a constant decides nothing", "remove it")
    every = cases.left == NEVER and subject is not None
    if not cases.complete and draft.edge is not None and not every:
        cases.ways.append(([draft.edge], cases.environment))
    elif not cases.complete:
        draft.edge = None
    join_ways(s, cases.ways)
    s.decided = s.decided or (every and not s.ends)


def _case(s: StatementCompiler, cases: _Cases, case: ast.match_case) -> None:
    never = case.guard is None and _takes_all(case.pattern) and is_never(s, case.body)
    if cases.complete and never:
        return
    if cases.complete:
        raise s.refusal(case.pattern, "W204", "this case is never reached", "put it before `case _`")
    if never and cases.left != NEVER:
        text = ", ".join(sorted(values_left(for_use(cases.left))))
        raise s.refusal(case.pattern, "W204", f"assert_never() is reached with {text}", "add a case for it")
    s.environment = cases.environment
    said = _said(s, cases, case.pattern)
    inside = cases.environment.with_narrowing(said.when)
    guarded = None if case.guard is None else _guard(s, case, said, inside)
    test = said.test if guarded is None else _both(said.test, guarded.test)
    left = said.rest if guarded is None else cases.left
    edge = Edge()
    # the last of all values needs no test, for there is no other
    if case.guard is not None and guarded is not None:
        s.environment = inside
        cases.draft.rules += [
            (_both(said.test, failing), edge) for failing, edge in rules_of(s, case.guard, [guarded.test])
        ]
    if test == TRUE or (left == NEVER and cases.draft.rules and cases.subject and not tree.can_fail(test)):
        cases.complete = True
        cases.draft.edge = edge
    else:
        cases.draft.rules.append((test, edge))
        cases.complete = left == NEVER and cases.subject is not None
        cases.draft.edge = None if cases.complete else cases.draft.edge
    _way(s, cases, case, edge, inside, said, guarded)
    if left != cases.left:
        cases.left = left
        path = None if cases.subject is None or cases.subject.node is None else s.x.path(cases.subject.node)
        if path is not None and left != NEVER:
            cases.environment = cases.environment.with_narrowing({path: for_use(left)})


def _binds(node: ast.Match) -> bool:
    return any(isinstance(each, ast.MatchClass | ast.MatchSequence) for each in ast.walk(node))


def _takes_all(pattern: ast.pattern | None) -> bool:
    return pattern is None or (isinstance(pattern, ast.MatchAs) and _takes_all(pattern.pattern))


def _both(pattern: Expression, guard: Expression) -> Expression:
    return guard if pattern == TRUE else tree.Bool(operator="and", values=(pattern, guard))


def _subject(s: StatementCompiler, node: ast.expr) -> Subject | None:
    """Give what is matched, in a variable where it is computed; None where it is refused."""
    try:
        value = s.x.compile(node)
        guard(s, node, [value])
    except (Refusal, Spoiled) as problem:
        s.note(problem)
        return None
    if _is_named(value):
        return Subject(value, node)
    return Subject(s.fresh("subject", value, node), None)


def _is_named(value: Expression) -> bool:
    if isinstance(value, tree.ListOf):
        return all(map(_is_named, value.elements))
    return isinstance(value, tree.Variable | tree.Field | tree.Constant)


def _said(s: StatementCompiler, cases: _Cases, pattern: ast.pattern) -> Matched:
    """Give what a pattern says; where it is refused, what it binds is not known."""
    if cases.subject is not None:
        try:
            return matched(s.x, pattern, cases.subject, cases.left)
        except (Refusal, Spoiled) as problem:
            s.note(problem)
    bound = [each.name for each in ast.walk(pattern) if isinstance(each, ast.MatchAs | ast.MatchStar)]
    s.environment.spoiled.update(name for name in bound if name is not None)
    return Matched(UNKNOWN, cases.left)


def _guard(s: StatementCompiler, case: ast.match_case, said: Matched, inside: Environment) -> Condition:
    assert case.guard is not None
    for name in said.names:
        if name in inside.assigned:
            # in Python, a pattern binds its names also where the guard does not hold
            message = f"`{name}` keeps what the pattern binds where the guard does not hold"
            raise s.refusal(case.pattern, "W100", message, "give it a name of its own in the pattern")
    s.environment = inside.with_bound(said.names)
    with s.x.without_tasks("in the guard of a case"):
        return condition(s, case.guard)


def _way(
    s: StatementCompiler,
    cases: _Cases,
    case: ast.match_case,
    edge: Edge,
    inside: Environment,
    said: Matched,
    guard: Condition | None,
) -> None:
    s.ends, s.environment = [edge], inside.copy()
    hidden = _bind(s, case.pattern, said)
    if guard is not None:
        s.environment.narrowed.update(guard.when_true)
    s.body(case.body)
    for name, local in hidden.items():
        s.environment.locals[name] = local
        s.environment.assigned.discard(name)
    cases.ways.append((s.ends, s.environment))


def _bind(s: StatementCompiler, pattern: ast.pattern, said: Matched) -> dict[str, Local]:
    """Assign what a pattern binds; gives names that have another type in other cases, and have it again afterwards."""
    hidden: dict[str, Local] = {}
    values: dict[str, Expression] = {}
    for name, value in said.names.items():
        local = s.environment.locals.get(name)
        if local is not None and name not in s.environment.assigned and not fits(value, local.type):
            hidden[name] = local
            s.environment.locals[name] = Local(s.scope.fresh(name), value.type)
        target = ast.copy_location(ast.Name(name, ast.Store()), pattern)
        try:
            values.update(bind_target(s, target, value, None))
        except Refusal as problem:
            s.note(problem)
            s.environment.spoiled.add(name)
    s.assign(values, pattern)
    return hidden
