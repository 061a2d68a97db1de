"""Names of states."""

from hypothesis import given
from hypothesis import strategies as st

from stepsmith.authoring.source.names import LONGEST, class_words, sentence, unique


def test_a_function_name_is_a_sentence() -> None:
    assert sentence("extract_metadata") == "Extract metadata"
    assert sentence("_read") == "Read"
    assert sentence("x") == "X"


def test_a_class_name_is_words() -> None:
    assert class_words("EmptyCart") == "Empty Cart"
    assert class_words("HTTPError") == "HTTP Error"
    assert class_words("S3Missing") == "S3 Missing"


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken: set[str] = set()

    assert [unique("Charge", taken) for _ in range(3)] == ["Charge", "Charge 2", "Charge 3"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_names_are_unique_and_not_too_long(wanted: list[str]) -> None:
    taken: set[str] = set()

    given_names = [unique(name, taken) for name in wanted * 2]

    assert len(set(given_names)) == len(given_names)
    assert all(len(name) <= LONGEST for name in given_names)
