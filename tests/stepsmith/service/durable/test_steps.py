"""A step that is taken again leads to what it led to, and another engine is noticed by the least difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepsmith.engine.kernel.run import Run
from stepsmith.errors import JournalError
from stepsmith.service.durable.recorded import run_of
from stepsmith.service.durable.steps import Stepper
from stepsmith.store import Reader, Record, Start
from tests.stepsmith.service.durable.engines import Answers, finish, started
from tests.stepsmith.service.durable.workloads import WORKLOADS, Effects, answers

PASSES: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Result": {"n": 1}, "Next": "B"},
        "B": {"Type": "Pass", "End": True},
    },
}


def recorded(path: Path, definition: Any, given: Any = None, tasks: Answers | None = None) -> list[Record]:
    started(path, definition, given)
    finish(path, tasks or Answers())
    reader = Reader(path)
    try:
        return list(reader.records(1))
    finally:
        reader.close()


def again(path: Path, changed: Callable[[Run], object] = lambda run: None) -> tuple[Stepper, Start]:
    reader = Reader(path)
    try:
        start = reader.start(1)
    finally:
        reader.close()
    run = run_of(start, lambda function, payload: None)
    changed(run)
    return Stepper(run), start


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_step_that_is_taken_again_leads_where_it_led(tmp_path: Path, name: str) -> None:
    workload = WORKLOADS[name]
    records = recorded(tmp_path / "j.db", workload.machine, dict(workload.input), answers(Effects()))
    stepper, start = again(tmp_path / "j.db")

    for number, record in enumerate(records, 1):
        stepper.repeat(record, number, start)

    assert stepper.run.status == "SUCCEEDED"
    assert stepper.run.last == records[-1].last


@pytest.mark.parametrize("change", [{"last": 1}, {"digest": 1}])
def test_a_step_that_led_elsewhere_is_refused(tmp_path: Path, change: dict[str, int]) -> None:
    (record,) = recorded(tmp_path / "j.db", PASSES)
    stepper, start = again(tmp_path / "j.db")

    with pytest.raises(JournalError, match="to other events at record 1: go on with the version that began"):
        stepper.repeat(replace(record, **{key: getattr(record, key) + 1 for key in change}), 1, start)


@pytest.mark.parametrize("last", [{"Type": "Succeed"}, {"Type": "Pass", "Result": {"n": 2}, "End": True}])
def test_one_event_of_another_kind_or_with_another_value_is_noticed(
    tmp_path: Path, last: dict[str, Any]
) -> None:
    (record,) = recorded(tmp_path / "j.db", PASSES)
    other = {"StartAt": "A", "States": {**PASSES["States"], "B": last}}
    started(tmp_path / "other.db", other)
    stepper, start = again(tmp_path / "other.db")

    with pytest.raises(JournalError, match="to other events at record 1"):
        stepper.repeat(record, 1, start)

    assert stepper.run.last == record.last


def test_a_step_goes_on_until_nothing_is_to_be_done_at_its_instant(tmp_path: Path) -> None:
    counting = {
        "StartAt": "Count",
        "States": {
            "Count": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "More"},
            "More": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.i", "NumericLessThan": 3000, "Next": "Count"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }
    started(tmp_path / "j.db", counting, {"i": 0})
    stepper, _ = again(tmp_path / "j.db")

    stepper.step(stepper.run.now, [])

    assert stepper.run.status == "SUCCEEDED"


def test_no_expression_of_a_recorded_execution_is_ended_by_the_time_that_it_takes(tmp_path: Path) -> None:
    """It would end at another place the next time; how much it may do is counted."""
    started(tmp_path / "j.db", PASSES)

    stepper, _ = again(tmp_path / "j.db")

    assert stepper.run.settings.clock is None
