import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stepsmith import ClientRegistry, InvalidInput, NotFound, TaskTimeout, VirtualClock, load
from stepsmith.testing import AfterEffect, RecordedMail, RecordedMessage, Runner, fault_plans
from tests.stepsmith.testing.shop import Busy, Declined, ask, both, charge, forgiving, mail, refund, sell

YES = {ask: {"yes": True}}


@pytest.fixture(autouse=True)
def sender(aws: ClientRegistry) -> None:
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


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fail": {"charg": Busy()}}, "fail: the workflow calls no task 'charg'; did you mean 'charge'"),
        ({"returns": {"charg": "p"}}, "returns: the workflow calls no task 'charg'; did you mean 'charge'"),
        (
            {"delay": {"Charg": timedelta(1)}},
            "delay: the workflow calls no task 'Charg'; did you mean 'Charge'",
        ),
        ({"answers": {"aks": True}}, "answers: the workflow calls no task 'aks'; did you mean 'ask'"),
        ({"fail": {"zzz": Busy()}}, "calls no task 'zzz'; it calls ask, charge, mail, refund"),
    ],
)
def test_a_misspelt_task_is_refused_with_the_nearest_name(
    run: Runner, wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(NotFound, match=re.escape(told)):
        run(sell, 5, "a", **wrong)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fail": {charge: "Busy"}}, "fail: charge with 'Busy', which is no exception"),
        ({"fail": {charge: ["Busy"]}}, "fail: charge with 'Busy', which is no exception"),
        ({"fail": {charge: 2}}, "fail: charge with 2, which is no exception"),
        ({"fail": {charge: {0: Busy()}}}, "fail: charge by attempt 0; attempts are counted from 1"),
        ({"fail": {charge: {"1": Busy()}}}, "fail: charge by attempt '1'; attempts are counted from 1"),
        ({"fail": [charge]}, "fail is list, not a dictionary by task"),
        ({"fail": {5: Busy()}}, "fail is by task or the name of one, not by int 5"),
        ({"returns": {charge: 5}}, "returns: charge cannot give 5: Input should be a valid string"),
        ({"returns": {charge: lambda payload: 5}}, "returns: charge cannot give 5"),
        ({"delay": {charge: 5}}, "delay: charge by 5, which is no timedelta from 0"),
        ({"delay": {charge: timedelta(-1)}}, "no timedelta from 0"),
        ({"answers": {ask: {"yess": True}}}, "answers: ask cannot give {'yess': True}: yes: Field required"),
        ({"answers": {ask: lambda payload: 5}}, "answers: ask cannot give 5"),
        ({"answers": {charge: "p"}}, "answers: 'charge' waits for no answer; returns= says what it gives"),
        ({"answers": {"Charge": "p"}}, "answers: 'Charge' waits for no answer"),
        ({"at": datetime(2030, 1, 1)}, "at=2030-01-01T00:00:00 has no time zone"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "is past: the clock of the test is at 2026-01-01T"),
    ],
)
def test_what_does_not_fit_is_refused(run: Runner, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(told)):
        run(sell, 5, "a", **wrong)


def test_a_mistake_of_the_test_is_raised_although_the_workflow_catches_it(run: Runner) -> None:
    with pytest.raises(InvalidInput, match="returns: charge cannot give"):
        run(forgiving, 5, returns={charge: lambda payload: 5})


@pytest.mark.parametrize(("given", "told"), [(charge, "charge is a task: call it"), ("sell", "not str")])
def test_only_workflows_are_run(run: Runner, given: Any, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        run(given, 5)


def test_what_an_effect_follows_is_an_exception() -> None:
    with pytest.raises(InvalidInput, match="AfterEffect wraps an exception, not 'Busy'"):
        AfterEffect("Busy")  # pyright: ignore[reportArgumentType] - the mistake


@pytest.mark.parametrize("errors", [[], ["Busy"]])
def test_fault_plans_are_drawn_from_exceptions(errors: Any) -> None:
    with pytest.raises(InvalidInput, match=r"fault_plans draws from errors=\[...\]"):
        fault_plans(sell, errors=errors)


def test_an_answer_by_name_may_be_anything_that_a_stranger_sends(run: Runner) -> None:
    execution = run(sell, 5, "a", answers={"ask": {"yess": True}})

    assert execution.error == "States.QueryEvaluationError"


def test_a_delay_and_an_answer_can_be_given_by_state(run: Runner) -> None:
    execution = run(
        sell, 5, "a@b.ie", delay={"Charge": timedelta(seconds=20)}, answers={"Ask": {"yes": True}}
    )

    assert execution.elapsed == timedelta(seconds=110)


def test_questions_take_tasks_states_and_functions(run: Runner) -> None:
    execution = run(sell, 5, "a@b.ie", fail={charge: {1: Busy()}}, answers=YES)

    assert execution.retries(charge) == execution.retries("charge") == execution.retries("Charge") == 1
    assert execution.task_calls(refund) == []


@pytest.mark.parametrize("ask_for", ["task_calls", "retries"])
def test_a_question_about_a_misspelt_task_is_refused(run: Runner, ask_for: str) -> None:
    execution = run(sell, 5, "a", answers={ask: {"yes": False}})

    with pytest.raises(NotFound, match="no state calls 'refun'; did you mean 'refund'"):
        getattr(execution, ask_for)("refun")


def test_a_question_about_a_misspelt_event_is_refused(run: Runner) -> None:
    execution = run(sell, 5, "a")

    with pytest.raises(InvalidInput, match="no events of the type 'TaskFaild'; did you mean 'TaskFailed'"):
        execution.history.of("TaskFaild")


def test_a_function_that_no_state_of_a_definition_calls_is_refused(run: Runner) -> None:
    with pytest.raises(NotFound, match="tasks: no state calls 'charg'; did you mean 'charge'"):
        run.machine(load(sell.definition), {"cents": 5, "to": "a"}, tasks={"charg": lambda payload: "p"})


def test_nothing_is_refused_where_an_expression_names_the_function(run: Runner) -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    state["Parameters"] = {"FunctionName.$": "$.name"}
    machine = load({"StartAt": "Work", "States": {"Work": state}})

    execution = run.machine(machine, {"name": "work"}, tasks={"work": lambda payload: 1, "other": len})

    assert execution.status == "SUCCEEDED"


def send(aws: ClientRegistry) -> None:
    """One of everything that can be sent."""
    topic = aws.client("sns").create_topic(Name="news")["TopicArn"]
    queue = aws.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    attributes = {"kind": {"DataType": "String", "StringValue": "a"}}
    aws.client("sns").publish(TopicArn=topic, Message="one", Subject="s", MessageAttributes=attributes)
    aws.client("sns").publish(PhoneNumber="+353861234567", Message="two")
    entries = [{"Id": "1", "Message": "three"}, {"Id": "2", "Message": "four"}]
    aws.client("sns").publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    aws.client("sqs").send_message(QueueUrl=queue, MessageBody="five")
    aws.client("sqs").send_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "six"}])


def test_messages_are_recorded(aws: ClientRegistry, messages: list[RecordedMessage]) -> None:
    send(aws)

    assert [(one.to.rpartition(":")[2].rpartition("/")[2], one.text) for one in messages] == [
        ("news", "one"),
        ("+353861234567", "two"),
        ("news", "three"),
        ("news", "four"),
        ("orders", "five"),
        ("orders", "six"),
    ]
    assert (messages[0].subject, messages[0].attributes) == ("s", {"kind": "a"})


def test_a_message_that_is_refused_is_not_recorded(
    aws: ClientRegistry, messages: list[RecordedMessage]
) -> None:
    with pytest.raises(Exception, match="NotFound"):
        aws.client("sns").publish(TopicArn="arn:aws:sns:us-east-1:123456789012:none", Message="lost")

    assert messages == []


RAW = b"From: shop@example.com\r\nTo: a@b.ie, c@d.ie\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n"


def test_mails_that_are_written_out_are_read(aws: ClientRegistry, mails: list[RecordedMail]) -> None:
    aws.client("ses").send_raw_email(RawMessage={"Data": RAW})

    assert [(one.sender, one.to, one.subject, one.text.strip()) for one in mails] == [
        ("shop@example.com", ("a@b.ie", "c@d.ie"), "Grüße", "Hello")
    ]


def test_mails_of_the_second_version_of_ses_are_recorded(
    aws: ClientRegistry, mails: list[RecordedMail]
) -> None:
    client = aws.client("sesv2")
    client.create_email_identity(EmailIdentity="shop@example.com")
    simple = {"Subject": {"Data": "Paid"}, "Body": {"Html": {"Data": "<p>Thanks</p>"}}}
    for content in ({"Simple": simple}, {"Raw": {"Data": RAW}}):
        client.send_email(
            FromEmailAddress="shop@example.com",
            Destination={"ToAddresses": ["e@f.ie"]},
            Content=content,
        )

    assert [(one.to, one.subject, one.text.strip()) for one in mails] == [
        (("e@f.ie",), "Paid", "<p>Thanks</p>"),
        (("e@f.ie",), "Grüße", "Hello"),
    ]
