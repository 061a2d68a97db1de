"""Simulated executions: time, failures, limits and money."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from stepsmith import Retry, TaskToken, callback_task, load, task, workflow
from stepsmith.errors import InvalidInput
from stepsmith.service import local
from stepsmith.service.machines.workflow_runs import run_workflow
from stepsmith.simulation import Simulation, simulate
from workflows.customer_onboarding import customer_onboarding

EVEN = {"pattern": "even", "per_second": 1}
FREE = {"functions": None, "starts": None, "transitions": None}


class Reply(BaseModel):
    """What somebody says."""

    word: Literal["yes", "no"]


@task(retry=[Retry.on("Busy", max_attempts=2)])
def ask(number: int) -> Reply:
    """Ask."""
    raise AssertionError("no simulation carries a task out")


@callback_task(Reply)
def sign(token: TaskToken, number: int) -> None:
    """Have it signed."""
    raise AssertionError("no simulation carries a task out")


@workflow
def asking(number: int) -> str:
    """Ask."""
    reply = ask(number)
    return reply.word


@workflow
def signing(number: int) -> str:
    """Have it signed."""
    reply = sign(number)
    return reply.word


@workflow
def both(number: int) -> str:
    """Let another do it."""
    return asking(number)


def _machine(states: dict[str, Any]) -> Any:
    return load({"StartAt": next(iter(states)), "States": states})


def _task(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:lambda:us-east-1:123456789012:function:{name}", **more}


def _same(one: Simulation, other: Simulation) -> bool:
    return one.to_json() == other.to_json()


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    model = {"tasks": {"ask": {"seconds": {"median": 1, "p95": 5}, "fails": {"Busy": 0.3}}}}

    first, again, other = (simulate(asking, executions=200, model=model, seed=seed) for seed in (1, 1, 2))

    assert _same(first, again)
    assert first.tally.durations != other.tally.durations


def test_nothing_is_carried_out_and_what_is_not_said_is_an_example_of_the_type() -> None:
    found = simulate(asking, executions=3)

    assert found.tally.statuses == {"SUCCEEDED": 3}
    assert found.assumed == ("Ask",)
    assert found.tally.durations == [0.2] * 3


def test_failures_come_as_often_as_they_are_said_to_and_are_tried_again() -> None:
    found = simulate(
        asking, executions=4000, model={"limits": FREE, "tasks": {"ask": {"fails": {"Busy": 0.5}}}}
    )

    spent = found.tally.spent["Ask"]
    assert 0.46 < spent.failures["Busy"] / spent.attempts < 0.54
    # three attempts, each of which fails with one half: an eighth of the executions
    assert 0.1 < found.tally.errors["Busy", "Ask"] / 4000 < 0.15
    assert spent.retrying > 0
    assert found.tally.statuses["FAILED"] == found.tally.errors["Busy", "Ask"]


@pytest.mark.parametrize(
    ("seconds", "mean"),
    [
        (2, 2.0),
        ({"uniform": [1, 3]}, 2.0),
        ({"exponential": 2}, 2.0),
        ({"observed": [1, 1, 4]}, 2.0),
        ({"median": 2, "p95": 2}, 2.0),
    ],
)
def test_durations_are_drawn_from_what_is_given(seconds: Any, mean: float) -> None:
    model = {"limits": FREE, "arrivals": EVEN, "tasks": {"ask": {"seconds": seconds}}}

    found = simulate(asking, executions=3000, model=model)

    assert sum(found.tally.durations) / 3000 == pytest.approx(mean, rel=0.08)
    assert found.tally.spent["Ask"].running == pytest.approx(sum(found.tally.durations), rel=1e-6)


def test_a_lognormal_duration_has_its_median_and_its_95th_percentile() -> None:
    model = {"limits": FREE, "tasks": {"ask": {"seconds": {"median": 1, "p95": 5}}}}

    found = simulate(asking, executions=4000, model=model)

    assert found.quantile(0.5) == pytest.approx(1, rel=0.1)
    assert found.quantile(0.95) == pytest.approx(5, rel=0.2)


TOO_MANY = "Lambda.TooManyRequestsException"


def test_who_finds_no_function_free_is_refused_and_fails_without_a_retrier() -> None:
    machine = _machine({"A": _task("a", End=True)})
    model = {
        "arrivals": {"pattern": "at once"},
        "limits": {**FREE, "functions": 2},
        "tasks": {"a": {"seconds": 1}},
    }

    found = simulate(machine, executions=6, model=model)

    assert dict(found.tally.errors) == {(TOO_MANY, "A"): 4}
    assert (found.tally.throttled_functions, found.tally.calls) == (4, 2)
    assert (found.tally.highest_functions, found.tally.highest_executions) == (2, 6)


def test_who_is_refused_is_tried_again_by_the_retriers_of_the_machine() -> None:
    retry = [{"ErrorEquals": [TOO_MANY], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1}]
    machine = _machine({"A": _task("a", Retry=retry, End=True)})
    model = {
        "arrivals": {"pattern": "at once"},
        "limits": {**FREE, "functions": 2},
        "tasks": {"a": {"seconds": 1}},
    }

    found = simulate(machine, executions=6, model=model)

    assert sorted(found.tally.durations) == [1, 1, 3, 3, 5, 5]
    assert found.succeeded == 1
    assert found.tally.throttled_functions == 6
    assert found.tally.spent["A"].retrying == 12


def test_a_call_that_finds_no_environment_of_its_function_starts_one() -> None:
    machine = _machine({"A": _task("a", End=True)})
    model = {
        "arrivals": {"pattern": "even", "per_second": 0.1},
        "limits": {**FREE, "warm_seconds": 15},
        "tasks": {"a": {"seconds": 1, "cold_seconds": 3}},
    }

    warm = simulate(machine, executions=4, model=model)
    cold = simulate(machine, executions=4, model=model, change={"limits.warm_seconds": 5})

    assert warm.tally.durations == [4, 1, 1, 1]
    assert (warm.tally.cold_starts, cold.tally.cold_starts) == (1, 4)
    assert cold.tally.durations == [4, 4, 4, 4]


def test_a_workflow_simulates_itself() -> None:
    model = {"tasks": {"ask": {"seconds": 1}}}

    found = asking.simulate(executions=20, model=model, seed=3)

    assert found.to_json() == simulate(asking, executions=20, model=model, seed=3).to_json()


def test_starts_beyond_the_bucket_are_throttled_and_tried_again() -> None:
    model = {
        "arrivals": {"pattern": "at once"},
        "limits": {**FREE, "starts": {"size": 2, "per_second": 1}},
        "tasks": {"ask": {"seconds": 0}},
    }

    found = simulate(asking, executions=4, model=model)

    assert found.tally.throttled_starts == 2
    assert sorted(found.tally.durations) == [0, 0, 1, 2]


def test_transitions_beyond_the_bucket_are_throttled() -> None:
    model = {
        "arrivals": {"pattern": "at once"},
        "limits": {**FREE, "transitions": {"size": 1, "per_second": 1}},
        "tasks": {"ask": {"seconds": 0}},
    }

    found = simulate(asking, executions=3, model=model)

    assert found.tally.throttled_transitions == 2
    assert sorted(found.tally.durations) == [0, 1, 2]


def test_waiting_for_somebody_holds_no_function() -> None:
    model = {
        "arrivals": {"pattern": "at once"},
        "limits": {**FREE, "functions": 1},
        "tasks": {"sign": {"seconds": 3600, "returns": {"word": "no"}}},
    }
    model["arrivals"] = {"pattern": "even", "per_second": 1}

    found = simulate(signing, executions=2, model=model)

    assert found.tally.durations == [3600.2, 3600.2]
    assert found.tally.throttled_functions == 0


def test_who_is_never_answered_runs_into_the_limit() -> None:
    states = {
        "Sign": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "sign", "Payload": {"t.$": "$$.Task.Token"}},
            "TimeoutSeconds": 60,
            "End": True,
        }
    }

    found = simulate(_machine(states), executions=5, model={"tasks": {"sign": {"ignored": 1, "seconds": 5}}})

    assert found.tally.errors == {("States.Timeout", "Sign"): 5}
    assert found.tally.durations == [60.0] * 5


def test_a_function_does_not_outlive_the_limit_of_its_state() -> None:
    machine = _machine({"A": _task("a", TimeoutSeconds=3, End=True)})

    found = simulate(machine, executions=2, model={"arrivals": EVEN, "tasks": {"a": {"seconds": 100}}})

    assert found.tally.errors == {("States.Timeout", "A"): 2}
    assert found.tally.durations == [3.0, 3.0]


def test_waits_are_time_that_is_waited_for() -> None:
    machine = _machine(
        {"W": {"Type": "Wait", "Seconds": 90, "Next": "P"}, "P": {"Type": "Pass", "End": True}}
    )

    found = simulate(machine, executions=4)

    assert found.tally.spent["W"].waiting == pytest.approx(360)
    assert found.tally.durations == [90.0] * 4


def test_executions_that_others_start_are_simulated_inside_them() -> None:
    found = simulate(both, executions=2, model={"tasks": {"ask": {"returns": {"word": "no"}, "seconds": 7}}})

    assert found.tally.durations == [7.0, 7.0]
    assert found.tally.spent["Ask"].visits == 2


def test_an_execution_that_goes_on_for_ever_is_ended() -> None:
    machine = _machine(
        {
            "W": {"Type": "Wait", "Seconds": 10_000_000, "Next": "W2"},
            "W2": {"Type": "Wait", "Seconds": 90_000_000, "End": True},
        }
    )

    found = simulate(machine, executions=1)

    assert list(found.tally.statuses) in (["ABORTED"], ["TIMED_OUT"])


def test_a_distributed_map_reads_the_items_of_the_model() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "A"}
    states = {
        "Each": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": "b", "Key": "k"},
            },
            "ItemProcessor": {**processor, "States": {"A": _task("a", End=True)}},
            "MaxConcurrency": 2,
            "End": True,
        }
    }  # fmt: skip

    found = simulate(
        _machine(states),
        executions=1,
        model={"tasks": {"Each": {"items": [1, 2, 3, 4]}, "a": {"seconds": 5, "returns": 1}}},
    )
    lost = simulate(_machine(states), executions=1)

    assert (found.tally.durations, found.tally.calls) == ([10.0], 4)
    assert lost.tally.statuses == {"FAILED": 1}


def test_what_it_costs_is_counted_from_transitions_and_functions() -> None:
    model = {"arrivals": {"per_second": 2}, "tasks": {"ask": {"seconds": 1, "memory_mb": 1024}}}

    found = simulate(asking, executions=1000, model=model)
    intel = simulate(asking, executions=1000, model={**model, "architecture": "x86_64"})

    assert found.cost.functions == pytest.approx(1000 * (0.0000002 + 0.0000133334))
    assert intel.cost.functions == pytest.approx(1000 * (0.0000002 + 0.0000166667))
    assert found.cost.transitions == pytest.approx(found.tally.transitions * 0.000025)
    # the start, and each state that it enters
    assert found.tally.transitions == 1000 * (1 + len(asking.definition.states))
    assert found.cost_of_month == pytest.approx(found.cost.per_thousand() / 1000 * 2 * 30 * 86_400)


def test_express_executions_are_billed_by_time() -> None:
    machine = load({"StartAt": "A", "States": {"A": _task("a", End=True)}}, type="EXPRESS")

    found = simulate(machine, executions=1000, model={"tasks": {"a": {"seconds": 0.11}}})

    assert found.cost.transitions == pytest.approx(1000 * 0.000001 + 200 * 64 / 1024 * 0.00001667)


@pytest.mark.parametrize(
    ("change", "durations"),
    [
        ({"limits.functions": 3}, [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        ({"tasks.a.seconds": 0.5}, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]),
        ({"A.TimeoutSeconds": 1, "tasks.a.seconds": 9}, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ],
)
def test_a_change_is_tried_beside_what_is(change: Any, durations: list[float]) -> None:
    retry = [{"ErrorEquals": [TOO_MANY], "IntervalSeconds": 1, "MaxAttempts": 9, "BackoffRate": 1}]
    machine = _machine({"A": _task("a", Retry=retry, End=True)})
    model = {
        "arrivals": {"pattern": "at once"},
        "limits": {**FREE, "functions": 1},
        "tasks": {"a": {"seconds": 1}},
    }

    assert sorted(simulate(machine, executions=6, model=model, change=change).tally.durations) == durations


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"B.TimeoutSeconds": 1}, "there is no state 'B'"),
        ({"A.Retry.3.MaxAttempts": 1}, "there is nothing at"),
        ({"A.Type.x": 1}, "there is nothing at 'Type'"),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(change: Any, words: str) -> None:
    machine = _machine({"A": _task("a", End=True, Retry=[{"ErrorEquals": ["States.ALL"]}])})

    with pytest.raises(InvalidInput, match=words):
        simulate(machine, change=change)


def test_what_a_task_does_is_learned_from_histories(tmp_path: Path) -> None:
    machine = _machine({"A": _task("a", End=True)})
    paths = []
    for number in (1, 2):
        execution = machine.run(
            {"n": number}, tasks={"a": lambda payload: payload["n"] * 10}, delays={"A": float(number)}
        )
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps({"events": list(execution.history)}))

    found = simulate(machine, executions=200, histories=paths)

    assert set(found.tally.durations) == {1.0, 2.0}
    assert found.assumed == ()


def test_failures_are_learned_too(tmp_path: Path) -> None:
    machine = _machine({"A": _task("a", End=True)})
    failed = machine.run({}, tasks={"a": lambda payload: 1 / 0})

    found = simulate(machine, executions=10, histories=[list(failed.history)])

    assert found.tally.errors == {("ZeroDivisionError", "A"): 10}


def test_of_a_history_without_data_only_the_times_are_learned() -> None:
    options = local(tasks={"ask": lambda payload: {"word": "no"}}, delays={"ask": 4.0})
    execution: Any = run_workflow(asking, {"number": 1}, options)
    outline = list(execution.outline())
    assert "word" not in str(outline)

    found = simulate(asking, executions=10, histories=[outline])

    assert found.tally.statuses == {"SUCCEEDED": 10}
    assert found.tally.durations == [4.0] * 10
    assert found.assumed == ("Ask",)


@pytest.mark.parametrize("executions", [0, -1, 1_000_001])
def test_the_number_of_executions_is_bounded(executions: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 1,000,000"):
        simulate(asking, executions=executions)


def test_onboarding_is_simulated_with_the_model_that_is_kept_beside_it() -> None:
    found = simulate(
        customer_onboarding, executions=300, model="examples/simulations/customer_onboarding.yaml"
    )

    assert found.tally.statuses == {"SUCCEEDED": 300}
    assert found.quantile(0.5) > 600
    assert {"Verify email", "Request review"} == {name for name, _ in found.states()[:2]}


# -- how it is shown --------------------------------------------------------------------


def test_figures_are_shown_as_text_json_and_a_picture() -> None:
    found = simulate(
        asking,
        executions=50,
        model={"tasks": {"ask": {"seconds": {"uniform": [1, 3]}, "fails": {"<b>": 0.5}}}},
    )

    text, figures, bundle = found.text(), found.to_json(), found._repr_mimebundle_()
    assert "asking: 50 executions" in text
    assert "list prices, " in text
    assert sum(each["executions"] for each in figures["histogram"]) == 50
    assert json.loads(json.dumps(figures)) == figures
    assert bundle["text/html"].startswith("<svg ")
    assert "<b>" not in bundle["text/html"]


def test_durations_that_are_all_the_same_are_one_bar() -> None:
    assert simulate(asking, executions=7).histogram() == [(0.2, 0.2, 7)]
