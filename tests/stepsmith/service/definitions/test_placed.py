"""JSON in the lines and columns of what it was made of."""

from __future__ import annotations

import json

import pytest

from stepsmith.asl import check
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service.definitions.nodes import read_nodes
from stepsmith.service.definitions.placed import json_text

MACHINE = b"""\
# what it is for
Comment: a machine
StartAt: First

States:
  First:
    Type: Task
    Resource: "arn:aws:lambda:us-east-1:123456789012:function:f"
    Retry:
      - ErrorEquals: [States.ALL]
        MaxAttempts: -1
    Next: Lost
  Second: {Type: Pass, End: true, Nxt: x}
"""


def test_names_and_values_stand_where_they_stood() -> None:
    lines = json_text(read_nodes(MACHINE)).split("\n")

    assert lines[5].startswith('  "First":{')
    assert lines[7].startswith('    "Resource":"arn:')
    assert lines[10].lstrip() == '"MaxAttempts":-1}],'
    assert lines[11].startswith('    "Next":')


def test_what_is_wrong_is_named_by_its_place_in_the_yaml() -> None:
    found = {(each.rule or each.code): (each.line, each.column) for each in check(json_text(read_nodes(MACHINE)))}

    assert set(found.values()) == {(11, 9), (12, 5), (13, 3)}


def test_an_alias_stands_where_it_is_used_as_far_as_there_is_room() -> None:
    text = json_text(read_nodes(b"a: &x {b: 1, c: 2}\n\nd: *x\n"))

    assert json.loads(text) == {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 2}}
    assert text.split("\n")[2].startswith('"d":')


def test_a_tag_is_what_the_caller_says_it_is() -> None:
    root = read_nodes(b"a: !Sub x\nb: !Other [1]\n")

    assert json.loads(json_text(root, text_of=lambda node: None if node.tag is None else node.tag)) == {
        "a": "!Sub",
        "b": "!Other",
    }
    with pytest.raises(InvalidDefinition, match="!Sub is no part of a definition"):
        json_text(root)
