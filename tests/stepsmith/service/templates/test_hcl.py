"""Terraform's language."""

from __future__ import annotations

from typing import Any

import pytest

from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service.definitions.nodes import List, Node, Object, Scalar
from stepsmith.service.templates.hcl import read_hcl


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, List):
        items = [_plain(each) for each in node.items]
        return items if node.tag is None else (node.tag, *items)
    return {name: _plain(each) for name, each in node.items.items()}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1), ("-2.5", -2.5), ("1e3", 1000.0), ("true", True), ("false", False), ("null", None),
        ('"a"', "a"), (r'"\"\n\t\\\u00e9"', '"\n\t\\é'), ('"${a.b.c}"', "${a.b.c}"), ('"x ${ a.b } y"', "x ${a.b} y"),
        ('"$${a} %%{b}"', "${a} %{b}"), ('"${upper("x")}"', "${expression.1}"), ('"${a ? "}" : b}"', "${expression.1}"),
        ("[]", []), ("[1, 2,]", [1, 2]), ("[\n1,\n# x\n2\n]", [1, 2]), ("{}", {}), ("{a = 1, b : 2}", {"a": 1, "b": 2}),
        ('{\n "a b" = 1\n c = {d = [1]}\n}', {"a b": 1, "c": {"d": [1]}}), ("{a.b = 1}", {"a.b": 1}),
        ("{(var.x) = 1}", {"${key.1}": 1}), ("a.b.c", "${a.b.c}"), ("a.b[0].c", "${a.b.c}"), ("var.x", "${var.x}"),
        ("f(1, [2])", ("!f", 1, [2])), ("f()", ("!f",)), ("f(a...)", ("!f", "${a}")), ("1 + 2", "${expression.1}"),
        ("a ? b : c", "${expression.1}"), ("!a", "${expression.1}"), ("f(1) == 2", "${expression.1}"),
        ("[for x in y : x]", "${for.1}"), ("{for x in y : x => {a = 1}}", "${for.1}"), ("(1)", "${expression.1}"),
        ("<<EOF\n a\nb\nEOF\n", " a\nb\n"), ("<<-EOF\n  a\n  EOF\n", "  a\n"), ("<<A\n$${x}\nA\n", "${x}\n"),
    ],
)  # fmt: skip
def test_an_expression_is_what_it_says_or_a_placeholder(written: str, value: Any) -> None:
    found = _plain(read_hcl(f"x = {written}\ny = 1\n").attributes["x"])

    assert found == value


def test_blocks_have_labels_attributes_and_blocks() -> None:
    root = read_hcl(
        '// one\n/* two\n */ resource "t" "n" {\n  a = 1 # three\n  inner {\n    b = "x"\n  }\n}\nlocals {}\n'
    )

    [resource, other] = root.blocks
    assert (resource.kind, resource.labels, resource.line) == ("resource", ("t", "n"), 3)
    assert resource.blocks[0].text("b") == "x"
    assert resource.text("a") is None
    assert other.kind == "locals"


def test_places_are_those_of_the_file() -> None:
    found = read_hcl('a = 1\nb = {\n  c = "x"\n}\n').attributes["b"]

    assert isinstance(found, Object)
    assert (found.line, found.column, found.keys["c"]) == (2, 5, (3, 3))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("}", "where an attribute or a block begins"),
        ("a = [1", "a list does not end"),
        ('a = "x', "a text does not end"),
        ('a = "x\ny"', "a text does not end"),
        ('a = "${x', "does not end"),
        ("a = {b}", "NAME = VALUE"),
        ("a = {b = 1, b = 2}", "stands twice"),
        ("a = f(1", "does not end"),
        ("a {", "'}' is missing"),
        ("a = <<EOF\nx\n", "no line EOF"),
        ("a = <<\nx\n", "followed by a word"),
        ('a = "\\q"', "is no character"),
        ('a = "\\uzzzz"', "is no character"),
        ("/* x", "a comment does not end"),
        ("= 1", "where an attribute or a block begins"),
        ("a b !", "has no {"),
        ("a = " + "[" * 5000, "levels deep"),
        ("a = " + "{b=" * 5000, "levels deep"),
        ("a {" * 5000, "levels deep"),
        ("a = " + "f(" * 5000, "levels deep"),
    ],
)
def test_what_is_not_its_language_is_refused_with_a_place(text: str, words: str) -> None:
    with pytest.raises(InvalidDefinition, match=words.replace("{", "\\{")) as refusal:
        read_hcl(text)

    assert refusal.value.findings[0].line is not None
