"""Comprehensions of calls and map_items(), as Map states."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from stepsmith.authoring.compiler.drafts import Draft
from stepsmith.authoring.compiler.expressions import comprehensions
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.compiler.expressions.options import called_name
from stepsmith.authoring.compiler.statements import bodies
from stepsmith.authoring.compiler.statements.distributed import (
    Work,
    flag,
    is_batched,
    processor_apart,
    reader_of,
)
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.inlining import helper_of, makes_states
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.ways import add_catches
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import Rendered, is_plain, wrapped
from stepsmith.expressions.typed.static_types import (
    ANY,
    INT,
    ListType,
    TupleType,
    Type,
)
from stepsmith.expressions.typed.tree import Expression

_OPTIONS: Final = frozenset(
    {
        "max_concurrency",
        "distributed",
        "batch_size",
        "batch_bytes",
        "tolerated_failure_count",
        "tolerated_failure_percentage",
        "execution_type",
        "label",
    }
)


def is_map(s: StatementCompiler, node: ast.ListComp) -> bool:
    """Say whether a comprehension calls what needs states for each item, or holds one that does."""
    if isinstance(node.elt, ast.ListComp):
        return is_map(s, node.elt)
    called = bodies.called(s, node.elt)
    return called is not None and (called[2] is None or makes_states(s, called[2]))


def called_in(node: ast.ListComp) -> str:
    """Give what a comprehension calls for each item."""
    while isinstance(node.elt, ast.ListComp):
        node = node.elt
    return called_name(node.elt.func) if isinstance(node.elt, ast.Call) else ast.unparse(node.elt)


def comprehension(s: StatementCompiler, node: ast.ListComp) -> tuple[Draft, Expression]:
    """Make a Map state of `[f(x) for x in xs if condition]`; of several names, an item is what the call reads."""
    call = node.elt
    bound = [
        each.id for one in node.generators for each in ast.walk(one.target) if isinstance(each, ast.Name)
    ]
    read = {each.id for each in ast.walk(call) if isinstance(each, ast.Name)}
    names = [name for name in dict.fromkeys(bound) if name in read] or bound[:1] or ["item"]
    items = _items(s, node, names)
    kind = items.type.item if isinstance(items.type, ListType) else ANY
    label = " and ".join(name.strip("_") for name in names)
    return _map(s, Work(node, label, items, kind, _calling(call, names), names[0]), {})


def _items(s: StatementCompiler, node: ast.ListComp, names: list[str]) -> Expression:
    """Give the items: what is gone through, or a comprehension of the names that are needed."""
    generator = node.generators[0]
    parts: list[ast.expr] = [
        ast.copy_location(ast.Name(name, ast.Load()), generator.target) for name in names
    ]
    element = parts[0] if len(parts) == 1 else ast.copy_location(ast.Tuple(parts, ast.Load()), node)
    if not generator.ifs and len(node.generators) == 1 and _is_same(generator.target, element):
        return comprehensions.iterable(s.x, generator.iter)
    return s.x.compile(ast.copy_location(ast.ListComp(element, node.generators), node))


def _is_same(target: ast.expr, element: ast.expr) -> bool:
    return ast.unparse(target) == ast.unparse(element)


def _calling(
    call: ast.expr, names: Sequence[str] = ()
) -> Callable[[Mapping[str, Expression], StatementCompiler], tuple[graph.Scope, Type]]:
    """Compile a call for each item; `names` are those of the parts of an item, where it has several."""

    def compile(values: Mapping[str, Expression], s: StatementCompiler) -> tuple[graph.Scope, Type]:
        called = bodies.called(s, call)
        function = None if called is None else called[2]
        own = next(iter(values), "item")
        item = values[own] if len(names) > 1 else None
        if item is not None and isinstance(item.type, TupleType):
            values = {
                name: tree.Item(
                    value=item, index=tree.Constant(value=index, type=INT), type=kind, certain=True
                )
                for index, (name, kind) in enumerate(zip(names, item.type.items, strict=True))
            }
        inner = s.inner(list(values), None, s.environment)
        bodies.begin(inner, values, call, own)
        if function is None:
            return bodies.only_call(inner, call)
        assert isinstance(call, ast.Call)
        if len(values) > 1 and item is None:
            function = function.seeing(lambda: _without(inner.environment, own))
        return bodies.helper_body(inner, call, function)

    return compile


def _without(environment: Environment, name: str) -> Environment:
    """Give what is known but for the item, which no function around knows."""
    known = environment.inner()
    known.locals.pop(name, None)
    known.assigned.discard(name)
    return known


def map_items(s: StatementCompiler, node: ast.Call) -> tuple[Draft, Expression]:
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
    items, reader = None, reader_of(s, positional["items"])
    if reader is None:
        items = comprehensions.iterable(s.x, positional["items"])
        kind: Type = items.type.item if isinstance(items.type, ListType) else ANY
    else:
        kind = reader.item
        if not flag(s, options, "distributed"):
            raise s.refusal(
                positional["items"],
                "W218",
                "items are read from S3 by a distributed Map only",
                "add distributed=True",
            )
    if is_batched(options):
        kind = ListType(kind)
    name, label, compile = _function(s, positional["function"])
    work = Work(node, label, items, kind, compile, name, reader)
    return _map(s, work, options)


def _function(
    s: StatementCompiler, node: ast.expr
) -> tuple[str, str, Callable[[Mapping[str, Expression], StatementCompiler], tuple[graph.Scope, Type]]]:
    """Give the name of the item, what to call it, and what compiles the processor."""
    if isinstance(node, ast.Lambda):
        arguments = node.args.args
        if len(arguments) != 1 or node.args.kwonlyargs or node.args.vararg or node.args.kwarg:
            raise s.refusal(
                node, "W210", "the function of map_items() takes the item", "write `lambda item: ...`"
            )
        if bodies.called(s, node.body) is None:
            help = "call a task, a workflow or a function; or use a comprehension for an expression"
            raise s.refusal(
                node.body, "W210", f"`{ast.unparse(node.body)}` is not a call that can be a state", help
            )
        return arguments[0].arg, arguments[0].arg, _calling(cast(ast.Call, node.body))
    name = "item"
    helper = helper_of(s, ast.copy_location(ast.Call(node, [], []), node))
    if helper is not None:
        if helper.parameters:
            name = helper.parameters[0].arg
    elif not isinstance(s.x.static(node), Task | Workflow):
        help = "pass a task, a workflow, a function, or a lambda that calls one"
        raise s.refusal(node, "W210", f"`{ast.unparse(node)}` is not a function that can be a state", help)
    else:
        boundary = cast("Task[..., object]", s.x.static(node)).boundary
        if boundary.parameters:
            name = boundary.parameters[0].name
    local = "item"
    while s.x.is_local(local) or local in s.functions or local == ast.unparse(node).split(".")[0]:
        local += "_"
    argument = ast.copy_location(ast.Name(local, ast.Load()), node)
    call = ast.copy_location(ast.Call(node, [argument], []), node)
    return local, name, _calling(call)


def _map(s: StatementCompiler, work: Work, options: Mapping[str, ast.expr]) -> tuple[Draft, Expression]:
    distributed = flag(s, options, "distributed")
    if not distributed:
        for name in (
            "batch_size",
            "batch_bytes",
            "tolerated_failure_count",
            "tolerated_failure_percentage",
            "execution_type",
            "label",
        ):
            if name in options:
                raise s.refusal(
                    options[name], "W218", f"{name} needs a distributed Map", "add distributed=True"
                )
    span = s.x.source.span(work.node)
    name = s.scope.name(f"Each {work.label.strip('_').replace('_', ' ') or 'item'}")
    fields: dict[str, object] = {}
    if "max_concurrency" in options:
        fields["max_concurrency"] = s.x.typed(options["max_concurrency"], INT, "max_concurrency")
    outer, s.x.items = s.x.items, isinstance(work.node, ast.Call) and not distributed
    if distributed:
        processor, kind = processor_apart(s, work, options, fields)
    else:
        item = {work.name: tree.State(part="input", type=work.item)}
        processor, kind = work.compile(item, s)
    s.x.items = outer
    guard(s, work.node, _evaluated(work, fields))
    reader = work.reader.state if work.reader else None
    state = graph.Map(name=name, processor=processor, items=work.items, item_reader=reader, span=span)
    draft = Draft(replace(state, **fields))
    s.scope.add(s.ends, draft)
    add_catches(s, work.node, draft)
    return draft, _results(options, kind, span)


def _evaluated(work: Work, fields: Mapping[str, object]) -> list[Expression]:
    """Give what the state evaluates before there is an item."""
    return [each for each in (work.items, *fields.values()) if isinstance(each, Expression)]


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
