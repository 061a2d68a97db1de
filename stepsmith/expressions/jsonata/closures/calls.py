"""Function calls, functions written in expressions, partial application and chaining."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial as partial_of
from typing import Any, Final

from stepsmith.expressions.jsonata.closures.account import is_data
from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.scopes import Scope, Unit, bound_in, constant, settles_later
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.functions import BUILTINS, CALLING_BACK
from stepsmith.expressions.jsonata.functions.evaluating import evaluate_in
from stepsmith.expressions.jsonata.functions.matching import matcher
from stepsmith.expressions.jsonata.functions.transforming import transformed
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.invoke import enter, finished, invoke
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.signature import parse_signature
from stepsmith.expressions.jsonata.runtime.values import (
    UNBOUND,
    Evaluate,
    Frame,
    Lambda,
    LambdaCode,
    Native,
    Sequence,
    TailCall,
    Value,
    collapse,
    is_function,
    settler,
    truth,
)
from stepsmith.expressions.types import UNDEFINED, Json


def call(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles a call; one in tail position yields a TailCall."""
    of = node.of
    assert isinstance(of, tree.Call)
    if of.tail:
        scope.unit.tail_calls = True
        # the arguments of a tail call are evaluated by the caller, at the depth of the function
        return _tail_call(compiler, of, scope)
    return _call(compiler, node, of, scope, depth, None)


def _call(
    compiler: Compiler, node: tree.Node, of: tree.Call, scope: Scope, depth: int, first: Evaluate | None
) -> Evaluate:
    others = [compiler.compile(argument, scope, depth + 1) for argument in of.arguments]
    arguments = others if first is None else [first, *others]
    name = _token_of(of.function)
    builtin = builtin_of(compiler, of.function, scope)
    if builtin is not None:
        scope.unit.height = max(scope.unit.height, depth + 1)
        if builtin.name == "eval":
            return _evaluation(compiler, arguments, scope, node.position)
        if builtin.name in CALLING_BACK and not all(
            is_data(argument, lambda name: compiler.is_given(name, scope)) for argument in of.arguments
        ):
            return _builtin_calling_back(
                builtin, arguments, node.position, depth, keep=settles_later(node, scope)
            )
        return _builtin_call(builtin, arguments, node.position, keep=settles_later(node, scope))
    function = compiler.compile(of.function, scope, depth + 1)
    meant = _forgotten_dollar(compiler, of.function, scope)
    settle = settler(keep=settles_later(node, scope))

    def evaluate(context: Value, frame: Frame) -> Value:
        values = [] if first is None else [first(context, frame)]
        called = function(context, frame)
        if called is UNDEFINED and meant is not None and truth(meant(context, frame), frame[0]):
            raise JsonataError("T1005", position=node.position, token=name)
        values += [argument(context, frame) for argument in others]
        run = frame[0]
        base = run.depth
        run.depth = base + depth
        result = invoke(run, called, values, context, node.position, name)
        run.depth = base
        return settle(result)

    return evaluate


def builtin_of(compiler: Compiler, function: tree.Node, scope: Scope) -> Native | None:
    """The built-in function that an expression certainly means; None for any other."""
    if not isinstance(function.of, tree.Variable) or function.filters or function.group:
        return None
    if function.of.name not in BUILTINS or compiler.find(function.of.name, scope):
        return None
    return compiler.functions[function.of.name]


_CALL_WORK: Final = 24


def _builtin_call(builtin: Native, arguments: list[Evaluate], position: int, *, keep: bool) -> Evaluate:
    signature, function = builtin.signature, builtin.call
    assert signature is not None
    settle = settler(keep=keep)
    types = signature.fast_types(len(arguments)) or []

    def check(context: Value, frame: Frame, values: list[Value]) -> Value:
        try:
            return settle(function(frame[0], *signature.validate(values, context)))
        except JsonataError as error:
            raise error.passing(builtin, position, builtin.name) from None

    def evaluate(context: Value, frame: Frame) -> Value:
        return check(context, frame, [argument(context, frame) for argument in arguments])

    if keep:
        return evaluate
    if len(types) == 1:
        return _call_of_one(builtin, arguments[0], types[0], position, check)
    if len(types) == 2:
        return _call_of_two(builtin, arguments, types, position, check)
    return evaluate


def _call_of_one(
    builtin: Native,
    argument: Evaluate,
    types: frozenset[type],
    position: int,
    check: Callable[..., Value],
) -> Evaluate:
    """A call whose one argument mostly fits as it is; else `check` makes it fit, or raises."""
    function, name = builtin.call, builtin.name

    def evaluate(context: Value, frame: Frame) -> Value:
        value = argument(context, frame)
        if type(value) in types:
            try:
                value = function(frame[0], value)
            except JsonataError as error:
                raise error.passing(builtin, position, name) from None
            return collapse(value) if type(value) is Sequence else value
        return check(context, frame, [value])

    return evaluate


def _call_of_two(
    builtin: Native,
    arguments: list[Evaluate],
    types: list[frozenset[type]],
    position: int,
    check: Callable[..., Value],
) -> Evaluate:
    """A call whose two arguments mostly fit as they are; else `check` makes them fit, or raises."""
    function, name = builtin.call, builtin.name
    (first, second), (first_types, second_types) = arguments, types

    def evaluate(context: Value, frame: Frame) -> Value:
        one, two = first(context, frame), second(context, frame)
        if type(one) in first_types and type(two) in second_types:
            try:
                value = function(frame[0], one, two)
            except JsonataError as error:
                raise error.passing(builtin, position, name) from None
            return collapse(value) if type(value) is Sequence else value
        return check(context, frame, [one, two])

    return evaluate


def _builtin_calling_back(
    builtin: Native, arguments: list[Evaluate], position: int, depth: int, *, keep: bool
) -> Evaluate:
    signature, function = builtin.signature, builtin.call
    assert signature is not None
    settle = settler(keep=keep)

    def evaluate(context: Value, frame: Frame) -> Value:
        run = frame[0]
        base = run.depth
        values = [argument(context, frame) for argument in arguments]
        run.depth = base + depth
        try:
            result = function(run, *signature.validate(values, context))
        except JsonataError as error:
            raise error.passing(builtin, position, builtin.name) from None
        run.depth = base
        return settle(result)

    return evaluate


def _evaluation(compiler: Compiler, arguments: list[Evaluate], scope: Scope, position: int) -> Evaluate:
    scope.unit.closures = True
    compile_text = partial_of(compiler.compile_text, scope=scope)
    builtin = compiler.functions["eval"]
    signature = builtin.signature
    assert signature is not None

    def evaluate(context: Value, frame: Frame) -> Value:
        values = [argument(context, frame) for argument in arguments]
        try:
            text, focus = signature.validate(values, context)
            return evaluate_in(frame[0], text, focus, context, frame, compile_text)
        except JsonataError as error:
            raise error.passing(builtin, position, "eval") from error.__cause__

    return evaluate


def _token_of(function: tree.Node) -> Json:
    """What the reference calls the function in an error: the token that its expression begins with."""
    match function.of:
        case tree.Path(steps):
            return _token_of(steps[0].node)
        case tree.Variable(name) | tree.Name(name):
            return name
        case tree.Literal(value):
            return value
        case tree.Binary(operator):
            return operator
        case kind:
            return _TOKENS.get(type(kind))


_TOKENS: Final[dict[type, str]] = {
    tree.Apply: "~>",
    tree.ArrayConstructor: "[",
    tree.Bind: ":=",
    tree.Call: "(",
    tree.Descendants: "**",
    tree.Negation: "-",
    tree.ObjectConstructor: "{",
    tree.Partial: "(",
    tree.Wildcard: "*",
}


def _forgotten_dollar(compiler: Compiler, function: tree.Node, scope: Scope) -> Evaluate | None:
    """A reader of the variable that a bare name would be with a dollar sign, to tell of it in an error."""
    name = _token_of(function)
    if not isinstance(function.of, tree.Path) or not isinstance(name, str):
        return None
    if name in BUILTINS:
        return constant(True)
    scopes: Scope | None = scope
    while scopes is not None:
        if name in scopes.names:
            return compiler.compile(tree.Node(tree.Variable(name), function.position), scope, 0)
        scopes = scopes.parent
    return None


def _tail_call(compiler: Compiler, of: tree.Call, scope: Scope) -> Evaluate:
    function = compiler.compile(of.function, scope, 1)
    arguments = [compiler.compile(argument, scope, 1) for argument in of.arguments]
    meant = _forgotten_dollar(compiler, of.function, scope)
    name = _token_of(of.function)
    token = name if isinstance(of.function.of, tree.Variable) else None
    position = of.function.position

    def evaluate(context: Value, frame: Frame) -> Value:
        try:
            called = function(context, frame)
            if called is UNDEFINED and meant is not None and truth(meant(context, frame), frame[0]):
                raise JsonataError("T1005", position=position, token=name)
            return TailCall(called, [argument(context, frame) for argument in arguments], position, token)
        except JsonataError as error:
            error.before_call = True
            raise

    return evaluate


def function(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `function($a) {...}`, which yields a function."""
    del depth
    of = node.of
    assert isinstance(of, tree.Function)
    scope.unit.closures = True
    code = lambda_code(compiler, of, scope)

    def evaluate(context: Value, frame: Frame) -> Value:
        return Lambda(code, frame, context)

    return evaluate


def lambda_code(compiler: Compiler, of: tree.Function, scope: Scope) -> LambdaCode:
    """The compiled body of a function and what is known of it."""
    body, inner = _body(compiler, of, scope, guarded=scope.unit.guarded)
    guarded: list[Evaluate] = [body] if scope.unit.guarded else []

    def guarded_body() -> Evaluate:
        if not guarded:
            guarded.append(_body(compiler, of, scope, guarded=True)[0])
        return guarded[0]

    return LambdaCode(
        arity=len(of.parameters),
        template=[UNBOUND] * (len(inner.names) - len(of.parameters)),
        body=body,
        guarded_body=guarded_body,
        height=inner.unit.height,
        work=_CALL_WORK + inner.unit.work,
        signature=of.signature,
        plain=not (inner.unit.closures or inner.unit.tail_calls) and len(inner.names) == len(of.parameters),
    )


def _body(compiler: Compiler, of: tree.Function, scope: Scope, *, guarded: bool) -> tuple[Evaluate, Scope]:
    inner = Scope(scope, Unit(guarded))
    for number, parameter in enumerate(of.parameters):
        if parameter in inner.names:
            inner.names[f"$hidden {number}"] = inner.names.pop(parameter)
        inner.names[parameter] = 2 + number
        inner.certain.add(parameter)
    for name in bound_in(of.body):
        inner.add(name)
    return compiler.compile(of.body, inner, 1), inner


def partial(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `f(a, ?)`, which yields a function of what is left out."""
    of = node.of
    assert isinstance(of, tree.Partial)
    arguments = [
        None if argument is None else compiler.compile(argument, scope, depth + 1)
        for argument in of.arguments
    ]
    function = compiler.compile(of.function, scope, depth + 1)
    meant = _forgotten_dollar(compiler, of.function, scope)
    name = _token_of(of.function)

    def evaluate(context: Value, frame: Frame) -> Value:
        given = [UNBOUND if argument is None else argument(context, frame) for argument in arguments]
        applied = function(context, frame)
        if not is_function(applied):
            forgotten = applied is UNDEFINED and meant is not None and truth(meant(context, frame), frame[0])
            raise JsonataError("T1007" if forgotten else "T1008", position=node.position, token=name)
        return _partially(applied, given)

    return evaluate


def _partially(applied: Lambda | Native, given: list[Value]) -> Native:
    count = applied.code.arity if isinstance(applied, Lambda) else _formal_count(applied)
    values = (given + [UNDEFINED] * count)[:count]
    left_out = [number for number, value in enumerate(values) if value is UNBOUND]

    def call(run: Run, *rest: Value) -> Value:
        complete = list(values)
        for number, value in zip(left_out, rest, strict=False):
            complete[number] = value
        complete = [UNDEFINED if value is UNBOUND else value for value in complete]
        if isinstance(applied, Lambda):
            return finished(run, enter(run, applied, complete))
        return finished(run, _called_unchecked(applied, run, complete))

    return Native("partial", len(left_out), call)


def _called_unchecked(applied: Native, run: Run, arguments: list[Value]) -> Value:
    # a partially applied built-in function does not look at its signature
    try:
        return applied.call(run, *arguments)
    except (TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise JsonataError("U1006", message=f"Unusable argument of {applied.name}") from error


def _formal_count(native: Native) -> int:
    return native.arity if native.signature is None else len(native.signature.parameters)


def apply(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `left ~> right`: a call with one more argument, or a chain of two functions."""
    of = node.of
    assert isinstance(of, tree.Apply)
    left = compiler.compile(of.left, scope, depth + 1)
    if isinstance(of.right.of, tree.Call):
        called = replace(of.right, keep=node.keep, filters=node.filters)
        return _call(compiler, called, of.right.of, scope, depth, left)
    right = compiler.compile(of.right, scope, depth + 1)
    settle = settler(keep=settles_later(node, scope))

    def evaluate(context: Value, frame: Frame) -> Value:
        first = left(context, frame)
        second = right(context, frame)
        if not is_function(second):
            raise JsonataError("T2006", position=node.position, value=second)
        if is_function(first):
            return _chained(first, second)
        run = frame[0]
        base = run.depth
        run.depth = base + depth
        result = invoke(run, second, [first], None)
        run.depth = base
        return settle(result)

    return evaluate


_CHAIN: Final = "function($f, $g) { function($x){ $g($f($x)) } }"
"""What a chain of two functions is to the reference: errors in them are placed in this text."""
_FIRST: Final = _CHAIN.index("f($x)") + 2
_SECOND: Final = _CHAIN.index("($f(")
_CHAINED_WORK: Final = 64


def _chained(first: Value, second: Value) -> Native:
    def call(run: Run, value: Value = UNDEFINED, *_: Value) -> Value:
        run.charge(_CHAINED_WORK)
        try:
            return TailCall(second, [collapse(invoke(run, first, [value], None, _FIRST, "f"))], _SECOND, "g")
        except JsonataError as error:
            error.before_call = True
            raise

    return Native("chain", 1, call)


def regex(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles a regular expression, which is a function that finds its first match."""
    del scope, depth
    assert isinstance(node.of, tree.Regex)
    return constant(matcher(node.of.pattern, node.position))


def _position_of(node: tree.Node) -> int | None:
    # paths have none to the reference
    return None if isinstance(node.of, tree.Path) else node.position


_TRANSFORM_SIGNATURE = parse_signature("<(oa):o>")


def transform(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `| pattern | update, delete |`, which yields a function."""
    of = node.of
    assert isinstance(of, tree.Transform)
    pattern = compiler.compile(of.pattern, scope, depth + 1)
    update = compiler.compile(of.update, scope, depth + 1)
    delete = None if of.delete is None else compiler.compile(of.delete, scope, depth + 1)
    positions = _position_of(of.update), _position_of(of.delete or of.update)
    clone: Any = compiler.functions["clone"]
    if compiler.find("clone", scope):
        clone = compiler.compile(tree.Node(tree.Variable("clone"), node.position), scope, depth + 1)

    def evaluate(context: Value, frame: Frame) -> Value:
        def call(run: Run, value: Value) -> Value:
            if value is UNDEFINED:
                return UNDEFINED
            cloner = clone if type(clone) is Native else clone(context, frame)
            if not is_function(cloner):
                raise JsonataError("T2013", position=node.position)
            copy = invoke(run, cloner, [value], None)
            return transformed(run, copy, frame, pattern, update, delete, positions)

        return Native("transform", 1, call, _TRANSFORM_SIGNATURE)

    return evaluate
