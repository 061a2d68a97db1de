"""What a workflow names as `ended` runs here after an execution that failed, timed out or was stopped."""

import signal
import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.service import Execution, local, run_workflow
from stepsmith.service.executions.started import MOST_NAME
from tests.stepsmith.ended_workflows import HELD, LIMIT, TOLD, ask_another, forget, hold_on


@pytest.fixture(autouse=True)
def begun_anew() -> None:
    forget()


def run(thing: str, **options: Any) -> Execution[str]:
    found = run_workflow(hold_on, {"thing": thing}, local(**options))
    assert isinstance(found, Execution)
    return found


def test_an_execution_that_succeeds_is_followed_by_nothing() -> None:
    execution = run("cup")

    assert execution.result() == "cup"
    assert (execution.ending, TOLD) == (None, [])


def test_what_failed_is_told_as_eventbridge_tells_it() -> None:
    execution = run("hot", name="one")

    assert (execution.status, HELD) == ("FAILED", [])
    [told] = TOLD
    assert told == {
        "executionArn": execution.arn,
        "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:hold_on",
        "name": "one",
        "status": "FAILED",
        "startDate": told["startDate"],
        "stopDate": told["startDate"],
        "input": '{"thing":"hot"}',
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "error": "ValueError",
        "cause": execution.cause,
    }


def test_an_execution_that_takes_too_long_is_ended_in_the_same_virtual_time() -> None:
    execution = run("heavy")

    assert (execution.status, execution.elapsed) == ("TIMED_OUT", LIMIT)
    assert [told["status"] for told in TOLD] == ["TIMED_OUT"]
    assert HELD == []
    ending = execution.ending
    assert ending is not None
    assert (ending.name, ending.status, ending.output) == ("execution-ended", "SUCCEEDED", "heavy")
    assert ending.elapsed == timedelta(seconds=5)
    first, last = execution.history[-1], ending.history[0]
    assert first["timestamp"] == last["timestamp"]


def test_an_execution_that_is_stopped_is_ended_before_waiting_for_it_is_over() -> None:
    begun, released = threading.Event(), threading.Event()

    def hold(payload: Any) -> None:
        HELD.append(payload["thing"])
        begun.set()
        released.wait(5)

    execution = run_workflow(hold_on, {"thing": "cup"}, local(tasks={"hold": hold}), background=True)
    assert isinstance(execution, Execution)
    begun.wait(5)
    execution.stop("Stopped", "by hand")
    execution.wait()
    released.set()

    assert (execution.status, execution.error, HELD) == ("ABORTED", "Stopped", [])
    [told] = TOLD
    assert (told["status"], told["error"], told["cause"]) == ("ABORTED", "Stopped", "by hand")
    ending = execution.ending
    assert ending is not None
    assert ending.wait().status == "SUCCEEDED"


def test_an_interrupt_stops_an_execution_and_its_records_are_ended() -> None:
    def hold(payload: Any) -> None:
        HELD.append(payload["thing"])
        signal.raise_signal(signal.SIGINT)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        run("cup", tasks={"hold": hold})

    assert [told["status"] for told in TOLD] == ["ABORTED"]
    assert HELD == []


def test_a_nested_execution_is_ended_as_well_and_its_parent_goes_on() -> None:
    found = run_workflow(ask_another, {"thing": "hot"}, local())

    assert found.status == "FAILED"
    assert [told["stateMachineArn"].rpartition(":")[2] for told in TOLD] == ["hold_on"]
    assert HELD == []


def test_a_name_stays_within_what_aws_takes() -> None:
    ending = run("hot", name="n" * MOST_NAME).ending

    assert ending is not None
    assert ending.name == f"{'n' * 74}-ended"


def test_an_input_that_is_too_long_for_an_event_is_left_out_of_it() -> None:
    def tell(payload: Any) -> str:
        TOLD.append(payload["detail"])
        return ""

    def hold(payload: Any) -> None:
        raise ValueError

    run("x" * 255_000, tasks={"tell": tell, "hold": hold})

    [told] = TOLD
    assert (told["input"], told["inputDetails"]) == (None, {"included": False})


def test_what_fails_while_records_are_ended_is_seen_there_and_changes_nothing_else() -> None:
    def tell(payload: Any) -> str:
        raise ValueError("nobody listens")

    execution = run("hot", tasks={"tell": tell})

    assert execution.error == "ValueError"
    assert "too hot" in (execution.cause or "")
    ending = execution.ending
    assert ending is not None
    assert ending.status == "FAILED"
    assert "nobody listens" in (ending.cause or "")


def test_an_execution_that_is_redriven_and_fails_again_is_ended_again() -> None:
    execution = run("hot")

    execution.redrive()

    ending = execution.ending
    assert ending is not None
    assert ending.name == "execution-ended-1"
    assert len(TOLD) == 2
