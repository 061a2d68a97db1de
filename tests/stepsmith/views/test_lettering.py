import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.views.lettering import lines, shorten, width


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Count points", ["Count points"]),
        (
            "authorisation.status == AuthorisationStatus.NEEDS_CONFIRMATION?",
            ["authorisation.status ==", "AuthorisationStatus.NEEDS_", "CONFIRMATION?"],
        ),
        ("A" * 60, ["A" * 22, "A" * 22, "A" * 16]),
        ("DynamoDB.ConditionalCheckFailedException", ["DynamoDB.ConditionalCheck", "FailedException"]),
        ("", [""]),
    ],
)
def test_a_name_is_broken_at_blanks_and_then_after_points(text: str, broken: list[str]) -> None:
    assert lines(text) == broken


@given(st.text(max_size=200))
def test_no_line_is_wider_than_allowed_and_there_are_at_most_three(text: str) -> None:
    found = lines(text)

    assert 1 <= len(found) <= 3
    assert all(width(line) <= 190 for line in found)


@given(st.text(alphabet="abc. _", max_size=60))
def test_breaking_loses_nothing_that_fits(text: str) -> None:
    found = lines(text, limit=190, most=100)

    assert "".join(found).replace(" ", "") == "".join(text.split())


def test_what_does_not_fit_is_cut_in_the_last_line() -> None:
    found = lines("one two three four five six seven eight nine ten", limit=70, most=3)

    assert found == ["one two", "three four", "five six s…"]


def test_text_is_cut_with_an_ellipsis() -> None:
    assert shorten("one two three", 7) == "one tw…"
