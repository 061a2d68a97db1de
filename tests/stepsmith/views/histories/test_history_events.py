"""Which visit of a state each event belongs to, in the histories of executions that were really run."""

from typing import Any

import pytest

from stepsmith.service import Execution, load
from stepsmith.views.histories.history_events import Owners, details_of, failed_state, name_in
from tests.stepsmith.views.machines import event
from tests.stepsmith.views.runs import branch, each, fail_once, parallel, run, task, wait


def owned(execution: Execution[Any]) -> list[tuple[str, str]]:
    """The events that belong to a state, with its name."""
    owners = Owners()
    found = [(str(event["type"]), owners.take(event)) for event in execution.history]
    return [(kind, owner.name) for kind, owner in found if owner is not None]


def test_every_event_of_an_exit_or_iteration_belongs_to_the_state_it_names() -> None:
    execution = run(
        [1, 2, 3], work=lambda _: 1, Outer=each(Inner=parallel(branch(A=task()), branch(B=wait())))
    )

    owners = Owners()
    for found in execution.history:
        owner = owners.take(found)
        if name_in(found):
            assert owner is not None
            assert owner.name == name_in(found)


def test_the_end_of_a_parallel_belongs_to_it_and_not_to_the_branch_it_points_to() -> None:
    execution = run(P=parallel(branch(Q=parallel(branch(A=wait())))))

    assert [each for each in owned(execution) if each[0] == "ParallelStateSucceeded"] == [
        ("ParallelStateSucceeded", "Q"),
        ("ParallelStateSucceeded", "P"),
    ]


def test_each_of_what_is_aborted_beside_a_failure_has_its_own_event() -> None:
    first = branch(Before={"Type": "Wait", "Seconds": 1, "Next": "A"}, A=task())
    execution = run(P=parallel(first, branch(B=wait()), branch(Q=parallel(branch(C=wait())))))

    assert sorted(each for each in owned(execution) if each[0].endswith("Aborted")) == [
        ("ParallelStateAborted", "Q"),
        ("TaskStateAborted", "A"),
        ("WaitStateAborted", "B"),
        ("WaitStateAborted", "C"),
    ]


def test_failures_go_outwards_from_the_state_that_failed() -> None:
    execution = run(P=parallel(branch(Q=parallel(branch(A=task())))))

    assert [each for each in owned(execution) if each[0] == "ParallelStateFailed"] == [
        ("ParallelStateFailed", "Q"),
        ("ParallelStateFailed", "P"),
    ]


def test_a_further_attempt_of_a_parallel_belongs_to_it() -> None:
    retry = [{"ErrorEquals": ["States.ALL"]}]
    execution = run(work=fail_once(), P=parallel(branch(Q=parallel(branch(A=task()))), Retry=retry))

    assert [each for each in owned(execution) if each[0] == "ParallelStateStarted"] == [
        ("ParallelStateStarted", "P"),
        ("ParallelStateStarted", "Q"),
        ("ParallelStateStarted", "P"),
        ("ParallelStateStarted", "Q"),
    ]


def test_a_failed_evaluation_belongs_to_its_state_although_it_points_past_it() -> None:
    definition = {
        "QueryLanguage": "JSONata",
        **branch(
            A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Output": "{% $error('no') %}", "End": True}
        ),
    }
    execution = load(definition).run({})

    assert ("EvaluationFailed", "B") in owned(execution)
    assert failed_state(execution.history) == execution.failed_state == "B"


def test_a_redriven_task_goes_on_with_its_visit() -> None:
    execution = run(work=fail_once(), P=parallel(branch(A=task()), branch(B=wait())))
    execution.redrive()

    kinds = [kind for kind, name in owned(execution) if name == "A"]
    assert kinds.count("TaskStateEntered") == 1
    assert kinds.count("LambdaFunctionScheduled") == 2
    assert kinds[-1] == "TaskStateExited"


def test_events_of_the_execution_belong_to_no_state() -> None:
    owners = Owners()

    assert [owners.take(each) is None for each in run(A=task()).history] == [True, *[False] * 4, True]


@pytest.mark.parametrize(
    "states",
    [
        {"A": task()},
        {"P": parallel(branch(A=task()), branch(B=wait()))},
        {"P": parallel(branch(Q=parallel(branch(A=task()))))},
        {"F": {"Type": "Fail"}},
    ],
)
def test_the_innermost_state_is_the_one_that_failed(states: dict[str, Any]) -> None:
    execution = run(**states)

    assert failed_state(execution.history) == execution.failed_state


def test_nothing_has_failed_in_what_succeeded_or_has_no_events() -> None:
    assert failed_state([]) is None
    assert failed_state(run(A=wait()).history) is None


@pytest.mark.parametrize("start", [2, 3, 5])
def test_a_history_without_its_beginning_is_read_as_far_as_it_goes(start: int) -> None:
    execution = run(P=parallel(branch(A=task()), branch(B=wait())))
    owners = Owners()

    found = [owners.take(each) for each in execution.history[start:]]

    assert len(found) == len(execution.history) - start


def test_an_event_without_details_has_empty_ones() -> None:
    assert details_of(event(1, 0, 0, "ParallelStateSucceeded")) == {}
    assert name_in(event(1, 0, 0, "ParallelStateSucceeded")) == ""
