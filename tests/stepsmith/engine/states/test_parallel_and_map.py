from typing import Any

import pytest

from stepsmith.engine import Run, Settings, events
from tests.stepsmith.engine.playing import Failing, drive, kinds, one, play, start, task


def branch(name: str, state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state}}


def each(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": branch("I", {**state, "End": True}), **fields}


def previous(run: Run) -> list[tuple[str, Any]]:
    return [(str(event["type"]), event["previousEventId"]) for event in events(run.history)]


def fail(payload: Any) -> Any:
    raise Failing("E", "cause")


def test_branches_give_their_outputs_in_order() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": True}}},
            branch("B", {"Type": "Pass", "Result": 2, "End": True}),
        ],
    }

    run = play(one(state), 1)

    assert run.output == [1, 2]
    assert run.now == 9.0


def test_join_and_exit_hang_below_the_last_event_of_a_branch() -> None:
    run = play(one({"Type": "Parallel", "Branches": [branch("B", {"Type": "Pass", "End": True})]}), {})

    assert previous(run)[2:] == [
        ("ParallelStateStarted", 2),
        ("PassStateEntered", 3),
        ("PassStateExited", 4),
        ("ParallelStateSucceeded", 5),
        ("ParallelStateExited", 5),
        ("ExecutionSucceeded", 7),
    ]


def test_a_failing_branch_aborts_the_others() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [
            branch("T", task(End=True)),
            branch("W", {"Type": "Wait", "Seconds": 60, "End": True}),
        ],
    }

    run = play(one(state), {}, fail)

    assert run.error == "E"
    assert run.now == 0.0
    assert previous(run)[-6:] == [
        ("LambdaFunctionStarted", 5),
        ("LambdaFunctionFailed", 7),
        ("WaitStateAborted", 8),
        ("TaskStateAborted", 8),
        ("ParallelStateFailed", 8),
        ("ExecutionFailed", 11),
    ]


def test_a_retried_parallel_starts_again_below_the_failure() -> None:
    tries: list[Any] = []

    def worker(payload: Any) -> Any:
        tries.append(payload)
        if len(tries) == 1:
            raise Failing("E")

    state = {"Type": "Parallel", "Branches": [branch("T", task(End=True))], "Retry": [{"ErrorEquals": ["E"]}]}

    run = play(one(state), {}, worker)

    assert run.status == "SUCCEEDED"
    assert kinds(run).count("ParallelStateStarted") == 2
    assert "ParallelStateFailed" not in kinds(run)


def test_iterations_run_in_order_one_by_one() -> None:
    run = play(one(each({"Type": "Pass"}, MaxConcurrency=1)), [1, 2])

    assert run.output == [1, 2]
    assert previous(run)[2:] == [
        ("MapStateStarted", 2),
        ("MapIterationStarted", 3),
        ("PassStateEntered", 4),
        ("PassStateExited", 5),
        ("MapIterationSucceeded", 6),
        ("MapIterationStarted", 6),
        ("PassStateEntered", 8),
        ("PassStateExited", 9),
        ("MapIterationSucceeded", 10),
        ("MapStateSucceeded", 11),
        ("MapStateExited", 11),
        ("ExecutionSucceeded", 13),
    ]


def test_no_more_than_forty_iterations_run_at_a_time() -> None:
    run = start(one(each(task())), list(range(100)))

    assert len(run.advance(0.0)) == 40


def test_no_more_iterations_run_than_allowed() -> None:
    run = start(one(each(task(), MaxConcurrency=3)), list(range(10)))

    assert len(run.advance(0.0)) == 3


def test_no_items_give_an_empty_array() -> None:
    run = play(one(each({"Type": "Pass"})), [])

    assert run.output == []
    assert kinds(run)[2:5] == ["MapStateStarted", "MapStateSucceeded", "MapStateExited"]


def test_the_selector_sees_item_index_and_input() -> None:
    selector = {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.items"}

    run = play(one(each({"Type": "Pass"}, ItemsPath="$.items", ItemSelector=selector)), {"items": ["a", "b"]})

    assert run.output == [{"v": v, "i": i, "all": ["a", "b"]} for i, v in enumerate("ab")]


def test_the_item_is_in_the_context_inside_an_iteration() -> None:
    run = play(
        one(each({"Type": "Pass", "Output": "{% $states.context.Map.Item.Index %}"}), language="JSONata"), "x"
    )
    again = play(
        one(each({"Type": "Pass", "Output": "{% $states.context.Map.Item.Index %}"}), language="JSONata"),
        ["x", "y"],
    )

    assert "Map state input must be an array but was: " in (run.cause or "")
    assert again.output == [0, 1]


def test_inner_variables_stay_inside_and_outer_ones_are_seen() -> None:
    inner = {"Type": "Pass", "Assign": {"mine": "{% $states.input %}"}, "Next": "J"}
    processor = {
        "StartAt": "I",
        "States": {"I": inner, "J": {"Type": "Pass", "Output": "{% $mine + $outer %}", "End": True}},
    }
    machine = one(
        {"Type": "Pass", "Assign": {"outer": 10}, "Next": "M"},
        language="JSONata",
        M={"Type": "Map", "ItemProcessor": processor, "Next": "E"},
        E={
            "Type": "Pass",
            "Output": {"r": "{% $states.input %}", "gone": "{% $exists($mine) %}"},
            "End": True,
        },
    )

    assert play(machine, [1, 2]).output == {"r": [11, 12], "gone": False}


def test_a_failing_iteration_aborts_the_others_in_order() -> None:
    def worker(payload: Any) -> Any:
        if payload == 1:
            raise Failing("E")
        return payload

    run = start(one(each(task(TimeoutSeconds=5))), [0, 1, 2])
    drive(run, worker)

    kind = kinds(run)
    assert run.error == "E"
    assert kind[-5:] == [
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_an_unusable_concurrency_fails_before_the_map_starts() -> None:
    run = play(
        one(each({"Type": "Pass"}, ItemsPath="$.i", MaxConcurrencyPath="$.c")), {"i": [1], "c": "many"}
    )

    assert kinds(run) == ["ExecutionStarted", "MapStateEntered", "ExecutionFailed"]
    assert 'The MaxConcurrencyPath field refers to value "many" which is not a valid integer: $.c' in (
        run.cause or ""
    )


def test_a_selector_that_fails_fails_the_map() -> None:
    run = play(one(each({"Type": "Pass"}, ItemSelector={"x.$": "$$.Map.Item.Value.nowhere"})), [{}])

    assert run.error == "States.Runtime"
    assert "while executing the state 'S' (entered at the event id #2)" in (run.cause or "")
    assert kinds(run)[-3:] == ["MapStateStarted", "MapIterationStarted", "ExecutionFailed"]


LOST = {"Type": "Pass", "Parameters": {"m.$": "$.nope"}, "End": True}


def test_a_runtime_error_in_a_branch_ends_the_execution_at_once() -> None:
    slow = branch("Slow", {"Type": "Wait", "Seconds": 5, "End": True})
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "T"}]
    state = {"Type": "Parallel", "Branches": [branch("Fast", LOST), slow], "Catch": catch}

    run = play(one(state, T={"Type": "Succeed"}), {"x": "a"})

    assert run.error == "States.Runtime"
    assert "while executing the state 'Fast' (entered at the event id #4)" in (run.cause or "")
    assert previous(run)[2:] == [
        ("ParallelStateStarted", 2), ("PassStateEntered", 3), ("ExecutionFailed", 4)
    ]  # fmt: skip


def test_a_runtime_error_in_an_iteration_ends_the_execution_at_once() -> None:
    run = play(one(each(LOST)), [{}, {}])

    assert previous(run)[2:] == [
        ("MapStateStarted", 2), ("MapIterationStarted", 3), ("MapIterationStarted", 3), ("PassStateEntered", 4),
        ("ExecutionFailed", 6),
    ]  # fmt: skip


def test_a_runtime_error_ends_the_tasks_of_other_branches() -> None:
    branches = [branch("T", task(End=True)), branch("Lost", LOST)]
    run = start(one({"Type": "Parallel", "Branches": branches}), {"x": "a"})

    commands = run.advance(0.0)

    assert [type(command).__name__ for command in commands] == ["StartTask", "CancelTask"]
    assert run.status == "FAILED"


def test_a_catcher_that_cannot_be_evaluated_fails_a_parallel_once_more() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [branch("Boom", {"Type": "Fail", "Error": "MyError"})],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.input.missing %}", "Next": "T"}],
    }

    run = play(one(state, language="JSONata", T={"Type": "Succeed"}), {})

    assert run.error == "States.QueryEvaluationError"
    assert previous(run)[3:] == [
        ("FailStateEntered", 3), ("ParallelStateFailed", 4), ("EvaluationFailed", 5), ("ParallelStateFailed", 6),
        ("ExecutionFailed", 7),
    ]  # fmt: skip


def test_an_item_that_is_too_large_is_no_business_of_the_first_state() -> None:
    inner = task(Retry=[{"ErrorEquals": ["States.ALL"]}])
    selector = {"a.$": "$", "b.$": "$"}

    run = play(one(each(inner, ItemSelector=selector)), ["x" * 200_000])

    assert (run.error, run.now) == ("States.DataLimitExceeded", 0.0)


def test_a_distributed_map_beside_a_failing_branch_is_aborted() -> None:
    processor = branch("I", task(End=True)) | {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    }
    state = {
        "Type": "Parallel",
        "Branches": [
            branch("M", {"Type": "Map", "ItemProcessor": processor, "End": True}),
            {
                "StartAt": "W",
                "States": {
                    "W": {"Type": "Wait", "Seconds": 1, "Next": "F"},
                    "F": {"Type": "Fail", "Error": "E"},
                },
            },
        ],
    }

    run = play(one(state), [1, 2], carry=lambda command: [])

    assert run.error == "E"
    assert kinds(run)[-4:] == ["MapRunAborted", "MapStateAborted", "ParallelStateFailed", "ExecutionFailed"]


def test_maps_nest() -> None:
    inner = each({"Type": "Pass"})
    inner["ItemProcessor"] = branch("J", {"Type": "Pass", "End": True})

    assert play(one(each(inner)), [[1, 2], [3]]).output == [[1, 2], [3]]


@pytest.mark.slow
def test_a_large_map_ends_without_quotas() -> None:
    run = play(one(each({"Type": "Pass"})), list(range(10_000)), settings=Settings(quotas=False))

    assert run.output == list(range(10_000))
    assert len(run.history) == 40_000 + 6
