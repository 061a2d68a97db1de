"""What Java's own library answers, recorded with OpenJDK 17, is what the service's dialect gives."""

import json

import pytest

from tests.stepsmith.expressions.jsonata.java.questions import MAKERS, RECORDED, ours

ROWS = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("kind", MAKERS)
def test_what_java_answers_is_what_comes_out(kind: str) -> None:
    asked = [(arguments, answer) for known, arguments, answer in ROWS if known == kind]

    assert asked
    assert [(arguments, ours(kind, arguments)) for arguments, _ in asked] == asked
