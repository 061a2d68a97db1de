"""Compiles the tree of an expression to linked closures that read values by reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from stepsmith.expressions.jsonata.closures import (
    calls,
    constructors,
    joins,
    operators,
    paths,
    predicates,
    steps,
)
from stepsmith.expressions.jsonata.closures.scopes import Place, Scope, Unit, bound_in, constant, slot_reader
from stepsmith.expressions.jsonata.functions import BUILTINS, FUNCTIONS
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.grammar.freeze import freeze
from stepsmith.expressions.jsonata.grammar.parser import parse
from stepsmith.expressions.jsonata.grammar.resolve import resolve
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.limits import CompiledText, CompileText
from stepsmith.expressions.jsonata.runtime.values import (
    UNBOUND,
    Evaluate,
    Frame,
    Native,
    Outer,
    Sequence,
    Value,
    collapse,
    kind_of,
    truth,
)
from stepsmith.expressions.types import UNDEFINED


@dataclass(slots=True)
class TreeCompiler:
    """Compiles one expression; `shadowed` are the built-in names that outer variables hide."""

    shadowed: frozenset[str]
    dialect: Dialect
    outer: dict[str, int] = field(default_factory=dict[str, int])
    """Slots of the variables that come from outside."""
    free: set[str] = field(default_factory=set[str])
    """Names of those that are certainly meant."""
    builtins: set[str] = field(default_factory=set[str])
    """Built-in functions that are referred to."""
    late: bool = False
    """Whether outer variables are looked up by name, as in a text that is compiled during an evaluation."""

    def whole(self, node: tree.Node, *, guarded: bool) -> tuple[Evaluate, Scope]:
        """The compiled expression and its outermost scope."""
        scope = Scope(None, Unit(guarded))
        for name in bound_in(node):
            scope.add(name)
        return self.compile(node, scope, 1), scope

    def compile(self, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
        """A closure for one expression; what it yields is collapsed."""
        unit = scope.unit
        unit.height = max(unit.height, depth)
        unit.work += 1
        evaluate = _COMPILERS[type(node.of)](self, node, scope, depth)
        if node.filters:
            evaluate = predicates.filtered(self, node, evaluate, scope, depth)
        if node.group is not None and not isinstance(node.of, tree.Path):
            evaluate = constructors.grouped(self, node.group, evaluate, scope, depth)
        if unit.guarded:
            return _guarded(evaluate, depth, keep=node.keep)
        return _kept(evaluate, keep=node.keep) if node.keep or node.filters else evaluate

    def compile_text(self, text: str, scope: Scope, *, guarded: bool) -> CompiledText:
        """The closure of a text inside a scope, and the slots that its own frame adds."""
        return _compile_text(text, scope, self.shadowed, self.dialect, guarded=guarded)

    def slot_of(self, node: tree.Node, scope: Scope) -> int | None:
        """The slot in the innermost frame that an expression certainly is; None for any other."""
        if not isinstance(node.of, tree.Variable) or node.filters or node.group or scope.unit.guarded:
            return None
        if node.of.name == "":
            return None
        places = self.find(node.of.name, scope)
        if len(places) == 1 and places[0].certain and places[0].level == 0:
            return places[0].slot
        return None

    def is_given(self, name: str, scope: Scope) -> bool:
        """Whether a name certainly is a variable from outside."""
        return len(self.find(name, scope)) == 1 and name in self.outer

    @property
    def functions(self) -> dict[str, Native]:
        """The built-in functions by name."""
        return FUNCTIONS[self.dialect]

    def find(self, name: str, scope: Scope) -> list[Place]:
        """Where the variable of that name may be, innermost first; empty for a built-in function."""
        places: list[Place] = []
        level, current, deferred = 0, scope, False
        while True:
            if name in current.names:
                certain = name in current.certain
                places.append(Place(level, current.names[name], certain))
                if certain:
                    return places
                deferred = deferred or current.unit is not scope.unit
            if current.parent is None:
                break
            level, current = level + 1, current.parent
        if name in BUILTINS and name not in self.shadowed:
            self.builtins.add(name)
            return places
        if self.late:
            return places
        if not deferred:
            self.free.add(name)
        slot = self.outer.setdefault(name, current.add("$outer " + name, certain=True))
        places.append(Place(level, slot, certain=True))
        return places


def _literal(compiler: TreeCompiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    del compiler, scope, depth
    assert isinstance(node.of, tree.Literal)
    value = node.of.value
    return lambda context, frame: value


def _variable(compiler: TreeCompiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    del depth
    assert isinstance(node.of, tree.Variable)
    name = node.of.name
    if name == "":
        return _whole_context if node.keep else _read_context
    places = compiler.find(name, scope)
    certain = places[-1] if places and places[-1].certain else None
    if certain is not None and len(places) == 1:
        return slot_reader(certain.level, certain.slot)
    if certain is not None:
        fallback = slot_reader(certain.level, certain.slot)
    elif name in BUILTINS and name not in compiler.shadowed:
        fallback = constant(compiler.functions[name])
    else:
        fallback = _late_reader(name)
    for place in reversed(places[:-1] if certain else places):
        fallback = _either(slot_reader(place.level, place.slot), fallback)
    return fallback


def _whole_context(context: Value, frame: Frame) -> Value:
    del frame
    return context[0] if type(context) is Outer else context


def _read_context(context: Value, frame: Frame) -> Value:
    del frame
    kind = kind_of(context)
    if kind is Sequence:
        return collapse(context)
    return context[0] if kind is Outer else context


def _late_reader(name: str) -> Evaluate:
    if name == "$":
        return lambda context, frame: frame[0].root
    return lambda context, frame: frame[0].bindings.get(name, UNDEFINED)


def _either(read: Evaluate, otherwise: Evaluate) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        value = read(context, frame)
        return otherwise(context, frame) if value is UNBOUND else value

    return evaluate


def _kept(inner: Evaluate, *, keep: bool) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        value = inner(context, frame)
        if keep and type(value) is Sequence:
            value.keep = True
        return collapse(value)

    return evaluate


def _guarded(inner: Evaluate, depth: int, *, keep: bool) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        run = frame[0]
        run.check_depth(run.depth + depth)
        value = inner(context, frame)
        if type(value) is Sequence:
            value.keep = value.keep or keep
            return collapse(value)
        if run.single and id(value) in run.single:
            # a sequence that was put into an array or object as it is, and is now read again
            if not keep:
                return value[0] if value else UNDEFINED
            del run.single[id(value)]
        return value

    return evaluate


def _block(compiler: TreeCompiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    assert isinstance(node.of, tree.Block)
    names = bound_in(*node.of.items)
    inner = scope
    if names:
        inner = Scope(scope, scope.unit)
        for name in names:
            inner.add(name)
    items: list[Evaluate] = []
    for item in node.of.items:
        items.append(compiler.compile(item, inner, depth + 1))
        if isinstance(item.of, tree.Bind):
            inner.certain.add(item.of.name)
    if not items:
        return constant(UNDEFINED)
    *before, last = items
    if not names:
        return last if not before else _statements(before, last)
    return _framed(before, last, [UNBOUND] * len(inner.names))


def _statements(before: list[Evaluate], last: Evaluate) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        for item in before:
            item(context, frame)
        return last(context, frame)

    return evaluate


def _framed(before: list[Evaluate], last: Evaluate, slots: list[Value]) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        inner = [frame[0], frame, *slots]
        for item in before:
            item(context, inner)
        return last(context, inner)

    return evaluate


def _bind(compiler: TreeCompiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    assert isinstance(node.of, tree.Bind)
    value = compiler.compile(node.of.value, scope, depth + 1)
    slot = scope.names[node.of.name]

    def evaluate(context: Value, frame: Frame) -> Value:
        frame[slot] = result = value(context, frame)
        return result

    return evaluate


def _condition(compiler: TreeCompiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    of = node.of
    assert isinstance(of, tree.Condition)
    test = compiler.compile(of.test, scope, depth + 1)
    then = compiler.compile(of.then, scope, depth + 1)
    otherwise = (
        constant(UNDEFINED) if of.otherwise is None else compiler.compile(of.otherwise, scope, depth + 1)
    )

    def evaluate(context: Value, frame: Frame) -> Value:
        value = test(context, frame)
        if value is True or (value is not False and truth(value, frame[0])):
            return then(context, frame)
        return otherwise(context, frame)

    return evaluate


_COMPILERS: Final[dict[type, Callable[[TreeCompiler, tree.Node, Scope, int], Evaluate]]] = {
    tree.Literal: _literal,
    tree.Variable: _variable,
    tree.Block: _block,
    tree.Bind: _bind,
    tree.Condition: _condition,
    tree.Name: steps.name,
    tree.Wildcard: steps.wildcard,
    tree.Descendants: steps.descendants,
    tree.Path: paths.path,
    tree.Parent: joins.parent,
    tree.Negation: operators.negation,
    tree.Binary: operators.binary,
    tree.ArrayConstructor: constructors.array,
    tree.ObjectConstructor: constructors.object_,
    tree.Call: calls.call,
    tree.Partial: calls.partial,
    tree.Function: calls.function,
    tree.Apply: calls.apply,
    tree.Regex: calls.regex,
    tree.Transform: calls.transform,
}


def text_compiler(dialect: Dialect) -> CompileText:
    """What gives the closure of a text outside of all scopes, and the slots of its frame."""

    def compile_text(text: str, *, guarded: bool) -> CompiledText:
        return _compile_text(text, None, frozenset(), dialect, guarded=guarded)

    return compile_text


def _compile_text(
    text: str, scope: Scope | None, shadowed: frozenset[str], dialect: Dialect, *, guarded: bool
) -> CompiledText:
    node = freeze(resolve(parse(text, dialect)))
    inner = Scope(scope, Unit(guarded))
    for name in bound_in(node):
        inner.add(name)
    evaluate = TreeCompiler(shadowed, dialect, late=True).compile(node, inner, 1)
    return evaluate, [UNBOUND] * len(inner.names)
