"""Fills a template in for a request, within bounds."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stepsmith.errors import StepsmithError
from stepsmith.events.templates import calls
from stepsmith.events.templates.nodes import (
    Binary,
    Element,
    Expression,
    ForEach,
    If,
    Interpolated,
    Leave,
    ListOf,
    Literal,
    MapOf,
    Method,
    Node,
    Property,
    Range,
    Reference,
    Set,
    Step,
    Unary,
)
from stepsmith.events.templates.parsing import parse
from stepsmith.events.templates.values import ContextMap, are_equal, context_map, is_true, json_text, printed
from stepsmith.expressions.jsonpath import PathFailure, PathMiss, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json

MOST_STEPS: Final = 100_000
MOST_ROUNDS: Final = 1000
"""Rounds of all loops together, as API Gateway allows for one #foreach."""
HEAVIEST: Final = 500_000
"""Values inside of one."""
LARGEST_OUTPUT: Final = 10 * 1024 * 1024


class TemplateFailure(StepsmithError):
    """A template that takes too many steps or writes too much."""


def _nothing() -> dict[str, Json]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a template is filled in with."""

    body: str
    context: Mapping[str, Json] = field(default_factory=_nothing)
    """`$context`: requestId, httpMethod, identity, authorizer ..."""
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    stage_variables: Mapping[str, Json] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came out: the text, and `$context` with what the template set there (requestOverride, responseOverride)."""

    text: str
    context: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read."""

    nodes: tuple[Node, ...]

    def render(self, request: Request) -> Rendered:
        """Fill the template in; raises TemplateFailure beyond the bounds."""
        return _Rendering(request).render(self.nodes)


def compile_template(text: str) -> Template:
    """Read a template; raises TemplateError with line and column."""
    return Template(parse(text))


class _Left(Exception):
    """A loop or the template is left."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


class _Rendering:
    """One filling in."""

    def __init__(self, request: Request) -> None:
        self.request = request
        # Recorded: an empty body counts as {}.
        self.body = request.body or "{}"
        context = ContextMap(
            {name: context_map(copy.deepcopy(value)) for name, value in request.context.items()}
        )
        for name in ("requestOverride", "responseOverride"):
            context.setdefault(name, ContextMap())
        self.context = context
        self.variables: dict[str, Json] = {
            "context": context,
            "stageVariables": copy.deepcopy(dict(request.stage_variables)),
        }
        self.output: list[str] = []
        self.written = 0
        self.steps = 0
        self.rounds = 0
        self._document: list[Json] = []

    def render(self, nodes: tuple[Node, ...]) -> Rendered:
        try:
            self.run(nodes)
        except _Left:
            pass
        except RecursionError:
            raise TemplateFailure("The values of the template are nested too deeply") from None
        return Rendered("".join(self.output), self.context)

    def charge(self, work: int) -> None:
        self.steps += work
        if self.steps > MOST_STEPS:
            raise TemplateFailure(f"The template takes more than {MOST_STEPS} steps")

    def write(self, text: str) -> None:
        self.written += len(text)
        if self.written > LARGEST_OUTPUT:
            raise TemplateFailure(f"The template writes more than {LARGEST_OUTPUT} characters")
        self.output.append(text)

    def run(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            self.charge(1)
            match node:
                case str():
                    self.write(node)
                case Reference():
                    self.write(printed(self.reference(node)))
                case Set(target, value):
                    self.assign(target, self.value(value))
                case If():
                    self.choose(node)
                case ForEach():
                    self.loop(node)
                case Leave(kind):
                    raise _Left(kind)

    def choose(self, node: If) -> None:
        for condition, body in node.branches:
            if is_true(self.value(condition)):
                self.run(body)
                return
        self.run(node.otherwise)

    def loop(self, node: ForEach) -> None:
        values = self.value(node.values)
        elements = (
            list(values.values()) if isinstance(values, dict) else values if isinstance(values, list) else []
        )
        kept = {name: self.variables.get(name) for name in (node.name, "foreach", "velocityCount")}
        for index, element in enumerate(list(elements)):
            self.rounds += 1
            if self.rounds > MOST_ROUNDS:
                raise TemplateFailure(f"The loops of the template take more than {MOST_ROUNDS} rounds")
            last = index == len(elements) - 1
            self.variables[node.name] = element
            self.variables["velocityCount"] = index + 1
            self.variables["foreach"] = {
                "index": index,
                "count": index + 1,
                "hasNext": not last,
                "first": index == 0,
                "last": last,
            }
            try:
                self.run(node.body)
            except _Left as left:
                if left.kind != "break":
                    raise
                break
        self.variables.update(kept)

    def assign(self, target: Reference, value: Json) -> None:
        if not target.steps:
            self.variables[target.name] = value
            return
        *before, last = target.steps
        owner: Json = self.variables.get(target.name)
        for step in before:
            inner = self.follow(owner, step)
            if inner is None and isinstance(owner, dict) and isinstance(step, Property):
                # $context.requestOverride.header.Name: the maps on the way are made.
                inner = owner[step.name] = {}
            owner = inner
        match owner, last:
            case dict(), Property(name):
                owner[name] = value
            case dict(), Element(index):
                owner[printed(self.value(index))] = value
            case list(), Element(index):
                place = self.value(index)
                if isinstance(place, int) and 0 <= place < len(owner):
                    owner[place] = value
            case _:
                pass

    def value(self, expression: Expression) -> Json:
        self.charge(1)
        match expression:
            case Literal(value):
                return value
            case Reference():
                return self.reference(expression)
            case Interpolated(parts):
                text = "".join(
                    printed(self.reference(part)) if isinstance(part, Reference) else str(part)
                    for part in parts
                )
                self.charge(len(text) // 16)
                return text
            case ListOf(elements):
                return [self.value(element) for element in elements]
            case MapOf(members):
                return {printed(self.value(key)): self.value(value) for key, value in members}
            case Range(first, last):
                return self.range(self.value(first), self.value(last))
            case Unary(operator, operand):
                value = self.value(operand)
                if operator == "!":
                    return not is_true(value)
                return -value if isinstance(value, int | float) and not isinstance(value, bool) else None
            case Binary():
                return self.binary(expression)

    def range(self, first: Json, last: Json) -> Json:
        if not isinstance(first, int) or not isinstance(last, int):
            return []
        self.charge(min(abs(last - first), MOST_STEPS + 1))
        return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))

    def binary(self, expression: Binary) -> Json:
        left = self.value(expression.left)
        match expression.operator:
            case "&&":
                return is_true(left) and is_true(self.value(expression.right))
            case "||":
                return is_true(left) or is_true(self.value(expression.right))
            case "==":
                return are_equal(left, self.value(expression.right))
            case "!=":
                return not are_equal(left, self.value(expression.right))
            case _:
                return self.computed(expression.operator, left, self.value(expression.right))

    def computed(self, operator: str, left: Json, right: Json) -> Json:
        if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
            text = printed(left) + printed(right)
            self.charge(len(text) // 16)
            return text
        if not _is_number(left) or not _is_number(right):
            return False if operator in ("<", "<=", ">", ">=") else None
        return _arithmetic(operator, left, right)

    def reference(self, reference: Reference) -> Json:
        steps = reference.steps
        if reference.name in ("input", "util") and steps:
            value = self.root(reference.name, steps[0])
            steps = steps[1:]
        else:
            value = self.variables.get(reference.name)
        for step in steps:
            value = self.follow(value, step)
        if isinstance(value, list | dict):
            self.weigh(value)
        return value

    def weigh(self, value: Json) -> None:
        """Charge for a value that is printed or compared next; one that holds itself weighs too much."""
        weight, open_ = 0, [value]
        while open_:
            inner = open_.pop()
            members = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
            open_.extend(members)
            weight += 1 + len(members)
            if weight > HEAVIEST:
                raise TemplateFailure(f"A value of the template holds more than {HEAVIEST} others")
        self.charge(weight // 64)

    def root(self, name: str, step: Step) -> Json:
        arguments = [self.value(one) for one in step.arguments] if isinstance(step, Method) else []
        self.charge(1)
        if name == "util":
            self.charge(sum(len(one) for one in arguments if isinstance(one, str)) // 16)
            return calls.util(step.name, arguments) if isinstance(step, Method) else None
        match step:
            case Property("body"):
                return self.body
            case Method("path" | "json" as method, _):
                found = self.path(printed(arguments[0]) if arguments else "$")
                if method == "path":
                    return found
                # A path that leads nowhere is an empty text in JSON.
                return '""' if found is None else json_text(found)
            case Method("params", _):
                return self.params(arguments)
            case _:
                return None

    def path(self, path: str) -> Json:
        if not self._document:
            self._document.append(calls.parsed(self.body))
        self.charge(len(self.body) // 64)
        try:
            return copy.deepcopy(compile_path(path).read(self._document[0]))
        except (PathMiss, PathFailure, PathSyntaxError):
            return None

    def params(self, arguments: list[Json]) -> Json:
        request = self.request
        if not arguments:
            return {
                "path": dict[str, Json](request.path),
                "querystring": dict[str, Json](request.query),
                "header": dict[str, Json](request.headers),
            }
        name = printed(arguments[0])
        for values in (request.path, request.query, request.headers):
            if name in values:
                return values[name]
        lowered = {key.lower(): value for key, value in request.headers.items()}
        return lowered.get(name.lower())

    def follow(self, value: Json, step: Step) -> Json:
        self.charge(1)
        match step:
            case Property(name):
                return value.get(name) if isinstance(value, dict) else None
            case Method(name, arguments):
                return calls.method(value, name, [self.value(one) for one in arguments], self.charge)
            case Element(index):
                place = self.value(index)
                if isinstance(value, dict):
                    return value.get(printed(place))
                if isinstance(value, list) and isinstance(place, int) and -len(value) <= place < len(value):
                    return value[place]
                return None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _arithmetic(operator: str, left: Json, right: Json) -> Json:
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "+":
            return _within(left + right)
        case "-":
            return _within(left - right)
        case "*":
            return _within(left * right)
        case _:
            return _divided(operator, left, right)


def _divided(operator: str, left: int | float, right: int | float) -> Json:
    if right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int):
        # Towards zero, as in Java.
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if operator == "/" else left - quotient * right
    return left / right if operator == "/" else left % right


def _within(value: int | float) -> int | float:
    """Keep whole numbers within Java's long."""
    return (value + 2**63) % 2**64 - 2**63 if isinstance(value, int) else value
