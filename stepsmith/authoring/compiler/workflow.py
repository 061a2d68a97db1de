"""`@workflow`: a whole workflow function to a state machine."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, Never, NoReturn, ParamSpec, TypeVar, overload

from stepsmith.authoring.calls.boundary import Boundary, Parameter, namespace
from stepsmith.authoring.calls.converter import EMPTY
from stepsmith.authoring.calls.retries import whole_seconds
from stepsmith.authoring.compiler.drafts import Draft, Edge
from stepsmith.authoring.compiler.express import check_express
from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment, assigned_names
from stepsmith.authoring.compiler.naming import Made, name_states
from stepsmith.authoring.compiler.passes.door import check_in_first_task
from stepsmith.authoring.compiler.statements.assignments import check_name
from stepsmith.authoring.compiler.statements.dispatch import Statements
from stepsmith.authoring.compiler.statements.incoming import (
    HELP,
    check_readable,
    check_written,
    inconvertible,
)
from stepsmith.authoring.compiler.statements.leaving import fall_off
from stepsmith.authoring.compiler.statements.scopes import Machine, ScopeBuilder
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.build import build
from stepsmith.authoring.source.diagnostics import DefinitionError, Diagnostic, Refusal
from stepsmith.authoring.source.functions import Source, read_source
from stepsmith.authoring.tasks.provisions import Policy
from stepsmith.authoring.values.defaults import filled, or_default
from stepsmith.authoring.values.reach import reach_of
from stepsmith.authoring.values.reading import reading
from stepsmith.authoring.values.types import error_names
from stepsmith.authoring.workflows.ended import check_ended
from stepsmith.authoring.workflows.triggers import Trigger
from stepsmith.authoring.workflows.workflow import Check, Compiled, Workflow
from stepsmith.errors import WorkflowError
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ErrorType, ModelType, Type, describe
from stepsmith.expressions.typed.tree import Expression

P = ParamSpec("P")
R = TypeVar("R")
_WITHOUT_RESULT: Final[tuple[object, ...]] = (Never, NoReturn)
_INPUT: Final = ModelType("input", "object")


@overload
def workflow(function: Callable[P, R], /) -> Workflow[P, R]: ...
@overload
def workflow(
    *,
    fuse: bool = True,
    triggers: Sequence[Trigger] = (),
    policies: Sequence[Policy] = (),
    checked: bool = False,
    timeout: timedelta | None = None,
    express: bool = False,
    ended: Workflow[..., Any] | None = None,
    refusals: Sequence[type[WorkflowError]] = (),
) -> Callable[[Callable[P, R]], Workflow[P, R]]: ...
def workflow(
    function: Callable[..., Any] | None = None,
    /,
    *,
    fuse: bool = True,
    triggers: Sequence[Trigger] = (),
    policies: Sequence[Policy] = (),
    checked: bool = False,
    timeout: timedelta | None = None,
    express: bool = False,
    ended: Workflow[..., Any] | None = None,
    refusals: Sequence[type[WorkflowError]] = (),
) -> Any:
    """Make a function a workflow and compile it.

    With `fuse=False` every statement has a state of its own. `triggers` start it once it is deployed, and `policies`
    are what its state machine may do besides what its states say. With `checked=True` the state machine checks its
    input itself, for executions that something else starts than `run` and `start`, which check it anyway: the first
    task does it, where the parameters of the workflow are among its own, and no handler keeps what it does not take.
    An execution ends with States.Timeout after `timeout`; with `express` executions are Express ones, of at most five
    minutes, which wait for no others. `ended` is the workflow that begins when an execution has failed, timed out or
    been aborted: it takes what EventBridge says of that, and ends what the execution could not. `refusals` are the
    errors by which it refuses something as it should, such as a declined card: once it is deployed they raise no alarm.
    Raises DefinitionError, with every refusal, where the function is not in the subset that compiles.
    """
    for error in refusals:
        for name in error_names(error):
            if name.startswith("States."):
                raise ValueError(f"{name} cannot be a refusal: it tells of a fault")
    if ended is not None:
        check_ended(ended.name, ended.boundary, express=express)

    def decorate(function: Callable[P, R]) -> Workflow[P, R]:
        boundary = Boundary(function)
        reach = reach_of(function)
        names = sorted({name for error in refusals for name in error_names(error, reach)})
        seconds = None if timeout is None else whole_seconds("timeout", timeout)
        compiled = compile_function(
            function, boundary, fuse=fuse, checked=checked, timeout=seconds, express=express
        )
        return Workflow(
            function,
            boundary,
            compiled,
            triggers=triggers,
            policies=policies,
            checked=checked,
            timeout=timeout,
            express=express,
            ended=ended,
            refusals=names,
        )

    return decorate if function is None else decorate(function)


def compile_function(
    function: Callable[..., object],
    boundary: Boundary,
    *,
    fuse: bool = True,
    checked: bool = False,
    timeout: int | None = None,
    express: bool = False,
) -> Compiled:
    """Compile a workflow function. Raises DefinitionError with every refusal, in the order of the source.

    Its input is checked by the first task where that takes all of it, otherwise by expressions.
    """
    source = read_source(function)
    reach = reach_of(function)
    ways: tuple[Check, ...] = ("by task", "by expressions") if checked else (None,)
    for check in ways:
        machine = Machine(fuse, reach)
        scope = _named(function, boundary, source, machine, check)
        if scope is not None:
            summary = (function.__doc__ or "").strip().split("\n")[0]
            if express:
                check_express(scope)
            built = build(scope, comment=summary or None, timeout_seconds=timeout)
            return Compiled(built.machine, built.spans, machine.tasks, machine.children, check)
    raise AssertionError("only a check by the first task can be impossible")


def _named(
    function: Callable[..., object], boundary: Boundary, source: Source, machine: Machine, check: Check
) -> graph.Scope | None:
    """Give the states of a workflow function with their names; None where its first task cannot check the input."""
    refusals: list[Diagnostic] = []
    values: dict[str, Expression] = {}
    try:
        scope = _compile(function, boundary, source, machine, refusals, values, check)
        if scope is not None and not refusals:
            helpers = [helper.source for helper in machine.helpers.values()]
            scope = name_states(scope, source, helpers, Made(machine.wanted_names, machine.called_from))
    except Refusal as refusal:
        refusals.append(refusal.diagnostic)
        scope = None
    except RecursionError:
        refusals.append(
            source.diagnostic(
                source.function,
                "W100",
                "expressions or statements nested this deeply are not supported in a workflow",
                "assign parts of a long expression to variables first",
            )
        )
        scope = None
    if refusals or scope is None:
        raise DefinitionError(_in_order(refusals, source.file))
    return check_in_first_task(scope, boundary, values, machine.tasks) if check == "by task" else scope


def _in_order(refusals: list[Diagnostic], file: str) -> list[Diagnostic]:
    """Give refusals in the order of the source, those in other files last, and each once."""
    by_place = sorted(refusals, key=lambda found: (found.span.line, found.span.column))
    return sorted(dict.fromkeys(by_place), key=lambda found: (found.span.file != file, found.span.file))


def _compile(
    function: Callable[..., object],
    boundary: Boundary,
    source: Source,
    machine: Machine,
    refusals: list[Diagnostic],
    values: dict[str, Expression],
    check: Check,
) -> graph.Scope | None:
    names = namespace(function)
    node = source.function
    parameters = [parameter.name for parameter in boundary.parameters]
    own = [*parameters, *assigned_names(node.body)]
    scope = ScopeBuilder(machine, None, dict.fromkeys(name for name in own if not name.startswith("_")))
    expressions = Expressions(source, names, Environment(), set(own))
    statements = Statements(scope, expressions, result=_result(boundary, source, refusals), refusals=refusals)
    _start(statements, boundary, node, values, checked=check == "by expressions")
    statements.body(node.body)
    if refusals:
        return None
    fall_off(statements, node)
    return scope.build()


def _result(boundary: Boundary, source: Source, refusals: list[Diagnostic]) -> Type | None:
    node = source.function.returns
    if boundary.signature.return_annotation is EMPTY:
        return None
    try:
        endless = any(boundary.result.annotation is each for each in _WITHOUT_RESULT)
        problem = "" if endless else inconvertible(boundary.result)
    except (NameError, TypeError) as error:
        problem = f"the return annotation cannot be read: {error}"
    if problem:
        refusals.append(source.diagnostic(node or source.function, "W104", problem, None))
        return None
    return boundary.result.type


def _start(
    s: Statements, boundary: Boundary, node: ast.FunctionDef, values: dict[str, Expression], *, checked: bool
) -> None:
    """Assign the parameters, and put down in `values` what each is."""
    arguments = {argument.arg: argument for argument in [*node.args.args, *node.args.kwonlyargs]}
    edge = Edge()
    for parameter in boundary.parameters:
        try:
            kind, value = _parameter(s, arguments[parameter.name], parameter, checked=checked)
        except Refusal as refusal:
            s.refusals.append(refusal.diagnostic)
            s.environment.spoiled.add(parameter.name)
            continue
        local = s.declare(parameter.name, kind)
        s.environment.assigned.add(parameter.name)
        edge.assign[local.variable] = values[parameter.name] = value
    if edge.assign:
        state = graph.Pass(name=s.scope.name("Start"), span=s.x.source.span(node))
        s.scope.add(s.ends, Draft(state, edge))
        s.ends = [edge]


def _parameter(
    s: Statements, place: ast.arg, parameter: Parameter, *, checked: bool
) -> tuple[Type, Expression]:
    """Give the type of a parameter, and what it is when an execution starts."""
    name = parameter.name
    check_name(s, place, name)
    if place.annotation is None:
        raise s.refusal(place, "W104", f"parameter '{name}' has no annotation", "give it a type")
    try:
        kind = parameter.type
    except (NameError, TypeError) as error:
        raise s.refusal(place, "W104", f"annotation of '{name}' cannot be read: {error}", None) from error
    if isinstance(kind, ErrorType):
        message = f"'{name}' is {describe(kind)}, and an error has no JSON form"
        raise s.refusal(place, "W107", message, "take what it says: its text, or its name")
    problem = inconvertible(parameter.converter)
    if problem:
        raise s.refusal(place.annotation, "W104", problem, HELP)
    if checked:
        check_readable(s, place.annotation, parameter.converter)
    check_written(s, place.annotation, kind)
    member = tree.Field(value=tree.State(part="input", type=_INPUT), name=name, type=kind)
    value = reading(member, kind, name) if checked else filled(member, kind)
    if parameter.required:
        return kind, value
    try:
        default = parameter.converter.to_json(parameter.default)
    except (
        ValueError,
        RuntimeError,
    ) as error:  # of pydantic: a value that does not fit, a type that it does not know
        message = f"the default of '{name}' is no {describe(kind)}: {str(error).splitlines()[-1].strip()}"
        raise s.refusal(place, "W201", message, "give it a default of its type, or none") from error
    return kind, or_default(member, value, default)
