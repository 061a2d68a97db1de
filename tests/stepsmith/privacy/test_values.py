"""Masking as a function: what is hidden, what stays, and that the structure stays."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stepsmith.privacy import MASK, PersonalValues

ADA = PersonalValues.of(
    [("email", "ada@example.ie"), ("name", "Ada"), ("country", "IE"), ("lat", 51.846666667)]
)

texts = st.text(st.characters(codec="utf-8", exclude_characters="•"), max_size=12)
secrets = st.text(st.characters(codec="utf-8", exclude_characters="•"), min_size=4, max_size=12)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada@example.ie is known", "••• is known"),
        ("Dear Ada, dear Adam", "Dear •••, dear Adam"),
        ("sent to IE", "sent to IE"),
        ("at 51.846666667 north", "at ••• north"),
        ("51.8466666671", "51.8466666671"),
        ('{"to":"ada@example.ie"}', '{"to":"•••"}'),
        ('{"inner":"{\\"to\\":\\"Ada\\"}"}', '{"inner":"{\\"to\\":\\"•••\\"}"}'),
        ('{"torn": "Ada', '{"torn": "•••'),
        ('{"a": 1,   "b": 2}', '{"a": 1,   "b": 2}'),
        ('{"a": "Ada", "a": 1}', '{"a": "•••", "a": 1}'),
        ("", ""),
    ],
)
def test_a_text_is_shown_without_personal_values(text: str, shown: str) -> None:
    assert ADA.masked_text(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("IE", MASK),
        ({"to": "Ada", "from": None}, {"to": MASK, "from": None}),
        ({"x": 51.846666667, "y": 51.8}, {"x": MASK, "y": 51.8}),
        ({"ada@example.ie": 1, "Ada": 2}, {MASK: 1, f"{MASK}1": 2}),
        ([["Ada"], [True, 5]], [[MASK], [True, 5]]),
    ],
)
def test_json_keeps_its_structure(value: Any, shown: Any) -> None:
    assert ADA.masked(value) == shown


def test_a_little_number_is_hidden_under_its_own_name_only() -> None:
    values = PersonalValues.of([("age", 42), ("is_ill", True), ("D", 48.0)])

    shown = values.masked({"age": 42, "count": 42, "is_ill": True, "is_well": True, "D": 48, "M": 48})

    assert shown == {"age": MASK, "count": 42, "is_ill": MASK, "is_well": True, "D": MASK, "M": 48}


def test_what_python_and_json_write_another_way_is_hidden_too() -> None:
    name = 'Zoë "Z"\n'
    values = PersonalValues.of([("name", name)])

    assert values.masked_text('input: {"name": "Zo\\u00eb \\"Z\\"\\n"}') == 'input: {"name": "•••"}'
    assert values.masked_text(f"KeyError: {name!r}") == "KeyError: '•••'"


def test_a_deep_or_hostile_text_is_masked_as_words() -> None:
    deep = "[" * 100_000 + '"ada@example.ie"'

    assert ADA.masked_text(deep).endswith('"•••"')
    assert PersonalValues.of([("a", "(a+)+$")]).masked_text("a" * 1000 + "!") == "a" * 1000 + "!"


def test_a_number_that_is_the_same_as_a_marked_text_is_hidden() -> None:
    values = PersonalValues.of([("tax_id", "219099999"), ("floor", "5"), ("answer", "true")])

    shown = values.masked({"tax": 219099999, "count": 5, "well": True})

    assert shown == {"tax": MASK, "count": 5, "well": True}


@given(secret=secrets, before=texts, after=texts)
def test_no_marked_text_is_left_in_a_text(secret: str, before: str, after: str) -> None:
    shown = PersonalValues.of([("x", secret)]).masked_text(before + secret + after)

    assert secret not in shown


@given(document=documents, secret=secrets, name=texts)
def test_no_marked_text_is_left_in_json_or_in_json_inside_it(document: Any, secret: str, name: str) -> None:
    values = PersonalValues.of([("x", secret)])
    held = {"a": document, name: [secret], "text": json.dumps({"inner": secret, "doc": document})}

    shown = values.masked(held)

    assert all(secret not in each for each in _texts(shown))


@given(document=documents, secret=secrets)
def test_masking_twice_is_masking_once(document: Any, secret: str) -> None:
    values = PersonalValues.of([("x", secret)])
    once = values.masked([document, secret, f"to {secret}"])

    assert values.masked(once) == once


@given(document=documents, secret=secrets)
def test_what_holds_no_marked_value_stays_equal(document: Any, secret: str) -> None:
    assume(secret.isascii() and secret.isalnum())
    text = json.dumps(document)
    assume(secret not in text and secret not in json.dumps(document, ensure_ascii=False))
    values = PersonalValues.of([("x", secret)])

    assert values.masked(document) == document
    assert values.masked_text(text) == text


@given(document=documents, secrets=st.sets(secrets, max_size=3))
def test_the_structure_stays(document: Any, secrets: set[str]) -> None:
    values = PersonalValues.of([("x", secret) for secret in secrets])

    assert _structure(values.masked(document)) == _structure(document)


def _texts(value: Any) -> list[str]:
    """Give every text and name in JSON, and in the JSON that its texts are; a number is no text."""
    match value:
        case str():
            try:
                inner = json.loads(value)
            except ValueError:
                return [value]
            return _texts(inner) if isinstance(inner, dict | list) else [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [*value, *(text for each in value.values() for text in _texts(each))]
        case _:
            return []


def _structure(value: Any) -> Any:
    match value:
        case list():
            return [_structure(each) for each in value]
        case dict():
            return ["object", *(_structure(each) for each in value.values())]
        case _:
            return value is None
