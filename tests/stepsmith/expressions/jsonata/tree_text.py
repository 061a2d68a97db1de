"""Trees of expressions as texts that show what the parser and the resolution of paths made of a source.

Each operator has its own parentheses; a call in tail position ends with `!`, a constructor that stays an array begins
with `!`; a step that `%` goes back to has the label of its parent after `^`.
"""

from __future__ import annotations

import json

from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.grammar.freeze import freeze
from stepsmith.expressions.jsonata.grammar.parser import parse
from stepsmith.expressions.jsonata.grammar.resolve import resolve
from stepsmith.expressions.jsonata.runtime.dialect import Dialect


def resolved(text: str) -> str:
    """Give the tree of an expression as a text."""
    return node_text(freeze(resolve(parse(text, Dialect.SERVICE))))


def node_text(node: tree.Node) -> str:
    # a path says itself whether it keeps a single item an array
    kept = "[]" if node.keep and not isinstance(node.of, tree.Path) else ""
    return bare_text(node) + kept


def bare_text(node: tree.Node) -> str:
    stages = "".join(map(stage_text, node.filters))
    return kind_text(node.of) + stages + ("" if node.group is None else group_text(node.group))


def stage_text(stage: tree.Node | tree.Index) -> str:
    return f"#${stage.name}" if isinstance(stage, tree.Index) else f"[{node_text(stage)}]"


def kind_text(of: tree.Kind) -> str:
    match of:
        case tree.Literal(value):
            return json.dumps(value, ensure_ascii=False)
        case tree.Name(name):
            return name if name.isidentifier() else f"`{name}`"
        case tree.Variable(name):
            return f"${name}"
        case tree.Wildcard():
            return "*"
        case tree.Descendants():
            return "**"
        case tree.Parent(label):
            return f"%{label}"
        case tree.Regex(pattern):
            return f"/{pattern.source}/{pattern.flags}"
        case tree.Negation(operand):
            return f"-{node_text(operand)}"
        case tree.Binary(operator, left, right):
            return f"({node_text(left)} {operator} {node_text(right)})"
        case tree.ArrayConstructor(items, cons):
            return f"{'!' if cons else ''}[{listed(items)}]"
        case tree.ObjectConstructor(group):
            return group_text(group)
        case tree.Block(items):
            return f"({'; '.join(map(node_text, items))})"
        case tree.Bind(name, value):
            return f"${name} := {node_text(value)}"
        case tree.Condition(test, then, otherwise):
            last = "" if otherwise is None else f" : {node_text(otherwise)}"
            return f"({node_text(test)} ? {node_text(then)}{last})"
        case _:
            return function_text(of)


def function_text(of: tree.Kind) -> str:
    match of:
        case tree.Call(function, arguments, tail):
            return f"{node_text(function)}({listed(arguments)}){'!' if tail else ''}"
        case tree.Partial(function, arguments):
            given = ", ".join("?" if part is None else node_text(part) for part in arguments)
            return f"{node_text(function)}({given})"
        case tree.Function(parameters, body, signature):
            names = ", ".join(f"${name}" for name in parameters)
            return f"function({names}){'' if signature is None else signature.text}{{{node_text(body)}}}"
        case tree.Apply(left, right):
            return f"({node_text(left)} ~> {node_text(right)})"
        case tree.Transform(pattern, update, delete):
            last = "" if delete is None else f", {node_text(delete)}"
            return f"|{node_text(pattern)}|{node_text(update)}{last}|"
        case tree.Sort(terms):
            order = ", ".join(f"{'>' if term.descending else '<'}{node_text(term.value)}" for term in terms)
            return f"^({order})"
        case tree.Path(steps, keep, _):
            return ".".join(map(step_text, steps)).replace(".^(", "^(") + ("[]" if keep else "")
        case _:
            raise AssertionError(of)


def step_text(step: tree.Step) -> str:
    bound = "".join(
        f"{mark}{name}"
        for mark, name in (("@$", step.focus), ("#$", step.index), ("^", step.ancestor))
        if name
    )
    return bare_text(step.node) + bound + "".join(map(stage_text, step.stages))


def group_text(group: tree.Group) -> str:
    return "{" + ", ".join(f"{node_text(key)}: {node_text(value)}" for key, value in group.pairs) + "}"


def listed(nodes: tuple[tree.Node, ...]) -> str:
    return ", ".join(map(node_text, nodes))
