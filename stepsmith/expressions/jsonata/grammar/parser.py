"""A top-down operator precedence parser, after the reference implementation's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError, stack_overflow
from stepsmith.expressions.jsonata.grammar.lexer import BINDING_POWERS, Lexer, Token
from stepsmith.expressions.jsonata.grammar.syntax import Draft
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.signature import parse_signature

MAX_NESTING: Final = 220
"""How deep expressions may nest in the text; evaluation on the service ends at 100."""

_NEGATION_POWER: Final = 70
_TERMINALS: Final = {kind: f"({kind})" for kind in ("name", "variable", "string", "number", "value", "regex")}


def parse(text: str, dialect: Dialect) -> Draft:
    """The syntax of an expression, paths and parents not yet resolved; raises JsonataError."""
    return _Parser(text, dialect).whole()


class _Parser:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.lexer = Lexer(text, dialect)
        self.nesting = 0
        self.token = Token("end", None, 0)
        self.id: object = None
        """The symbol of the current token: its text for an operator, else what kind it is."""
        self.advance()

    @property
    def found(self) -> object:
        """The current token as errors show it; a regular expression is an empty object there."""
        return {} if self.token.kind == "regex" else self.token.value

    def whole(self) -> Draft:
        tree = self.expression(0)
        if self.token.kind != "end":
            raise JsonataError("S0201", position=self.token.position, token=self.found)
        return tree

    def advance(self, expected: str | None = None, *, infix: bool = False) -> None:
        """Moves to the next token, after checking that the current one is what is expected."""
        if expected is not None and self.id != expected:
            code = "S0203" if self.token.kind == "end" else "S0202"
            raise JsonataError(code, position=self.token.position, token=self.found, value=expected)
        self.token = token = self.lexer.next(infix=infix)
        if token.kind == "operator" or token.kind == "end":
            self.id = token.value
            if token.value in ("!", "~"):
                raise JsonataError("S0204", position=token.position, token=self.found)
        else:
            self.id = _TERMINALS[token.kind]

    def expression(self, power: int) -> Draft:
        """Parses as much as binds tighter than `power`."""
        self.nesting += 1
        chained = 0
        symbol, node = self.id, _draft(self.token)
        self.advance(infix=True)
        left = self._prefix(symbol, node)
        while power < _power(self.token):
            chained += 1
            if self.nesting + chained > MAX_NESTING:
                raise stack_overflow(MAX_NESTING + 1, MAX_NESTING)
            symbol, node = self.id, _draft(self.token)
            self.advance()
            left = _INFIX[symbol](self, node, left)
        self.nesting -= 1
        return left

    def _prefix(self, symbol: object, node: Draft) -> Draft:
        if self.nesting > MAX_NESTING:
            raise stack_overflow(MAX_NESTING + 1, MAX_NESTING)
        if node.kind != "operator" or symbol in ("and", "or", "in"):
            return node
        handler = _PREFIX.get(symbol)
        if handler is None:
            raise JsonataError("S0211", position=node.position, token=node.value)
        return handler(self, node)

    # prefix forms

    def negation(self, node: Draft) -> Draft:
        node.kind = "unary"
        node.lhs = self.expression(_NEGATION_POWER)
        return node

    def block(self, node: Draft) -> Draft:
        node.kind = "block"
        while self.id != ")":
            node.items.append(self.expression(0))
            if self.id != ";":
                break
            self.advance(";")
        self.advance(")", infix=True)
        return node

    def array(self, node: Draft) -> Draft:
        node.kind = "unary"
        if self.id != "]":
            self._members(node)
        self.advance("]", infix=True)
        return node

    def _members(self, node: Draft) -> None:
        while True:
            item = self.expression(0)
            if self.id == "..":
                range_ = Draft("binary", "..", self.token.position, lhs=item)
                self.advance("..")
                range_.rhs = self.expression(0)
                item = range_
            node.items.append(item)
            if self.id != ",":
                return
            self.advance(",")

    def object(self, node: Draft) -> Draft:
        node.kind = "unary"
        self._pairs(node)
        return node

    def _pairs(self, node: Draft) -> None:
        if self.id != "}":
            while True:
                key = self.expression(0)
                self.advance(":")
                node.pairs.append((key, self.expression(0)))
                if self.id != ",":
                    break
                self.advance(",")
        self.advance("}", infix=True)

    def transform(self, node: Draft) -> Draft:
        node.kind = "transform"
        node.lhs = self.expression(0)
        self.advance("|")
        node.rhs = self.expression(0)
        if self.id == ",":
            self.advance(",")
            node.third = self.expression(0)
        self.advance("|")
        return node

    # infix forms

    def binary(self, node: Draft, left: Draft) -> Draft:
        node.kind = "binary"
        node.lhs = left
        node.rhs = self.expression(BINDING_POWERS[str(node.value)])
        return node

    def binding(self, node: Draft, left: Draft) -> Draft:
        if left.kind != "variable":
            raise JsonataError("S0212", position=left.position, token=left.value)
        node.kind = "binary"
        node.lhs = left
        node.rhs = self.expression(BINDING_POWERS[":="] - 1)
        return node

    def naming(self, node: Draft, left: Draft) -> Draft:
        self.binary(node, left)
        assert node.rhs is not None
        if node.rhs.kind != "variable":
            raise JsonataError("S0214", position=node.rhs.position, token=node.value)
        return node

    def condition(self, node: Draft, left: Draft) -> Draft:
        node.kind = "condition"
        node.lhs = left
        node.rhs = self.expression(0)
        if self.id == ":":
            self.advance(":")
            node.third = self.expression(0)
        return node

    def predicate(self, node: Draft, left: Draft) -> Draft:
        if self.id == "]":
            step = left
            while step.kind == "binary" and step.value == "[" and step.lhs is not None:
                step = step.lhs
            step.keep_array = True
            self.advance("]")
            return left
        node.kind = "binary"
        node.lhs = left
        node.rhs = self.expression(0)
        self.advance("]", infix=True)
        return node

    def order(self, node: Draft, left: Draft) -> Draft:
        self.advance("(")
        while True:
            downwards = self.id == ">"
            if self.id in ("<", ">"):
                self.advance()
            node.terms.append((downwards, self.expression(0)))
            if self.id != ",":
                break
            self.advance(",")
        self.advance(")")
        node.kind = "binary"
        node.lhs = left
        return node

    def grouping(self, node: Draft, left: Draft) -> Draft:
        node.kind = "binary"
        node.lhs = left
        self._pairs(node)
        return node

    def call(self, node: Draft, left: Draft) -> Draft:
        node.kind = "function"
        node.lhs = left
        if self.id != ")":
            self._arguments(node)
        self.advance(")", infix=True)
        if left.kind == "name" and left.value in ("function", "λ"):
            self._lambda(node)
        return node

    def _arguments(self, node: Draft) -> None:
        while True:
            if self.id == "?":
                node.kind = "partial"
                node.items.append(_draft(self.token))
                self.advance("?")
            else:
                node.items.append(self.expression(0))
            if self.id != ",":
                return
            self.advance(",")

    def _lambda(self, node: Draft) -> None:
        for number, parameter in enumerate(node.items, 1):
            if parameter.kind != "variable":
                raise JsonataError("S0208", position=parameter.position, token=parameter.value, value=number)
        node.kind = "lambda"
        if self.id == "<":
            self._signature(node)
        self.advance("{")
        node.third = self.expression(0)
        self.advance("}")

    def _signature(self, node: Draft) -> None:
        position, depth, text = self.token.position, 1, "<"
        while depth > 0 and self.id != "{" and self.token.kind != "end":
            self.advance()
            depth += (self.id == "<") - (self.id == ">")
            text += str(self.token.value)
        self.advance(">")
        node.signature = parse_signature(text, position)


def _draft(token: Token) -> Draft:
    return Draft(token.kind, token.value, token.position)


def _power(token: Token) -> int:
    if token.kind != "operator" or token.value not in _INFIX:
        return 0
    return BINDING_POWERS[str(token.value)]


def _terminal(kind: str) -> Callable[[_Parser, Draft], Draft]:
    def mark(_: _Parser, node: Draft) -> Draft:
        node.kind = kind
        return node

    return mark


_PREFIX: Final[dict[object, Callable[[_Parser, Draft], Draft]]] = {
    "-": _Parser.negation,
    "(": _Parser.block,
    "[": _Parser.array,
    "{": _Parser.object,
    "|": _Parser.transform,
    "*": _terminal("wildcard"),
    "**": _terminal("descendant"),
    "%": _terminal("parent"),
}

_INFIX: Final[dict[object, Callable[[_Parser, Draft, Draft], Draft]]] = {
    **dict.fromkeys((".", "+", "-", "*", "/", "%", "=", "<", ">", "&"), _Parser.binary),
    **dict.fromkeys(("!=", "<=", ">=", "and", "or", "in", "~>"), _Parser.binary),
    ":=": _Parser.binding,
    "@": _Parser.naming,
    "#": _Parser.naming,
    "?": _Parser.condition,
    "[": _Parser.predicate,
    "^": _Parser.order,
    "{": _Parser.grouping,
    "(": _Parser.call,
}
