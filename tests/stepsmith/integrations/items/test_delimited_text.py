from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.integrations.items.delimited_text import records, rows


def fields(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(records(iter(text.splitlines(keepends=True)), delimiter))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        ('"a,b",c\n', [["a,b", "c"]]),
        ('"a""b",c\n', [['a"b', "c"]]),
        ('"a\nb",c\nd,e\n', [["a\nb", "c"], ["d", "e"]]),
        ("a\\,b,c\n", [["a,b", "c"]]),
        ("a\\\\b\n", [["a\\b"]]),
        ('a\\"b\n', [['a"b']]),
        ("a\\nb\n", [["anb"]]),
        ("a\n\nb\n", [["a"], ["b"]]),
        ("   \n", [["   "]]),
        (",,\n", [["", "", ""]]),
        ('{""size"":""L""},2\n', [['{"size":"L"}', "2"]]),
        ('12"" pipe,5\n', [['12" pipe', "5"]]),
        ('""quoted"" text,""\n', [['"quoted" text', ""]]),
        ('"","""a""",x\n', [["", '"a"', "x"]]),
        ('a"b,c"d,e\n', [["ab,cd", "e"]]),
        ('"never closed\nb', [["never closed\nb"]]),
        ("a\\", [["a"]]),
    ],
)
def test_a_record_is_read_by_the_rules_of_aws(text: str, expected: list[list[str]]) -> None:
    assert fields(text) == expected


@pytest.mark.parametrize(("delimiter", "text"), [("|", "a|b"), (";", "a;b"), ("\t", "a\tb"), (" ", "a b")])
def test_the_delimiter_is_chosen(delimiter: str, text: str) -> None:
    assert fields(text, delimiter) == [["a", "b"]]


def test_short_records_are_filled_and_long_ones_cut() -> None:
    assert list(rows(iter([["1"], ["1", "2", "3"]]), ["a", "b"])) == [
        {"a": "1", "b": ""},
        {"a": "1", "b": "2"},
    ]


@given(st.lists(st.lists(st.text(alphabet='ab,"\\\n ', min_size=1), min_size=1), min_size=1))
def test_quoted_fields_come_back_as_they_were(table: list[list[str]]) -> None:
    def quoted(field: str) -> str:
        return '"' + field.replace("\\", "\\\\").replace('"', '""') + '"'

    text = "\n".join(",".join(map(quoted, record)) for record in table) + "\n"

    assert fields(text) == table
