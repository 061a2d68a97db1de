from datetime import UTC, datetime, timedelta

import pytest

from stepsmith import ClientRegistry, NotFound, TaskTimeout, VirtualClock
from stepsmith.testing import AfterEffect, RecordedMail, Runner
from tests.stepsmith.testing.shop import Busy, Declined, ask, both, charge, mail, refund, sell

YES = {ask: {"yes": True}}


@pytest.fixture(autouse=True)
def sender(aws: ClientRegistry, mails: list[RecordedMail]) -> None:
    aws.client("ses").verify_email_identity(EmailAddress="shop@example.com")


def test_a_run_answers_callbacks_and_gives_the_result(run: Runner) -> None:
    execution = run(sell, cents=5, to="ada@example.ie", answers=YES)

    assert execution.result() == "payment-5"
    assert execution.waited == timedelta(seconds=90)


def test_a_task_that_always_fails_fails_the_run_by_name(run: Runner) -> None:
    execution = run(sell, 5, "a", fail={charge: Declined("no money")})

    assert (execution.status, execution.error) == ("FAILED", "Declined")
    with pytest.raises(Declined, match="no money"):
        execution.result()


def test_a_failure_at_one_attempt_is_retried(run: Runner) -> None:
    execution = run(sell, 5, "a@b.ie", fail={charge: {1: Busy("later")}}, answers=YES)

    assert execution.retries("charge") == 1
    assert [call.error for call in execution.task_calls("charge")] == ["Busy", None]
    assert execution.elapsed == timedelta(seconds=95)


def test_a_list_of_failures_is_for_the_first_attempts(run: Runner) -> None:
    execution = run(sell, 5, "a", fail={"charge": [Busy(), Busy(), Busy(), None]}, answers=YES)

    assert execution.error == "Busy"
    assert execution.retries("charge") == 2


def test_a_failure_after_the_effect_comes_when_the_work_is_done(
    run: Runner, mails: list[RecordedMail]
) -> None:
    execution = run(sell, 5, "ada@example.ie", fail={mail: AfterEffect(Busy("lost"))}, answers=YES)

    assert execution.error == "Busy"
    assert [sent.to for sent in mails] == [("ada@example.ie",)]


def test_a_task_can_return_something_else(run: Runner) -> None:
    execution = run(
        sell, 5, "a@b.ie", returns={charge: lambda payload: f"fake-{payload['cents']}"}, answers=YES
    )

    assert execution.result() == "fake-5"


def test_a_delay_takes_virtual_time(run: Runner) -> None:
    execution = run(sell, 5, "a@b.ie", delay={charge: timedelta(seconds=20)}, answers=YES)

    assert execution.elapsed == timedelta(seconds=110)


def test_a_delay_past_the_timeout_times_the_task_out(run: Runner) -> None:
    execution = run(sell, 5, "a", delay={"charge": timedelta(seconds=31)})

    assert execution.error == "States.Timeout"
    assert execution.elapsed == timedelta(seconds=30)


def test_a_callback_without_an_answer_times_out(run: Runner) -> None:
    execution = run(sell, 5, "a")

    with pytest.raises(TaskTimeout):
        execution.result()
    assert execution.elapsed == timedelta(seconds=3690)


def test_an_answer_can_be_a_failure(run: Runner) -> None:
    execution = run(sell, 5, "a", answers={ask: Declined("never")})

    assert execution.error == "Declined"


def test_an_answer_can_depend_on_what_was_asked(run: Runner) -> None:
    asked: list[object] = []

    def answer(payload: object) -> dict[str, bool]:
        asked.append(payload)
        return {"yes": False}

    execution = run(sell, 5, "a", answers={"ask": answer})

    assert execution.error == "Declined"
    assert [call.payload for call in execution.task_calls("refund")] == [{"payment": "payment-5"}]
    assert len(asked) == 1


def test_a_task_that_the_workflow_does_not_call_is_not_found(run: Runner) -> None:
    with pytest.raises(NotFound, match="calls no task 'refund'; it calls charge"):
        run(both, 5, fail={refund: Busy()})


def test_runs_follow_the_clock_of_the_test(run: Runner, clock: VirtualClock) -> None:
    run(sell, 5, "a@b.ie", answers=YES, at=datetime(2031, 1, 1, tzinfo=UTC))

    assert datetime.fromtimestamp(clock.now(), UTC) == datetime(2031, 1, 1, 0, 1, 30, tzinfo=UTC)


def test_mails_are_recorded(run: Runner, mails: list[RecordedMail]) -> None:
    run(sell, 5, "ada@example.ie", answers=YES)

    assert mails == [RecordedMail("shop@example.com", ("ada@example.ie",), "Paid", "Thank you.")]


def test_task_calls_tell_state_payload_and_output(run: Runner) -> None:
    calls = run(both, 5).task_calls()

    assert sorted((call.function, str(call.payload), str(call.output)) for call in calls) == [
        ("charge", "{'cents': 5}", "payment-5"),
        ("charge", "{'cents': 6}", "payment-6"),
    ]
