"""Compiles the text of a pattern: what must hold at which path, once for each combination of `$or` branches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from stepsmith.events.patterns import operators
from stepsmith.events.patterns.expressions import EVENTBRIDGE, Absent, Dialect, read_expression
from stepsmith.events.patterns.matching import Matcher, Node
from stepsmith.events.patterns.operators import Test
from stepsmith.events.patterns.tokens import Kind, PatternError, Tokens

MOST_RULES: Final = 1000
LARGEST_PATTERN: Final = 256 * 1024
RESERVED: Final = EVENTBRIDGE.operators
"""Names that no field of a branch of `$or` can have."""

Path = tuple[str, ...]


@dataclass(slots=True)
class Demand:
    """What is asked for at one path: one of the tests, or that there is nothing."""

    tests: list[Test] = field(default_factory=list[Test])
    absent: bool = False


def compile_pattern(source: str, dialect: Dialect = EVENTBRIDGE) -> Matcher:
    """Compile a pattern to a function over events (read JSON); raises PatternError."""
    if len(source) > LARGEST_PATTERN:
        raise PatternError(
            f"Event pattern is too long: {len(source)} of at most {LARGEST_PATTERN} characters"
        )
    tokens = Tokens(source)
    if tokens.next() is not Kind.OBJECT:
        raise tokens.fail("Filter is not an object")
    rules: list[dict[Path, Demand]] = [{}]
    _Compiler(tokens, dialect).read_object(rules, ())
    return Matcher([_node(rule) for rule in rules], [_absences(rule) for rule in rules])


def _node(rule: dict[Path, Demand]) -> Node:
    root = Node()
    for path, demand in rule.items():
        node = root
        for step in path:
            node = node.children.setdefault(step, Node())
        node.tests, node.path = demand.tests, path
    return root


def _absences(rule: dict[Path, Demand]) -> list[Path]:
    return [path for path, demand in rule.items() if demand.absent]


class _Compiler:
    """One pass over the tokens."""

    def __init__(self, tokens: Tokens, dialect: Dialect) -> None:
        self.tokens = tokens
        self.dialect = dialect

    def read_object(self, rules: list[dict[Path, Demand]], path: Path, *, is_branch: bool = False) -> None:
        """Read the members of the object whose bracket was just passed into all of the rules."""
        tokens, empty = self.tokens, True
        while tokens.next() is not Kind.END_OBJECT:
            empty = False
            name = tokens.name
            kind = tokens.next()
            if name == "$or":
                self.read_branches(rules, path, kind)
                continue
            if is_branch and name in RESERVED:
                raise tokens.fail(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
            # A dot in a name is nesting (recorded), so a path is a list of steps without dots.
            inner = (*path, *name.split("."))
            match kind:
                case Kind.OBJECT:
                    self.read_object(rules, inner)
                case Kind.ARRAY:
                    self.write(rules, inner, self.read_values())
                case _:
                    raise tokens.fail(f'"{name}" must be an object or an array')
        if empty:
            raise tokens.fail("Empty objects are not allowed")

    def read_branches(self, rules: list[dict[Path, Demand]], path: Path, kind: Kind) -> None:
        """Read `$or`: each rule so far goes on once with each of the branches."""
        if kind is not Kind.ARRAY:
            raise self.tokens.fail("It must be an Array followed with $or.")
        before, branches = [dict(rule) for rule in rules], 0
        rules.clear()
        while (kind := self.tokens.next()) is not Kind.END_ARRAY:
            if kind is not Kind.OBJECT:
                raise self.tokens.fail("Only JSON object is allowed in array of $or relationship.")
            branch = [dict(rule) for rule in before]
            self.read_object(branch, path, is_branch=True)
            rules.extend(branch)
            branches += 1
            if len(rules) > MOST_RULES:
                raise self.tokens.fail("Rule is too complex - try using fewer OR combinations.")
        if branches < 2:
            raise self.tokens.fail("There must have at least 2 Objects in $or relationship.")

    def read_values(self) -> Demand:
        """Read the array of values of which one must be there."""
        tokens, demand = self.tokens, Demand()
        exact: set[str] = set()
        while (kind := tokens.next()) is not Kind.END_ARRAY:
            match kind:
                case Kind.OBJECT:
                    found = read_expression(tokens, self.dialect)
                    if isinstance(found, Absent):
                        demand.absent = True
                    else:
                        demand.tests.append(found)
                case Kind.STRING:
                    exact.add(tokens.read())
                case Kind.NUMBER:
                    demand.tests.append(operators.equal_to_number(operators.number(tokens.text)))
                case Kind.TRUE | Kind.FALSE:
                    demand.tests.append(operators.equal_to(kind is Kind.TRUE))
                case Kind.NULL:
                    demand.tests.append(operators.equal_to(None))
                case _:
                    raise tokens.fail("Match value must be String, number, true, false, or null")
        if exact:
            demand.tests.insert(0, operators.one_of(frozenset(exact)))
        if not demand.tests and not demand.absent:
            raise tokens.fail("Empty arrays are not allowed")
        return demand

    @staticmethod
    def write(rules: list[dict[Path, Demand]], path: Path, demand: Demand) -> None:
        for rule in rules:
            # Recorded: of a name that stands twice the last one counts.
            rule[path] = demand
