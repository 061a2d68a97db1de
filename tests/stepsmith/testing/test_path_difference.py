from hypothesis import given
from hypothesis import strategies as st

from stepsmith.testing.path_difference import path_difference

PATHS = st.lists(st.sampled_from("abcdefgh"), max_size=12)


def test_states_stand_one_under_the_other() -> None:
    assert path_difference(["a", "b", "c"], ["a", "d", "c"]) == [
        "the states entered are others than expected",
        "    a",
        "  - b   (entered, not expected)",
        "  + d   (expected, not entered)",
        "    c",
    ]


def test_a_brief_message_puts_what_stands_together_on_one_line() -> None:
    assert path_difference(list("abcdefgx"), list("abcdefyz"), brief=True) == [
        "the states entered are others than expected",
        "    a → 4 more → f",
        "  - g → x   (entered, not expected)",
        "  + y → z   (expected, not entered)",
    ]


def test_what_fits_is_not_shortened() -> None:
    entered, expected = list("abc"), list("abd")

    assert path_difference(entered, expected, brief=True) == path_difference(entered, expected)


@given(entered=PATHS, expected=PATHS)
def test_both_paths_can_be_read_off(entered: list[str], expected: list[str]) -> None:
    lines = path_difference(entered, expected)[1:]

    assert [line[4] for line in lines if line[2] in " -"] == entered
    assert [line[4] for line in lines if line[2] in " +"] == expected
