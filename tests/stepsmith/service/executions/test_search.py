import pytest

from stepsmith.errors import InvalidInput
from stepsmith.service.executions.search import Search, fits, read_condition

INPUT = {"order": {"total": 120, "country": "IE", "paid": True, "lines": [{"sku": "tea"}], "a=b": 1}}


@pytest.mark.parametrize(
    "text",
    [
        "order.total = 120",
        "order.total=120.0",
        "$.order.total >= 120",
        "order.total <= 120",
        "order.total > 119.5",
        "order.total < 121",
        "order.total != 7",
        "order.country = IE",
        'order.country = "IE"',
        "order.country > IA",
        "order.paid = true",
        "order.lines[0].sku = tea",
        "order.lines[*].sku = [\"tea\"]",
        "$.order['a=b'] = 1",
        'order.lines = [{"sku": "tea"}]',
    ],
)  # fmt: skip
def test_a_condition_holds(text: str) -> None:
    assert read_condition(text).holds(INPUT)


@pytest.mark.parametrize(
    "text",
    [
        "order.total = 12",
        "order.total = '120'",
        'order.total = "120"',
        "order.paid = 1",
        "order.lost = 1",
        "order.lost != 1",
        "order.country > 5",
        "order.paid < 2",
        "order.total.deep = 1",
    ],
)
def test_a_condition_does_not_hold(text: str) -> None:
    assert not read_condition(text).holds(INPUT)


@pytest.mark.parametrize("value", [None, 5, "text", [], {"order": None}])
def test_any_input_may_be_asked(value: object) -> None:
    assert not read_condition("order.total = 1").holds(value)  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order.total", "compares nothing: write a path, one of != <= >= = < > and a value"),
        ("", "compares nothing"),
        ("= 5", "lacks a path"),
        ("order.total =", "lacks a value"),
        ("order..[ = 5", "compares nothing"),
        ("a b = 5", "is no path into an input"),
    ],
)
def test_what_is_no_condition_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words.replace("?", r"\?")):
        read_condition(text)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("a*", "ab", True),
        ("*b", "ab", True),
        ("*", "", True),
        ("a*a", "a", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("**a**", "bab", True),
        ("*" * 2000 + "b", "a" * 2000, False),
    ],
)
def test_a_star_stands_for_anything(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern.split("*"), text) is expected


def test_a_search_without_wishes_finds_all_and_times_have_a_first_and_no_last_instant() -> None:
    assert Search().fits_list("e", "FAILED", 5.0)
    assert Search(since=5.0, until=6.0).fits_list("e", "FAILED", 5.0)
    assert not Search(since=5.0, until=6.0).fits_list("e", "FAILED", 6.0)
    assert not Search(since=5.0).fits_list("e", "FAILED", 4.9)
