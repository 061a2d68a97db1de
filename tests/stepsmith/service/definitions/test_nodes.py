"""YAML as nodes: which values, in which places, and what is refused at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service.definitions import nodes
from stepsmith.service.definitions.nodes import Object, Scalar, read_nodes
from stepsmith.service.definitions.placed import json_text

VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x7f\x85\ufeff", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc: #-", max_size=5), inner, max_size=4),
    max_leaves=20,
)


def _value(text: str | bytes) -> Any:
    return json.loads(json_text(read_nodes(text.encode() if isinstance(text, str) else text)))


@given(value=VALUES, flow=st.sampled_from([True, False]))
def test_what_yaml_writes_is_read_again(value: Any, flow: bool) -> None:
    class Dumper(yaml.SafeDumper):
        """Writes texts in quotes, since YAML 1.1 takes other texts for numbers than we do."""

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))

    assert _value(yaml.dump(value, Dumper=Dumper, default_flow_style=flow, allow_unicode=True)) == value


@given(value=VALUES)
def test_json_is_yaml_too(value: Any) -> None:
    assert _value(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"),
        ("~", None), ("null", None), ("", None), ("'~'", "~"), ("10", 10), ("010", "010"), ("08", "08"), ("0", 0), ("0.5", 0.5), ("-3", -3), ("+3", 3),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("1.", 1.0), ("0x1f", "0x1f"), ("1_000", "1_000"), ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"), ('"10"', "10"), ("!!str 10", "10"), ("=", "="), ("<<", "<<"), ("e3", "e3"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    assert _value(f"a: {text}") == {"a": value}
    assert type(_value(f"a: {text}")["a"]) is type(value)


def test_an_alias_stands_for_what_it_names() -> None:
    assert _value("a: &x {b: 1}\nc: [*x, *x]") == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: [1", (2, 1), "This is no YAML"),
        ("a:\n  - b\n - c", (3, 2), "This is no YAML"),
        ("a: 1\nb: 2\na: 3", (3, 1), "The field 'a' stands twice"),
        ("a: *x", (1, 4), "alias \\*x stands for nothing"),
        ("&a [1, *a]", (1, 8), "stands for something that holds it"),
        ("a: !!binary aGk=", (1, 4), "!!binary is no JSON"),
        ("!!python/object/apply:os.system ['id']", (1, 1), "is no JSON"),
        ("a: !Sub x", (1, 4), "!Sub is no part of a definition"),
        ("a: .inf", (1, 4), "no number in JSON"),
        ("a: -.NaN", (1, 4), "no number in JSON"),
        ("a: 1e999", (1, 4), "larger than a number can be"),
        ("? [a]\n: 1", (1, 3), "name of a field is a text"),
        ("a: 1\n---\nb: 2", (2, 1), "second document"),
        ("- " * 20_000, (1, 401), "more than 200 levels"),
        ("[" * 20_000, None, "nest"),
        ("{" * 20_000, None, "nest"),
        ("a: \x00", None, "This is no YAML"),
    ],
)
def test_what_is_no_definition_is_refused_with_its_place(
    text: str, place: tuple[int, int] | None, words: str
) -> None:
    with pytest.raises(InvalidDefinition, match=words) as refusal:
        _value(text)

    [finding] = refusal.value.findings
    assert place in (None, (finding.line, finding.column))


def test_bytes_that_are_no_text_are_refused() -> None:
    for data in (b"\xff\xfe\x00", b"a: \xff", b"\xc3\x28"):
        with pytest.raises(InvalidDefinition):
            _value(data)


def test_aliases_of_aliases_do_not_grow() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    with pytest.raises(InvalidDefinition, match="more than 400,000 parts"):
        _value("\n".join(lines))


def test_a_document_has_at_most_so_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MOST_NODES", 5)

    assert _value("[1, 2, 3, 4]") == [1, 2, 3, 4]
    with pytest.raises(InvalidDefinition, match="more than 5 parts"):
        _value("[1, 2, 3, 4, 5]")


def test_nodes_know_their_places() -> None:
    root = read_nodes(b"a:\n  b: [1, two]\n  c: |\n    x\n")

    assert isinstance(root, Object)
    inner = root.get("a", "b")
    block = root.get("a", "c")
    assert inner is not None
    assert isinstance(block, Scalar)
    assert (inner.line, inner.column) == (2, 6)
    assert (block.block, block.line, block.value) == (True, 3, "x\n")
    assert root.keys["a"] == (1, 1)
    assert root.get("a", "z", "y") is None
    assert root.text("a", "b") is None
