import json
from typing import Any

from stepsmith.engine import duration, events, failed_state, path
from tests.stepsmith.engine.playing import one, play, task

LOOP: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "B"},
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "A"}],
            "Default": "C",
        },
        "C": {"Type": "Succeed"},
    },
}


def test_pages_join_to_the_whole() -> None:
    run = play(LOOP, {"n": 0})

    whole = events(run.history)
    pages = [
        event
        for first in range(1, len(run.history) + 1, 4)
        for event in events(run.history, start=first, limit=4)
    ]

    assert pages == whole
    assert [event["id"] for event in whole] == list(range(1, len(whole) + 1))


def test_payloads_can_be_left_out() -> None:
    run = play(one(task()), {"secret": 1}, lambda payload: payload)

    assert "secret" in json.dumps(events(run.history))
    assert "secret" not in json.dumps(events(run.history, include_data=False))


def test_folds_tell_path_duration_and_failed_state() -> None:
    run = play(LOOP, {"n": 1})
    failed = play(one({"Type": "Wait", "Seconds": 5, "Next": "F"}, F={"Type": "Fail", "Error": "E"}), {})

    assert path(run.history) == ["A", "B", "A", "B", "C"]
    assert failed_state(run.history) is None
    assert failed_state(failed.history) == "F"
    assert duration(failed.history) == 5.0


def test_an_evaluation_that_failed_names_its_state() -> None:
    run = play(one({"Type": "Pass", "Output": "{% $nothing %}"}, language="JSONata"), {})

    assert failed_state(run.history) == "S"


def test_a_large_document_is_kept_by_reference_and_shown_whole() -> None:
    document = {"rows": [{"id": number, "note": "x" * 50} for number in range(500)]}
    state = {"Type": "Pass", "Result": {"n": 1}, "ResultPath": "$.c", "Next": "T"}

    run = play(one(state, T={"Type": "Pass", "End": True}), document)

    shown = events(run.history)[-1]["executionSucceededEventDetails"]
    assert isinstance(shown, dict)
    assert json.loads(str(shown["output"])) == {**document, "c": {"n": 1}}
    assert not isinstance(run.history.record(len(run.history))[4], str)


def test_times_are_seconds_with_milliseconds() -> None:
    run = play(one({"Type": "Wait", "Seconds": 1}), {})

    assert events(run.history)[-1]["timestamp"] == 1.0
