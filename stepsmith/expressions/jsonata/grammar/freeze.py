"""Makes the frozen tree of a resolved draft."""

from __future__ import annotations

from typing import cast

from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.grammar.syntax import Draft
from stepsmith.expressions.jsonata.regex import Pattern
from stepsmith.expressions.types import Json


def freeze(draft: Draft) -> tree.Node:
    """The frozen tree of a resolved draft."""
    return tree.Node(
        _kind(draft),
        draft.position,
        filters=tuple(map(_stage, draft.filters or ())),
        group=_group(draft.group) if draft.group else None,
        keep=draft.keep_array,
    )


def _some(draft: Draft | None) -> tree.Node:
    assert draft is not None
    return freeze(draft)


def _perhaps(draft: Draft | None) -> tree.Node | None:
    return None if draft is None else freeze(draft)


def _all(drafts: list[Draft]) -> tuple[tree.Node, ...]:
    return tuple(map(freeze, drafts))


def _stage(draft: Draft) -> tree.Node | tree.Index:
    return tree.Index(str(draft.value)) if draft.kind == "index" else freeze(draft)


def _group(draft: Draft) -> tree.Group:
    pairs = tuple((freeze(key), freeze(value)) for key, value in draft.pairs)
    return tree.Group(pairs, draft.position)


def _kind(draft: Draft) -> tree.Kind:
    match draft.kind:
        case "string" | "number" | "value":
            return tree.Literal(cast("Json", draft.value))
        case "name":
            return tree.Name(str(draft.value))
        case "variable":
            return tree.Variable(str(draft.value))
        case "wildcard":
            return tree.Wildcard()
        case "descendant":
            return tree.Descendants()
        case "parent":
            assert draft.slot is not None
            return tree.Parent(draft.slot.label)
        case "regex":
            return tree.Regex(cast("Pattern", draft.value))
        case "path":
            return tree.Path(tuple(map(_step, draft.items)), draft.keep_singleton, draft.tuples)
        case "sort":
            terms = tuple(tree.Term(freeze(value), descending) for descending, value in draft.terms)
            return tree.Sort(terms)
        case "unary":
            return _unary(draft)
        case "binary":
            return tree.Binary(str(draft.value), _some(draft.lhs), _some(draft.rhs))
        case "block":
            return tree.Block(_all(draft.items), draft.cons)
        case "bind":
            assert draft.lhs is not None
            return tree.Bind(str(draft.lhs.value), _some(draft.rhs))
        case "condition":
            return tree.Condition(_some(draft.lhs), _some(draft.rhs), _perhaps(draft.third))
        case "apply":
            return tree.Apply(_some(draft.lhs), _some(draft.rhs))
        case "transform":
            return tree.Transform(_some(draft.lhs), _some(draft.rhs), _perhaps(draft.third))
        case _:
            return _function(draft)


def _unary(draft: Draft) -> tree.Kind:
    if draft.value == "[":
        return tree.ArrayConstructor(_all(draft.items), draft.cons)
    if draft.value == "{":
        return tree.ObjectConstructor(_group(draft))
    return tree.Negation(_some(draft.lhs))


def _function(draft: Draft) -> tree.Kind:
    match draft.kind:
        case "function":
            return tree.Call(_some(draft.lhs), _all(draft.items))
        case "tail":
            assert draft.lhs is not None
            assert draft.lhs.lhs is not None
            return tree.Call(freeze(draft.lhs.lhs), _all(draft.lhs.items), tail=True)
        case "partial":
            arguments = tuple(None if item.kind == "operator" else freeze(item) for item in draft.items)
            return tree.Partial(_some(draft.lhs), arguments)
        case kind:
            assert kind == "lambda"
            parameters = tuple(str(item.value) for item in draft.items)
            return tree.Function(parameters, _some(draft.third), draft.signature)


def _step(draft: Draft) -> tree.Step:
    return tree.Step(
        node=freeze(draft),
        stages=tuple(map(_stage, draft.stages or ())),
        focus=draft.focus,
        index=draft.index,
        ancestor=draft.ancestor.label if draft.ancestor else None,
        tuples=draft.tuples,
        cons=draft.cons,
    )
