from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import pytest

from stepsmith.service import load
from stepsmith.views import state_statuses, timeline_svg, timeline_text, visits
from stepsmith.views.histories.events_table import events_table
from stepsmith.views.histories.history_events import Event
from stepsmith.views.histories.timeline import duration
from tests.stepsmith.views.machines import COUNTED, REFUSED, RETRIED, event
from tests.stepsmith.views.runs import branch, each, fail_once, parallel, run, task, wait


def words(history: Iterable[Event]) -> dict[str, str]:
    return {name: status.word for name, status in state_statuses(history).items()}


def test_a_wait_is_a_visit_with_its_two_instants() -> None:
    hold = visits(RETRIED)[0]

    assert (hold.name, hold.entered, hold.ended, hold.word) == ("Hold", 0, 90, "succeeded")


def test_a_retried_task_shows_each_attempt() -> None:
    ship = visits(RETRIED)[1]

    assert ship.attempts == ((90, 91, False), (93, 94, True))


def test_a_failure_that_a_catcher_takes_is_caught() -> None:
    caught = [*REFUSED[:4], event(5, 4, 1, "TaskStateExited", name="Ship")]

    assert visits(caught)[0].word == "caught"


def test_a_failed_state_carries_error_and_cause() -> None:
    ship = visits(REFUSED)[0]

    assert (ship.word, ship.error, ship.cause) == ("failed", "Refused", "<b>no</b>")


def test_a_map_counts_its_iterations() -> None:
    assert state_statuses(COUNTED)["Each line"].tally == "1/2"


def test_retries_are_counted() -> None:
    assert state_statuses(RETRIED)["Ship"].sentence == "succeeded (1 retry)"


@pytest.mark.parametrize("ending", ["ExecutionAborted", "ExecutionTimedOut", "ExecutionFailed"])
def test_what_still_ran_when_the_execution_ended_is_aborted(ending: str) -> None:
    history = [
        event(1, 0, 0, "ExecutionStarted"),
        event(2, 0, 0, "WaitStateEntered", name="Hold"),
        event(3, 0, 5, ending),
    ]

    assert words(history[:2]) == {"Hold": "running"}
    assert words(history) == {"Hold": "aborted"}


def test_a_state_that_failed_without_an_event_of_its_own_is_the_one_that_the_end_points_to() -> None:
    history = [
        event(1, 0, 0, "ExecutionStarted"),
        event(2, 0, 0, "PassStateEntered", name="Grow"),
        event(3, 2, 0, "ExecutionFailed", error="States.DataLimitExceeded"),
    ]

    assert words(history) == {"Grow": "failed"}


def test_what_is_aborted_beside_a_failure_has_not_failed() -> None:
    history = run(
        P=parallel(branch(A=task()), branch(B=wait()), branch(Q=parallel(branch(C=wait()))))
    ).history

    assert words(history) == {"P": "failed", "A": "failed", "B": "aborted", "Q": "aborted", "C": "aborted"}


def test_a_failure_goes_through_what_is_around_it() -> None:
    history = run(
        P=parallel(branch(Q=parallel(branch(A=task()), branch(B=wait()))), branch(C=wait()))
    ).history

    assert words(history) == {"P": "failed", "Q": "failed", "A": "failed", "B": "aborted", "C": "aborted"}


def test_a_caught_parallel_has_a_failed_and_an_aborted_branch() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "After"}]
    both = parallel(branch(A=task()), branch(B=wait()), Catch=catch)
    history = run(P=both, After={"Type": "Pass", "End": True}).history

    assert words(history) == {"P": "caught", "A": "failed", "B": "aborted", "After": "succeeded"}


def test_the_other_iterations_of_a_failed_map_are_aborted() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise ValueError("two")
        return item

    states = {
        "M": each(
            Hold={"Type": "Wait", "SecondsPath": "$", "Next": "A"}, A={**task(), "Next": "End"}, End=wait()
        )
    }
    del states["M"]["ItemProcessor"]["States"]["A"]["End"]
    found = state_statuses(run([1, 2, 3], work=work, **states).history)

    assert {name: status.sentence for name, status in found.items()} == {
        "M": "failed (0/3)",
        "Hold": "aborted (3 visits)",
        "A": "failed (2 visits)",
        "End": "aborted",
    }


def test_a_map_in_a_parallel_fails_with_what_is_in_it() -> None:
    history = run(
        {"items": [1]}, P=parallel(branch(M={**each(A=task()), "ItemsPath": "$.items"}), branch(B=wait()))
    ).history

    assert words(history) == {"P": "failed", "M": "failed", "A": "failed", "B": "aborted"}


DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


@pytest.mark.parametrize(
    ("tolerated", "sentence"), [(1, "succeeded (2/3, 1 failed)"), (0, "failed (0/3, 3 failed)")]
)
def test_a_distributed_map_counts_the_items_of_its_map_run(tolerated: int, sentence: str) -> None:
    odd = branch(
        Two={
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "No"}],
            "Default": "Yes",
        },
        No={"Type": "Fail"},
        Yes=wait(),
    )
    every = {
        "Type": "Map",
        "ToleratedFailureCount": tolerated,
        "ItemProcessor": {**DISTRIBUTED, **odd},
        "End": True,
    }
    execution = run([1, 2, 3], M=every)

    found = state_statuses(
        execution.history, map_runs={each.arn: each.item_counts for each in execution.map_runs}
    )

    assert found["M"].sentence == sentence


def test_what_was_stopped_is_aborted_and_nothing_has_failed() -> None:
    execution = load(branch(P=parallel(branch(A=wait()), branch(B=wait())))).start(real_time=True)
    execution.stop()

    assert set(words(execution.history).values()) <= {"aborted"}
    assert execution.wait().status == "ABORTED"


def test_what_ran_when_the_time_was_up_is_aborted() -> None:
    machine = load(
        {
            "TimeoutSeconds": 10,
            **branch(P=parallel(branch(A=wait()), branch(B={"Type": "Pass", "End": True}))),
        }
    )

    execution = machine.run()

    assert execution.status == "TIMED_OUT"
    assert words(execution.history) == {"P": "aborted", "A": "aborted", "B": "succeeded"}


def test_a_further_attempt_of_a_parallel_takes_the_place_of_the_first() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3}]
    history = run(work=fail_once(), P=parallel(branch(A=task()), branch(B=wait()), Retry=retry)).history

    found = state_statuses(history)

    assert found["P"].sentence == "succeeded (1 retry)"
    assert found["A"].sentence == "succeeded (2 visits)"
    assert found["B"].sentence == "succeeded (2 visits)"
    assert "2 attempts" in timeline_text(history).splitlines()[0]


def test_what_a_redrive_puts_right_has_succeeded() -> None:
    execution = run(work=fail_once(), P=parallel(branch(A=task()), branch(B=wait())))
    assert words(execution.history) == {"P": "failed", "A": "failed", "B": "aborted"}

    execution.redrive()

    assert set(words(execution.history).values()) == {"succeeded"}


def test_a_task_that_is_about_to_be_tried_again_is_running() -> None:
    assert words(RETRIED[:7])["Ship"] == "running"


def test_timeline_and_table_say_the_same_as_the_figure() -> None:
    history = run(P=parallel(branch(A=task()), branch(B=wait()))).history

    rows = {line.split()[0]: line.split()[-1] for line in timeline_text(history).splitlines()}
    assert rows == {"P": "failed", "A": "failed", "B": "aborted"}
    assert timeline_svg(history, title="t").count('class="bar-aborted"') == 1
    table = events_table(history)
    assert "<td>WaitStateAborted</td><td>B</td>" in table
    assert "<td>TaskStateAborted</td><td>A</td>" in table


def test_a_state_visited_twice_says_so() -> None:
    loop = [
        event(1, 0, 0, "ExecutionStarted"),
        event(2, 0, 0, "PassStateEntered", name="Count"),
        event(3, 2, 0, "PassStateExited", name="Count"),
        event(4, 3, 0, "PassStateEntered", name="Count"),
        event(5, 4, 0, "PassStateExited", name="Count"),
    ]

    assert state_statuses(loop)["Count"].tally == "2 visits"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0 s"),
        (0.012, "12 ms"),
        (0.9994, "999 ms"),
        (0.9996, "0.9996 s"),
        (90, "90 s"),
        (125, "2 min 5 s"),
        (7500, "2 h 5 min"),
        (2592000, "30 d"),
    ],
)
def test_a_duration_has_its_unit(span: float, text: str) -> None:
    assert duration(span) == text


def test_the_timeline_shows_waits_and_attempts() -> None:
    text = timeline_text(RETRIED)

    assert "Hold" in text
    assert "90 s" in text
    assert "2 attempts" in text


def test_a_task_that_timed_out_has_the_colour_of_its_state_in_the_timeline() -> None:
    asking = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
        "TimeoutSeconds": 60,
        "End": True,
    }
    machine = load({"StartAt": "Ask", "States": {"Ask": asking}}, name="asking")

    execution = machine.run({}, tasks={"Ask": lambda parameters: {"MessageId": "m"}})

    assert execution.error == "States.Timeout"
    drawn = timeline_svg(execution.history, title="t").split("</style>")[1]
    assert "bar-timed-out" in drawn
    assert "bar-failed" not in drawn


def test_the_drawn_timeline_escapes_what_an_execution_said() -> None:
    hostile = [event(1, 0, 0, "ExecutionStarted"), event(2, 0, 0, "PassStateEntered", name="<script>")]

    text = timeline_svg(hostile, title="<script>")

    ElementTree.fromstring(text)
    assert "<script" not in text


def passes(names: Iterable[str]) -> list[dict[str, Any]]:
    history = [event(1, 0, 0, "ExecutionStarted")]
    for number, name in enumerate(names):
        history.append(event(2 * number + 2, 2 * number + 1, number, "PassStateEntered", name=name))
        history.append(event(2 * number + 3, 2 * number + 2, number, "PassStateExited", name=name))
    return history


def test_a_long_history_is_cut_and_says_so() -> None:
    history = passes(f"P{number}" for number in range(250))

    assert "and 50 more lines" in timeline_svg(history, title="long")
    assert "and 50 more lines" in timeline_text(history)


def test_many_visits_of_one_state_are_one_line() -> None:
    (line,) = timeline_text(passes(["P"] * 250)).splitlines()

    assert line.startswith("P (250 visits)")
    assert line.endswith("━ 4 min 9 s")


def test_what_failed_among_many_has_a_line_of_its_own() -> None:
    def work(item: int) -> None:
        if item == 19:
            raise ValueError("19")

    history = run(list(range(20)), work=work, M=each(A=task())).history

    named = [line.partition("━")[0].strip() for line in timeline_text(history).splitlines()]
    assert named == ["M", "A (20 visits)", "A"]


def test_an_empty_history_has_a_timeline_too() -> None:
    assert timeline_text([]) == "\n"
    ElementTree.fromstring(timeline_svg([], title="nothing"))
