"""Large payloads that are packed are read as they were, and no more of them is held than is allowed."""

from __future__ import annotations

import random

import pytest

from stepsmith.asl import parse
from stepsmith.engine import Run, Settings, compile, events
from stepsmith.engine.history import packing
from stepsmith.engine.history.packing import Packing
from stepsmith.engine.values.payload import Large, payload_text, size_of, text_of
from stepsmith.expressions.types import Json


def packed(values: list[Json], monkeypatch: pytest.MonkeyPatch, most: int = 0) -> list[Large]:
    """Payloads of a history that keeps next to nothing as it is."""
    monkeypatch.setattr(packing, "MOST_WHOLE", most)
    keeper = Packing()
    payloads: list[Large] = []
    for value in values:
        size = size_of(text_of(value))
        payloads.append(Large(value, size, size))
        keeper.add(payloads[-1])
    return payloads


dice = random.Random(7)
NOISE = "".join(dice.choice("abcdefghij") for _ in range(50_000))
SERIES: dict[str, list[Json]] = {
    "growing at the end": [{"s": NOISE[: 1000 * each]} for each in range(1, 50)],
    "growing at the beginning": [{"s": NOISE[-1000 * each :]} for each in range(1, 50)],
    "changing in the middle": [{"a": NOISE, "n": each, "b": NOISE} for each in range(100)],
    "the same twice": [{"s": NOISE}, {"s": NOISE}, {"s": NOISE}],
    "nothing in common": [{"s": "".join(dice.choices('αβγ\\"😀', k=3000))} for _ in range(20)],
    "shrinking": [["x" * each] for each in (9000, 8999, 100, 1, 0)],
    "texts alone": [NOISE, NOISE + "é", "é" + NOISE],
}


@pytest.mark.parametrize("name", SERIES)
def test_packed_payloads_have_the_text_they_had(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = SERIES[name]

    payloads = packed(values, monkeypatch)

    assert [payload_text(each) for each in payloads] == [text_of(value) for value in values]
    assert all(each.value is None for each in payloads[:-1])


def test_the_newest_payloads_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    values: list[Json] = [{"s": "x" * 10_000} for _ in range(10)]

    payloads = packed(values, monkeypatch, most=30_100)

    assert [each.value is None for each in payloads] == [True] * 7 + [False] * 3


def test_a_history_is_the_same_packed_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {"Variable": "$.n", "StringMatches": "*", "Next": "P"}
    states = {
        "P": {"Type": "Pass", "Parameters": {"n.$": "States.Format('{}{}', $.n, $.n)"}, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [rule], "Default": "E"},
        "E": {"Type": "Succeed"},
    }
    program = compile(parse({"StartAt": "P", "States": states}))

    def history() -> list[dict[str, Json]]:
        run = Run(program, Settings(), {"n": "0123456789"}, now=0.0)
        run.advance(0.0)
        assert run.error == "States.DataLimitExceeded"
        return events(run.history)

    whole = history()
    monkeypatch.setattr(packing, "MOST_WHOLE", 0)

    assert history() == whole
