"""What holds for the history of any execution: of nested states that fail, are caught, retried and redriven."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepsmith.service import Execution, load
from stepsmith.views import visits
from stepsmith.views.histories.history_events import Owners, failed_state, name_in

pytestmark = pytest.mark.slow
Drawn = st.DataObject
FUNCTION = "arn:aws:lambda:eu-west-1:1:function:work"
ALL = ["States.ALL"]


def machine(data: Drawn) -> dict[str, Any]:
    """A machine of up to three nested levels; its names are S1, S2 and so on."""
    return flow(data, (f"S{number}" for number in count(1)), depth=3)


def flow(data: Drawn, names: Any, *, depth: int) -> dict[str, Any]:
    row = [next(names) for _ in range(data.draw(st.integers(1, 3)))]
    states = {name: state(data, names, depth=depth) for name in row}
    if data.draw(st.integers(0, 5)) == 0:
        states[row[-1]] = {"Type": "Fail", "Error": "Enough"}
    for name, following in zip(row, [*row[1:], None], strict=True):
        if states[name]["Type"] == "Fail":
            continue
        states[name] |= {"End": True} if following is None else {"Next": following}
        if states[name]["Type"] in ("Task", "Parallel", "Map"):
            if data.draw(st.booleans()) and following is not None:
                states[name]["Catch"] = [{"ErrorEquals": ALL, "Next": following}]
            if data.draw(st.integers(0, 3)) == 0:
                states[name]["Retry"] = [{"ErrorEquals": ALL, "MaxAttempts": 1, "IntervalSeconds": 2}]
    return {"StartAt": row[0], "States": states}


def state(data: Drawn, names: Any, *, depth: int) -> dict[str, Any]:
    kinds = ["Task", "Task", "Wait", "Pass", *(["Parallel", "Map"] if depth else [])]
    match data.draw(st.sampled_from(kinds)):
        case "Task":
            return {"Type": "Task", "Resource": FUNCTION, "ResultPath": None}
        case "Wait":
            return {"Type": "Wait", "Seconds": data.draw(st.integers(0, 4))}
        case "Parallel":
            branches = [flow(data, names, depth=depth - 1) for _ in range(data.draw(st.integers(1, 3)))]
            return {"Type": "Parallel", "Branches": branches, "ResultPath": None}
        case "Map":
            items = {"ItemsPath": "$.items", "ItemSelector": {"items.$": "$.items"}, "ResultPath": None}
            return {"Type": "Map", "ItemProcessor": flow(data, names, depth=depth - 1), **items}
        case kind:
            return {"Type": kind}


def execution(data: Drawn) -> Execution[Any]:
    """An execution whose tasks fail now and then."""
    fails = data.draw(st.lists(st.booleans(), min_size=12, max_size=12))
    calls = count()

    def work(payload: object) -> int:
        if fails[next(calls) % len(fails)]:
            raise ValueError("no")
        return 1

    return load(machine(data)).run({"items": [1, 2]}, tasks={"work": work})


lawful = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@given(st.data())
@lawful
def test_each_event_that_names_a_state_belongs_to_it(data: Drawn) -> None:
    owners = Owners()
    for event in execution(data).history:
        owner = owners.take(event)
        if name_in(event):
            assert owner is not None
            assert owner.name == name_in(event)


@given(st.data())
@lawful
def test_each_event_between_entry_and_exit_has_an_owner_of_its_type(data: Drawn) -> None:
    owners = Owners()
    for event in execution(data).history:
        owner, kind = owners.take(event), str(event["type"])
        if kind.startswith("Execution"):
            assert owner is None
            continue
        assert owner is not None
        for type in ("Parallel", "Map"):
            assert owner.kind == type or not kind.startswith(type)
        assert owner.kind == "Task" or not kind.startswith(("Task", "LambdaFunction"))


@given(st.data())
@lawful
def test_nothing_runs_any_more_when_the_execution_has_ended(data: Drawn) -> None:
    ended = execution(data)
    for _ in range(data.draw(st.integers(0, 2))):
        if ended.status == "FAILED":
            ended.redrive()

    found = visits(ended.history)

    assert all(visit.ended is not None and visit.word != "running" for visit in found)
    if ended.status == "SUCCEEDED":
        assert found[-1].word in ("succeeded", "caught")


@given(st.data())
@lawful
def test_the_state_that_failed_is_the_one_that_the_engine_names(data: Drawn) -> None:
    ended = execution(data)

    assert failed_state(ended.history) == ended.failed_state
    if ended.failed_state is not None:
        words = {visit.word for visit in visits(ended.history) if visit.name == ended.failed_state}
        assert "failed" in words
