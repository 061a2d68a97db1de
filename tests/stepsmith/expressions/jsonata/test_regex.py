"""Regular expressions: JavaScript's syntax and its choice of matches."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions import jsonata
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.regex import compile_pattern


def found(source: str, text: str, flags: str = "") -> list[str | None] | None:
    """The whole match and its groups."""
    match = compile_pattern(source, flags).search(text, 0, lambda work: None)
    return None if match is None else [text[slice(*match.span)], *match.groups]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("a|ab", "abc", ["a"]),
        ("((a)|(ab))((c)|(bc))", "abc", ["abc", "a", "a", None, "bc", None, "bc"]),
        ("a[a-z]{2,4}?", "abcdefghi", ["abc"]),
        ("(z)((a+)?(b+)?(c))*", "zaacbbbcac", ["zaacbbbcac", "z", "ac", "a", None, "c"]),
        ("(?=(a+))a*b\\1", "baaabac", ["aba", "a"]),
        ("(.*?)a(?!(a+)b\\2c)\\2(.*)", "baaabaac", ["baaabaac", "ba", None, "abaac"]),
        ("(a*)*", "b", ["", None]),
        ("(?<=\\$)\\d+", "cost $42", ["42"]),
        ("(?<!\\$)\\b\\d+", "cost $42 7", ["7"]),
        ("(?<year>\\d{4})-\\k<year>", "2018-2018", ["2018-2018", "2018"]),
        ("[^]", "\n", ["\n"]),
        ("[]", "a", None),
        ("\\u0041\\x42\\cJ", "AB\n", ["AB\n"]),
        ("a{,2}", "a{,2}", ["a{,2}"]),
        ("]}", "]}", ["]}"]),
        ("\\0", "\0", ["\0"]),
        ("[\\b]", "\b", ["\b"]),
        ("[\\w-]+", "a-b", ["a-b"]),
        ("(?:(?<=a)b)?", "ab", [""]),
        ("(?:\\w*?(?!y)){0,2}", "x", ["x"]),
        ("(|a)*b", "aab", ["aab", "a"]),
        ("(\\S*?){1,}.*", "ab here", ["ab here", "b"]),
        ("(?:(a?)(b?)){2,}c", "abbc", ["abbc", "", "b"]),
    ],
)
def test_matches_are_those_of_javascript(source: str, text: str, expected: list[str | None] | None) -> None:
    assert found(source, text) == expected


def test_flags_make_case_and_lines_not_matter() -> None:
    assert found("^ÉTÉ$", "x\nété", "im") == ["été"]
    assert found("[a-c]+", "xABC", "i") == ["ABC"]
    assert found("^b", "a\nb") is None


@pytest.mark.parametrize(
    "source", ["(", ")", "[", "*a", "a**", "a{2,1}", "(?<n", "\\", "[b-a]", "(?x)", "(" * 200]
)
def test_what_is_no_pattern_is_refused(source: str) -> None:
    with pytest.raises(JsonataError, match="Invalid regular expression"):
        compile_pattern(source, "")


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "(a)",
        "(?:ab)",
        "(a|b)",
        "a*",
        "b+?",
        "(ab)?",
        "(a+)b",
        "^",
        "$",
        "c{1,2}",
        "(?=b)",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=5).map("".join), st.text("abc", max_size=12))
def test_common_patterns_match_as_in_python(source: str, text: str) -> None:
    ours = found(source, text)
    theirs = re.search(source.replace("$", r"\Z"), text)

    assert ours == (None if theirs is None else [theirs.group(), *theirs.groups()])


@pytest.mark.parametrize(
    ("pattern", "expected"), [("😀", "a-b-c"), ("[😀]", "a--b--c"), ("😀|b", "a---c"), ("(?:😀)+", "a-b-c")]
)
def test_characters_beyond_the_basic_plane_are_two_units_in_pattern_and_text(
    pattern: str, expected: str
) -> None:
    expression = jsonata.compile(f"$replace('a😀b😀c', /{pattern}/, '-')", jsonata.Dialect.REFERENCE)

    assert expression.evaluate() == expected
