"""parallel(), comprehensions of calls and map_items(), as Parallel and Map states."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from stepsmith.asl.model import ProcessorConfig
from stepsmith.authoring.compiler.expressions import comprehensions
from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.compiler.statements import item_readers, tries
from stepsmith.authoring.compiler.statements.assigned import assigned_names
from stepsmith.authoring.compiler.statements.drafts import Draft, Edge, restart
from stepsmith.authoring.compiler.statements.reading import variables_read
from stepsmith.authoring.compiler.statements.scopes import ScopeBuilder
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import from_annotation
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import Rendered, is_plain, wrapped
from stepsmith.expressions.typed.static_types import (
    ANY,
    FLOAT,
    INT,
    NONE,
    STR,
    ListType,
    ModelType,
    TupleType,
    Type,
    assignable,
    describe,
)
from stepsmith.expressions.typed.tree import Expression

if TYPE_CHECKING:
    from stepsmith.authoring.compiler.statements.dispatch import Statements

_OBJECT: Final = ModelType("object", "object")
_OPTIONS: Final = frozenset(
    {
        "max_concurrency",
        "distributed",
        "batch_size",
        "tolerated_failure_count",
        "tolerated_failure_percentage",
        "execution_type",
        "label",
    }
)


def _inner(s: Statements, names: Sequence[str], result: Type | None, environment: Environment) -> Statements:
    from stepsmith.authoring.compiler.statements.dispatch import Statements

    plain = dict.fromkeys(name for name in names if not name.startswith("_"))
    scope = ScopeBuilder(s.scope.machine, s.scope, plain)
    known = environment.inner()
    known.assigned -= set(names)
    for name in names:
        known.locals.pop(name, None)
        known.bound.pop(name, None)
    known.forget(names)
    expressions = Expressions(s.x.source, s.x.names, known, s.x.own | set(names))
    return Statements(
        scope,
        expressions,
        result=result,
        refusals=s.refusals,
        functions=s.functions,
        in_try=s.in_try(),
    )


def parallel(s: Statements, node: ast.Call) -> tuple[Draft, Expression]:
    """Make a Parallel state of parallel(...); its result is a tuple."""
    if node.keywords or not node.args:
        raise s.refusal(
            node, "W210", "parallel() takes calls, one for each branch", "write parallel(first(x), second(y))"
        )
    name = s.scope.name(" and ".join(_branch_name(s, argument) for argument in node.args))
    branches: list[graph.Scope] = []
    kinds: list[Type] = []
    for argument in node.args:
        scope, kind = _branch(s, argument)
        branches.append(scope)
        kinds.append(kind)
    span = s.x.source.span(node)
    draft = Draft(graph.Parallel(name=name, branches=tuple(branches), span=span))
    s.scope.add(s.ends, draft)
    tries.add_catches(s, draft)
    return draft, tree.State(part="result", type=TupleType(tuple(kinds)), span=span)


def _called(s: Statements, node: ast.expr) -> tuple[ast.Call, object, ast.FunctionDef | None] | None:
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name) and node.func.id in s.functions:
        if node.func.id not in s.environment.assigned:
            raise s.refusal(
                node.func,
                "W103",
                f"{node.func.id}() is not defined on every path to here",
                "define it before",
            )
        return node, None, s.functions[node.func.id]
    target = s.callee(node)
    return (node, cast(object, target), None) if isinstance(target, Task | Workflow) else None


def _branch_name(s: Statements, node: ast.expr) -> str:
    called = _called(s, node)
    if called is None:
        help = "call a task, a workflow, or a local function"
        raise s.refusal(node, "W210", f"`{ast.unparse(node)}` is not a call that can be a branch", help)
    _, target, function = called
    if function is not None:
        return sentence(function.name)
    return target.name if isinstance(target, Task) else sentence(cast("Workflow[..., object]", target).name)


def _branch(s: Statements, node: ast.expr) -> tuple[graph.Scope, Type]:
    called = _called(s, node)
    assert called is not None
    call, _, function = called
    if function is None:
        inner = _inner(s, (), None, s.environment)
        return _only_call(inner, call)
    if call.args or call.keywords or _parameters(function):
        help = "use the variables around it: a local function sees them"
        raise s.refusal(call, "W210", f"{function.name}() has parameters, which a branch cannot have", help)
    return _function_body(s, function, {}, call)


def _parameters(function: ast.FunctionDef) -> list[ast.arg]:
    arguments = function.args
    extra = [part for part in (arguments.vararg, arguments.kwarg) if part]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def _only_call(inner: Statements, call: ast.Call) -> tuple[graph.Scope, Type]:
    made = inner.state_of(call)
    assert made is not None
    inner.end_with(call, *made)
    return inner.scope.build(), made[1].type


def _function_body(
    s: Statements, function: ast.FunctionDef, values: Mapping[str, Expression], call: ast.AST
) -> tuple[graph.Scope, Type]:
    names = [*values, *assigned_names(function.body)]
    if function in s.scope.machine.compiling:
        raise s.refusal(call, "W210", f"{function.name}() calls itself", "write a loop, or a child workflow")
    result = None if function.returns is None else from_annotation(s.annotation(function.returns))
    inner = _inner(s, names, result, s.environment)
    for around in s.functions:
        inner.functions.setdefault(around, s.functions[around])
    _begin(inner, values, call, function.name)
    s.scope.machine.compiling.append(function)
    inner.body(function.body)
    s.scope.machine.compiling.pop()
    if s.refusals:
        inner.ends = inner.ends or []
    else:
        inner.fall_off(function)
    kind = result or inner.returned or NONE
    if s.refusals:
        return graph.Scope(states=()), kind
    return inner.scope.build(), kind


def _begin(inner: Statements, values: Mapping[str, Expression], node: ast.AST, name: str) -> None:
    """Name the input of an iteration."""
    if not values:
        return
    edge = Edge()
    for local, value in values.items():
        declared = inner.declare(local, value.type)
        inner.environment.assigned.add(local)
        edge.assign[declared.variable] = value
    state_name = inner.scope.name(f"Begin {name}")
    inner.scope.add(inner.ends, Draft(graph.Pass(name=state_name, span=inner.x.source.span(node)), edge))
    inner.ends = [edge]


# Map


@dataclass(slots=True)
class _Work:
    """What a Map does with each item."""

    node: ast.expr
    """The comprehension or call of map_items()."""
    label: str
    """What an item is called."""
    items: Expression | None
    item: Type
    compile: Callable[[Mapping[str, Expression], Statements], tuple[graph.Scope, Type]]
    """Compiles the processor, given what the names of the item stand for."""
    name: str
    """The local name of the item."""
    reader: graph.ItemReader | None = None


def is_map(s: Statements, node: ast.ListComp) -> bool:
    """Say whether a comprehension calls a task, workflow or local function for each item."""
    return _called(s, node.elt) is not None


def comprehension(s: Statements, node: ast.ListComp) -> tuple[Draft, Expression]:
    """Make a Map state of `[f(x) for x in xs if condition]`."""
    call = cast(ast.Call, node.elt)
    items = _filtered(s, node)
    target = node.generators[0].target
    if not isinstance(target, ast.Name):
        raise s.refusal(
            target, "W134", "the items of a Map have one name", "take the parts inside a local function"
        )
    kind = items.type.item if isinstance(items.type, ListType) else ANY
    return _map(s, _Work(node, target.id, items, kind, _calling(call), target.id), {})


def _filtered(s: Statements, node: ast.ListComp) -> Expression:
    generator = node.generators[0]
    if not generator.ifs and len(node.generators) == 1:
        return comprehensions.iterable(s.x, generator.iter)
    if not isinstance(generator.target, ast.Name):
        raise s.refusal(generator.target, "W134", "the items of a Map have one name", None)
    name = ast.copy_location(ast.Name(generator.target.id, ast.Load()), generator.target)
    return s.x.compile(ast.copy_location(ast.ListComp(name, node.generators), node))


def _calling(call: ast.Call) -> Callable[[Mapping[str, Expression], Statements], tuple[graph.Scope, Type]]:
    def compile(values: Mapping[str, Expression], s: Statements) -> tuple[graph.Scope, Type]:
        called = _called(s, call)
        assert called is not None
        _, _, function = called
        if function is None:
            inner = _inner(s, list(values), None, s.environment)
            _begin(inner, values, call, next(iter(values), "item"))
            scope, kind = _only_call(inner, call)
            return restart(scope), kind
        parameters = _parameters(function)
        own = next(iter(values))
        same = len(call.args) == 1 and isinstance(call.args[0], ast.Name) and call.args[0].id == own
        if len(parameters) != 1 or not same or call.keywords:
            help = f"write {function.name}({own}) with one parameter; other variables are seen anyway"
            raise s.refusal(call, "W210", f"{function.name}() must take exactly the item here", help)
        _check_parameter(s, parameters[0], values[own].type)
        renamed = {parameters[0].arg: values[own], **{k: v for k, v in values.items() if k != own}}
        return _function_body(s, function, renamed, call)

    return compile


def _check_parameter(s: Statements, parameter: ast.arg, kind: Type) -> None:
    if parameter.annotation is None:
        return
    wanted = from_annotation(s.annotation(parameter.annotation))
    if not assignable(kind, wanted):
        raise s.refusal(
            parameter,
            "W201",
            f"parameter '{parameter.arg}' is {describe(wanted)}, got {describe(kind)}",
            None,
        )


def map_items(s: Statements, node: ast.Call) -> tuple[Draft, Expression]:
    """Make a Map state of map_items(...)."""
    options = {keyword.arg or "": keyword.value for keyword in node.keywords}
    positional = dict(zip(("items", "function"), node.args, strict=False))
    for name in ("items", "function"):
        if name in options:
            positional[name] = options.pop(name)
    for name, value in options.items():
        if name not in _OPTIONS:
            raise s.refusal(
                value, "W161", f"map_items() has no option '{name}'", f"it has {', '.join(sorted(_OPTIONS))}"
            )
    if len(node.args) > 2 or set(positional) != {"items", "function"}:
        raise s.refusal(node, "W201", "map_items() takes the items and a function", None)
    items, reader = None, item_readers.reader(s, positional["items"])
    if reader is None:
        items = comprehensions.iterable(s.x, positional["items"])
        kind: Type = items.type.item if isinstance(items.type, ListType) else ANY
    else:
        kind = reader.item
        if not _flag(s, options, "distributed"):
            raise s.refusal(
                positional["items"],
                "W218",
                "items are read from S3 by a distributed Map only",
                "add distributed=True",
            )
    if "batch_size" in options:
        kind = ListType(kind)
    name, label, compile = _function(s, positional["function"])
    work = _Work(node, label, items, kind, compile, name, reader.state if reader else None)
    return _map(s, work, options)


def _function(
    s: Statements, node: ast.expr
) -> tuple[str, str, Callable[[Mapping[str, Expression], Statements], tuple[graph.Scope, Type]]]:
    """Give the name of the item, what to call it, and what compiles the processor."""
    if isinstance(node, ast.Lambda):
        arguments = node.args.args
        if len(arguments) != 1 or node.args.kwonlyargs or node.args.vararg or node.args.kwarg:
            raise s.refusal(
                node, "W210", "the function of map_items() takes the item", "write `lambda item: ...`"
            )
        if _called(s, node.body) is None:
            help = "call a task, a workflow or a local function; or use a comprehension for an expression"
            raise s.refusal(
                node.body, "W210", f"`{ast.unparse(node.body)}` is not a call that can be a state", help
            )
        return arguments[0].arg, arguments[0].arg, _calling(cast(ast.Call, node.body))
    name = "item"
    if isinstance(node, ast.Name) and node.id in s.functions:
        parameters = _parameters(s.functions[node.id])
        if parameters:
            name = parameters[0].arg
    elif not isinstance(s.x.static(node), Task | Workflow):
        help = "pass a task, a workflow, a local function, or a lambda that calls one"
        raise s.refusal(node, "W210", f"`{ast.unparse(node)}` is not a function that can be a state", help)
    else:
        boundary = cast("Task[..., object]", s.x.static(node)).boundary
        if boundary.parameters:
            name = boundary.parameters[0].name
    local = "item" if ast.unparse(node).split(".")[0] != "item" else "element"
    argument = ast.copy_location(ast.Name(local, ast.Load()), node)
    call = ast.copy_location(ast.Call(node, [argument], []), node)
    return local, name, _calling(call)


def _flag(s: Statements, options: Mapping[str, ast.expr], name: str) -> bool:
    found = s.x.static(options[name]) if name in options else False
    if not isinstance(found, bool):
        raise s.refusal(options[name], "W161", f"{name} must be True or False, written here", None)
    return found


def _map(s: Statements, work: _Work, options: Mapping[str, ast.expr]) -> tuple[Draft, Expression]:
    distributed = _flag(s, options, "distributed")
    if not distributed:
        for name in (
            "batch_size",
            "tolerated_failure_count",
            "tolerated_failure_percentage",
            "execution_type",
            "label",
        ):
            if name in options:
                raise s.refusal(
                    options[name], "W218", f"{name} needs a distributed Map", "add distributed=True"
                )
    s.check_fallible(work.node)
    span = s.x.source.span(work.node)
    name = s.scope.name(f"Each {work.label.strip('_').replace('_', ' ') or 'item'}")
    fields: dict[str, object] = {}
    if "max_concurrency" in options:
        fields["max_concurrency"] = s.x.typed(options["max_concurrency"], INT, "max_concurrency")
    if distributed:
        processor, kind = _distributed(s, work, options, fields)
    else:
        item = {work.name: tree.State(part="input", type=work.item)}
        processor, kind = work.compile(item, s)
    s.check_fallible(work.node)
    state = graph.Map(name=name, processor=processor, items=work.items, item_reader=work.reader, span=span)
    draft = Draft(replace(state, **fields))
    s.scope.add(s.ends, draft)
    tries.add_catches(s, draft)
    return draft, _results(options, kind, span)


def _results(options: Mapping[str, ast.expr], kind: Type, span: tree.Span) -> Expression:
    if "tolerated_failure_count" not in options and "tolerated_failure_percentage" not in options:
        return tree.State(part="result", type=ListType(kind), span=span)
    ok = "$not($type($__r) = 'object' and $__r.Status = 'FAILED' and $exists($__r.ExecutionArn))"
    if is_plain(kind):
        text = f"[$filter($states.result, function($__r){{{ok}}})]"
    else:
        kept = f"$append($__a, [{wrapped(Rendered('$__r'), kind)}])"
        text = f"$reduce($states.result, function($__a, $__r){{{ok} ? {kept} : $__a}}, [])"
    return tree.Raw(text=text, type=ListType(kind), span=span)


def _distributed(
    s: Statements, work: _Work, options: Mapping[str, ast.expr], fields: dict[str, object]
) -> tuple[graph.Scope, Type]:
    """Compile the processor of a distributed Map, which sees no variables: what it reads travels with the item."""
    outer = s.environment
    batched = "batch_size" in options
    batch_input = tree.Field(value=tree.State(part="input", type=_OBJECT), name="BatchInput", type=_OBJECT)
    holder: Expression = batch_input if batched else tree.State(part="input", type=_OBJECT)
    item_name = "Items" if batched else "Item"
    passed: dict[str, tuple[str, Type]] = {}
    known = outer.inner()
    for local, found in outer.locals.items():
        if local in outer.assigned:
            fresh = s.scope.fresh(local)
            passed[fresh] = (found.variable, found.type)
            known.locals[local] = Local(fresh, found.type)
    alone = not _reads_outside(s, work, outer)
    place = tree.State(part="input", type=work.item)
    item: Expression = (
        place
        if alone and not batched
        else tree.Field(value=tree.State(part="input", type=_OBJECT), name=item_name, type=work.item)
    )
    with s.x.at(known):
        processor, kind = work.compile({work.name: item}, s)
    used = [fresh for fresh in passed if fresh in variables_read(processor)]
    if used:
        values = {fresh: tree.Field(value=holder, name=fresh, type=passed[fresh][1]) for fresh in used}
        processor = _with_inputs(processor, values)
    carried = {fresh: tree.Variable(name=passed[fresh][0], type=passed[fresh][1]) for fresh in used}
    _distributed_fields(s, options, fields, carried, batched=batched, alone=alone)
    return processor, kind


def _reads_outside(s: Statements, work: _Work, outer: Environment) -> bool:
    names = {name.id for name in ast.walk(work.node) if isinstance(name, ast.Name)}
    called = [s.functions[name] for name in names if name in s.functions]
    for function in called:
        names |= {name.id for name in ast.walk(function) if isinstance(name, ast.Name)}
    return bool((names - {work.name}) & outer.assigned)


def _distributed_fields(
    s: Statements,
    options: Mapping[str, ast.expr],
    fields: dict[str, object],
    carried: Mapping[str, Expression],
    *,
    batched: bool,
    alone: bool,
) -> None:
    mode = s.x.static(options["execution_type"]) if "execution_type" in options else "STANDARD"
    if mode not in ("STANDARD", "EXPRESS"):
        raise s.refusal(
            options["execution_type"], "W161", "execution_type must be 'STANDARD' or 'EXPRESS'", None
        )
    fields["config"] = ProcessorConfig(mode="DISTRIBUTED", execution_type=mode)
    if batched:
        size = s.x.typed(options["batch_size"], INT, "batch_size")
        together = _object(carried) if carried else None
        fields["item_batcher"] = graph.ItemBatcher(max_items=size, batch_input=together)
    elif not alone:
        context = tree.Field(value=tree.State(part="context", type=_OBJECT), name="Map", type=_OBJECT)
        item = tree.Field(value=tree.Field(value=context, name="Item", type=_OBJECT), name="Value", type=ANY)
        fields["item_selector"] = _object({"Item": item, **carried})
    if "tolerated_failure_count" in options:
        fields["tolerated_failure_count"] = s.x.typed(
            options["tolerated_failure_count"], INT, "tolerated_failure_count"
        )
    if "tolerated_failure_percentage" in options:
        fields["tolerated_failure_percentage"] = s.x.typed(
            options["tolerated_failure_percentage"], FLOAT, "tolerated_failure_percentage"
        )
    if "label" in options:
        label = s.x.static(options["label"])
        if not isinstance(label, str):
            raise s.refusal(options["label"], "W161", "label must be a text, written here", None)
        fields["label"] = label


def _object(members: Mapping[str, Expression]) -> Expression:
    entries = tuple((tree.Constant(value=name, type=STR), value) for name, value in members.items())
    return tree.ObjectOf(entries=entries, type=_OBJECT)


def _with_inputs(scope: graph.Scope, values: Mapping[str, Expression]) -> graph.Scope:
    """Take values from the input of a child execution, in its first state."""
    first = next(state for state in scope.states if state.name == (scope.start_at or scope.states[0].name))
    if isinstance(first, graph.Task) and first.next is None and not first.catch and not first.assign:
        arguments = None if first.arguments is None else tree.substitute(first.arguments, values)
        changed: graph.State = replace(first, arguments=arguments)
    elif isinstance(first, graph.Pass):
        own = {name: tree.substitute(value, values) for name, value in first.assign.items()}
        changed = replace(first, assign={**values, **own})
    else:
        raise AssertionError("a processor begins with its inputs")
    return replace(scope, states=tuple(changed if state is first else state for state in scope.states))
