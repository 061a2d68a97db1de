import pytest

from stepsmith.asl.checks.values import is_label, is_resource_name, is_timestamp, is_variable


@pytest.mark.parametrize("name", ["a", "x" * 80, "a-b_c.d", "(é)'!@+="])
def test_names_that_aws_accepts(name: str) -> None:
    assert is_resource_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 81,
        "a b",
        "a:b",
        "a/b",
        "a{b",
        "a\u0085b",
        "a\ud800",
        "a\uffff",
        "a\tb",
        *'<>{}[]?*"#%\\^|~`$&,;',
    ],
)
def test_names_that_aws_refuses(name: str) -> None:
    assert not is_resource_name(name)


def test_labels_are_shorter_than_names() -> None:
    assert is_label("x" * 40)
    assert not is_label("x" * 41)
    assert not is_label("a b")


@pytest.mark.parametrize(
    ("name", "valid"),
    [("a", True), ("größe_2", True), ("2a", False), ("a-b", False), ("", False), ("a" * 81, False)],
)
def test_variables_are_identifiers(name: str, valid: bool) -> None:
    assert is_variable(name) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2016-12-05T21:29:29Z", True),
        ("2016-12-05T21:29:29.1Z", True),
        ("2016-12-05T21:29:29.123456789+05:30", True),
        ("2024-02-29T00:00:00Z", True),
        ("2023-02-29T00:00:00Z", False),
        ("05-12-2016T21:29:29Z", False),
        ("2016-12-05 21:29:29Z", False),
        ("2016-12-05T25:29:29Z", False),
        ("2016-12-05T21:29:29", False),
        ("2016-12-05t21:29:29z", False),
        ("2016-12-05T21:29:29.Z", False),
        ("2016-12-05T21:29:29+25:00", False),
        ("٢٠١٦-12-05T21:29:29Z", False),
        ("2016-12-05T21:29:29Z\n", False),
    ],
)
def test_timestamps_are_in_the_profile_of_the_language(text: str, valid: bool) -> None:
    assert is_timestamp(text) is valid
