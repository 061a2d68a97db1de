from xml.etree import ElementTree

import pytest

from stepsmith.views import state_statuses, timeline_svg, timeline_text, visits
from stepsmith.views.timeline import duration
from tests.stepsmith.views.machines import COUNTED, REFUSED, RETRIED, event


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


@pytest.mark.parametrize(
    ("ending", "word"),
    [("ExecutionAborted", "aborted"), ("ExecutionTimedOut", "timed out"), ("ExecutionFailed", "failed")],
)
def test_what_still_runs_when_the_execution_ends_shares_its_fate(ending: str, word: str) -> None:
    history = [
        event(1, 0, 0, "ExecutionStarted"),
        event(2, 0, 0, "WaitStateEntered", name="Hold"),
        event(3, 0, 5, ending),
    ]

    assert state_statuses(history, finished=True)["Hold"].word == word
    assert state_statuses(history)["Hold"].word == "running"


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
    [(0, "0 s"), (0.012, "12 ms"), (90, "90 s"), (125, "2 min 5 s"), (7500, "2 h 5 min"), (2592000, "30 d")],
)
def test_a_duration_has_its_unit(span: float, text: str) -> None:
    assert duration(span) == text


def test_the_timeline_shows_waits_and_attempts() -> None:
    text = timeline_text(RETRIED)

    assert "Hold" in text
    assert "90 s" in text
    assert "2 attempts" in text


def test_the_drawn_timeline_escapes_what_an_execution_said() -> None:
    hostile = [event(1, 0, 0, "ExecutionStarted"), event(2, 0, 0, "PassStateEntered", name="<script>")]

    text = timeline_svg(hostile, title="<script>")

    ElementTree.fromstring(text)
    assert "<script" not in text


def test_a_long_history_is_cut_and_says_so() -> None:
    history = [event(1, 0, 0, "ExecutionStarted")]
    for number in range(2, 502, 2):
        history.append(event(number, number - 1, number, "PassStateEntered", name="P"))
        history.append(event(number + 1, number, number, "PassStateExited", name="P"))

    assert "and 50 more visits" in timeline_svg(history, title="long")
    assert "and 50 more visits" in timeline_text(history)


def test_an_empty_history_has_a_timeline_too() -> None:
    assert timeline_text([]) == "\n"
    ElementTree.fromstring(timeline_svg([], title="nothing"))
