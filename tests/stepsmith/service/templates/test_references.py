"""What templates write for the names of others."""

from __future__ import annotations

import pytest

from stepsmith.service.definitions.nodes import Object, read_nodes
from stepsmith.service.templates.references import text_of, value_of


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("!Ref Table", "${Table}"),
        ("{Ref: Table}", "${Table}"),
        ("!GetAtt Check.Arn", "${Check.Arn}"),
        ("!GetAtt [Check, Arn]", "${Check.Arn}"),
        ("{'Fn::GetAtt': [Check, Arn]}", "${Check.Arn}"),
        ("!Sub 'arn:${AWS::Region}:${Check.Arn}'", "arn:${AWS::Region}:${Check.Arn}"),
        ("!Sub ['a ${B} ${C}', {B: !Ref X, C: 3}]", "a ${X} 3"),
        ("!Sub ['a ${B}', [1]]", "a ${B}"),
        ("!Join ['-', [a, !Ref B, 3]]", "a-${B}-3"),
        ("{'Fn::Join': ['', ['a', {'Fn::GetAtt': [B, Arn]}]]}", "a${B.Arn}"),
        ("!ImportValue shared", "${ImportValue.1}"),
        ("{'Fn::If': [A, b, c]}", "${If.1}"),
        ("!Select [0, [a]]", "${Select.1}"),
    ],
)
def test_a_function_is_a_text_with_placeholders(written: str, text: str) -> None:
    root = read_nodes(f"a: {written}".encode())

    assert isinstance(root, Object)
    assert text_of(root.items["a"]) == text


@pytest.mark.parametrize(
    "written",
    ["text", "[1]", "{a: 1}", "{Ref: [1]}", "{Ref: a, b: 1}", "!Join x", "!Join ['', x]", "!Ref {a: 1}"],
)
def test_what_is_no_function_has_no_text(written: str) -> None:
    root = read_nodes(f"a: {written}".encode())

    assert isinstance(root, Object)
    assert text_of(root.items["a"]) is None


@pytest.mark.parametrize(
    ("written", "value"),
    [("3", 3), ("true", True), ("x", "x"), ("!Ref X", "${X}"), ("[1]", None), ("~", None)],
)
def test_a_value_is_a_text_a_number_or_a_boolean(written: str, value: object) -> None:
    root = read_nodes(f"a: {written}".encode())

    assert isinstance(root, Object)
    assert value_of(root.items["a"]) == value
