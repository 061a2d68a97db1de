"""Onboarding as a whole, in virtual time, on moto where its routes are told apart. ON-01 to ON-05, W-04, W-05, W-08."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith import TaskTimeout
from stepsmith.service import Execution
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.errors import Conflict
from tasks.onboarding.accounts import create_account
from tasks.onboarding.desk import decide, erase_application
from tasks.onboarding.models import Outcome, Status
from tests.tasks.onboarding.office import Office, open_office, quick_office
from tests.workflows.faults import Crash, FaultyTasks, failing
from workflows.customer_onboarding import customer_onboarding

Responders = Mapping[str, Callable[[Any], Any]]
CONFIRMED: Responders = {"verify_email": lambda payload: {"verified": True}}


@pytest.fixture
def office() -> Office:
    return quick_office()


@pytest.fixture
def moto_office() -> Iterator[Office]:
    with open_office() as office:
        yield office


def onboard(
    office: Office,
    responders: Responders = CONFIRMED,
    *,
    plan: Callable[[str], str | None] = lambda name: None,
    application_id: str = "a1",
    seed: int = 0,
) -> tuple[Execution[Outcome], FaultyTasks]:
    clients = {"dynamodb": office.dynamodb, "sqs": office.sqs, "ses": office.ses}
    faulty = FaultyTasks(customer_onboarding, plan, clients)
    options = local(clients=clients, tasks=faulty.tasks, responders=responders, seed=seed)
    return run_workflow(customer_onboarding, {"application_id": application_id}, options), faulty


def decided(choice: str) -> Responders:
    return {**CONFIRMED, "request_review": lambda payload: {"choice": choice, "reviewer": "r1"}}


DOUBTFUL = {"address": {"street": "Main Street"}}
REASONS = {
    "approve": "",
    "review, approve": "",
    "review, reject": "a reviewer rejected it",
    "review, nobody decides": "nobody decided in time",
    "nobody confirms": "the address was not confirmed in time",
    "no consent": "consent: the applicant has not agreed",
}
ROUTES: dict[str, tuple[dict[str, Any], Responders, str]] = {
    "approve": ({}, CONFIRMED, "COMPLETED"),
    "deny": ({"tax_id": "900-12-3456"}, CONFIRMED, "DENIED"),
    "review, approve": (DOUBTFUL, decided("APPROVE"), "COMPLETED"),
    "review, reject": (DOUBTFUL, decided("REJECT"), "DENIED"),
    "review, nobody decides": (DOUBTFUL, CONFIRMED, "ESCALATED"),
    "nobody confirms": ({}, {}, "EXPIRED"),
    "no consent": ({"consent": False}, CONFIRMED, "REJECTED"),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.slow
def test_on_01_each_route_has_one_terminal_record_and_one_notice(moto_office: Office, route: str) -> None:
    office = moto_office
    changes, responders, status = ROUTES[route]
    office.submit(**changes)

    execution, _ = onboard(office, responders)

    assert execution.result().status == status
    assert office.item()["status"] == {"S": status}
    assert [subject for _, subject in office.mails()].count("Your application") == 1
    assert (office.account() is not None) == (status == "COMPLETED")


@pytest.mark.parametrize("route", REASONS)
def test_on_01_an_outcome_says_why(office: Office, route: str) -> None:
    changes, responders, _ = ROUTES[route]
    office.submit(**changes)

    execution, _ = onboard(office, responders)

    assert execution.result().reason == REASONS[route]


def test_an_application_that_is_looked_at_says_so_and_one_that_nobody_decided_reaches_somebody(
    office: Office,
) -> None:
    office.submit(**DOUBTFUL)
    shown: list[Any] = []

    def look(payload: Any) -> dict[str, bool]:
        shown.append(office.item()["status"])
        raise TaskTimeout("nobody decided today")

    execution, _ = onboard(office, {**CONFIRMED, "request_review": look})

    assert execution.result().status == "ESCALATED"
    assert shown == [{"S": "IN_REVIEW"}] * 7
    assert [message["step"] for message in office.attention()] == ["review"]


def test_on_01_a_duplicate_is_denied_and_the_other_account_left_alone(office: Office) -> None:
    office.submit(id="a0")
    create_account("a0", dynamodb=office.dynamodb)
    office.submit()

    execution, _ = onboard(office)

    assert execution.result().status == "DENIED"
    assert (office.account() or {})["application_id"] == {"S": "a0"}


def test_a_duplicate_that_shows_up_only_when_the_account_is_opened_is_denied_too(office: Office) -> None:
    office.submit(id="a0")
    office.submit(**DOUBTFUL)

    def open_the_other_first(payload: Any) -> dict[str, str]:
        create_account("a0", dynamodb=office.dynamodb)
        return {"choice": "APPROVE", "reviewer": "r1"}

    execution, _ = onboard(office, {**CONFIRMED, "request_review": open_the_other_first})

    assert execution.result() == Outcome(
        status=Status.DENIED, reason="an account with this address exists", account_id=None
    )
    assert (office.account() or {})["application_id"] == {"S": "a0"}


def test_the_applicant_is_reminded_twice_and_given_72_hours(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, {})

    assert execution.elapsed == timedelta(hours=72)
    subjects = [subject for _, subject in office.mails()]
    assert subjects == [
        "Please confirm your address",
        "Reminder: please confirm your address",
        "Reminder: please confirm your address",
        "Your application",
    ]


def test_a_reviewer_is_asked_daily_for_a_week(office: Office) -> None:
    office.submit(**DOUBTFUL)

    execution, _ = onboard(office)

    assert execution.elapsed == timedelta(days=7)
    assert [subject for _, subject in office.mails()].count("An application waits for your decision") == 7


@pytest.mark.parametrize("check", ["check_identity", "check_address", "check_duplicate"])
def test_a_check_that_breaks_leads_to_a_review_not_to_a_crash(office: Office, check: str) -> None:
    office.submit()

    execution, _ = onboard(office, decided("APPROVE"), plan=failing(check))

    assert execution.result().status == "COMPLETED"


@pytest.mark.parametrize("step", ["send_welcome", "forward_interests", "create_customer_record"])
def test_on_03_a_provisioning_that_fails_closes_the_account(office: Office, step: str) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing(step))

    assert (execution.status, execution.error) == ("FAILED", "Crash")
    assert (office.account() or {})["status"] == {"S": "DEACTIVATED"}
    assert office.item()["status"] == {"S": "FAILED"}
    assert [subject for _, subject in office.mails()].count("Your application") == 1


@pytest.mark.slow
def test_on_03_whoever_was_failed_can_apply_again_and_is_told_both_times(moto_office: Office) -> None:
    office = moto_office
    office.submit()
    onboard(office, plan=failing("send_welcome"))
    office.submit(id="a2")

    execution, _ = onboard(office, application_id="a2")

    assert execution.result().account_id == "account-a2"
    assert (office.account() or {})["application_id"] == {"S": "a2"}
    assert [subject for _, subject in office.mails()].count("Your application") == 2


def test_on_03_an_account_that_cannot_be_closed_reaches_the_attention_queue(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing("send_welcome", "deactivate_account"))

    assert execution.error == "CompensationFailed"
    assert [message["step"] for message in office.attention()] == ["undo"]


def test_on_03_an_applicant_who_cannot_be_told_of_a_failure_is_left_to_somebody(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing("send_welcome", "send_notice"))

    assert (execution.status, execution.error) == ("FAILED", "Crash")
    assert [message["step"] for message in office.attention()] == ["notice"]


def test_on_03_a_failure_of_which_nobody_can_be_told_says_so(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing("send_welcome", "send_notice", "call_attention"))

    assert execution.error == "CompensationFailed"
    assert "nobody was told" in str(execution.cause)
    assert office.item()["status"] == {"S": "FAILED"}
    assert office.attention() == []


@pytest.mark.parametrize("fault", ["after unavailable", "before unavailable"])
def test_on_02_calls_that_are_repeated_make_one_account_and_one_welcome(office: Office, fault: str) -> None:
    office.submit()
    plan = failing("create_account", "send_welcome", "forward_interests", fault=fault, times=2)

    execution, _ = onboard(office, plan=plan)

    assert execution.result().account_id == "account-a1"
    assert [subject for _, subject in office.mails()].count("Welcome") == 1
    assert len(office.interests()) == 2


@pytest.mark.parametrize("task", sorted(customer_onboarding.tasks))
@pytest.mark.parametrize("fault", ["before crash", "after crash"])
def test_w_04_a_delivery_after_the_end_changes_nothing_whatever_breaks_in_it(
    office: Office, task: str, fault: str
) -> None:
    office.submit()
    onboard(office)

    onboard(office, {}, plan=failing(task, fault=fault))

    assert office.item()["status"] == {"S": "COMPLETED"}
    assert (office.account() or {})["status"] == {"S": "ACTIVE"}
    assert len(office.mails()) == 3


@pytest.mark.parametrize("task", sorted(customer_onboarding.tasks))
@pytest.mark.parametrize("fault", ["before crash", "after crash"])
def test_w_04_a_delivery_that_overtakes_closes_no_account_that_another_execution_completes(
    office: Office, task: str, fault: str
) -> None:
    office.submit(**DOUBTFUL)

    def another_execution_first(payload: Any) -> dict[str, str]:
        onboard(office, decided("APPROVE"), seed=1)
        return {"choice": "APPROVE", "reviewer": "r1"}

    responders = {**CONFIRMED, "request_review": another_execution_first}
    plan = failing(task, fault=fault)

    onboard(office, responders, plan=lambda name: plan(name) if "outcome" in office.item() else None)

    assert office.item()["status"] == {"S": "COMPLETED"}
    assert (office.account() or {})["status"] == {"S": "ACTIVE"}


def test_w_04_an_account_is_closed_when_another_execution_has_ended_the_application_otherwise(
    office: Office,
) -> None:
    office.submit(**DOUBTFUL)

    def expired_meanwhile(payload: Any) -> dict[str, str]:
        onboard(office, {}, seed=1)
        return {"choice": "APPROVE", "reviewer": "r1"}

    execution, _ = onboard(office, {**CONFIRMED, "request_review": expired_meanwhile})

    assert execution.error == "Conflict"
    assert office.item()["status"] == {"S": "EXPIRED"}
    assert (office.account() or {})["status"] == {"S": "DEACTIVATED"}


def test_on_02_what_dies_after_the_account_was_opened_is_made_good_by_the_next_delivery(
    office: Office,
) -> None:
    office.submit()
    create_account("a1", dynamodb=office.dynamodb)

    execution, _ = onboard(office)

    assert execution.result().status == "COMPLETED"
    assert (office.account() or {})["status"] == {"S": "ACTIVE"}
    assert [subject for _, subject in office.mails()].count("Welcome") == 1


def test_an_application_that_nobody_submitted_is_rejected_and_nothing_is_stored(office: Office) -> None:
    execution, _ = onboard(office, application_id="nobody")

    assert execution.result().status == "REJECTED"
    assert "nobody" not in str(office.dynamodb.tables)


def test_w_04_the_same_application_delivered_twice_ends_once(office: Office) -> None:
    office.submit()

    first, _ = onboard(office)
    second, _ = onboard(office)

    assert first.result() == second.result()
    assert [subject for _, subject in office.mails()].count("Welcome") == 1
    assert [subject for _, subject in office.mails()].count("Your application") == 1


def waiting_for_review(office: Office) -> tuple[Execution[Outcome], Iterator[Any]]:
    """Start an onboarding that goes on until a reviewer is asked, and waits there; gives the further requests too."""
    office.submit(**DOUBTFUL)
    clients = {"dynamodb": office.dynamodb, "sqs": office.sqs, "ses": office.ses}
    options = local(clients=clients, responders=CONFIRMED)
    execution = run_workflow(customer_onboarding, {"application_id": "a1"}, options, background=True)
    requests = (event for event in execution.events() if event["type"] == "TaskSubmitted")
    next(requests)  # to confirm the address
    next(requests)  # to decide
    return execution, requests


def decide_at_the_desk(office: Office, execution: Execution[Outcome], choice: str) -> None:
    stepfunctions: Any = execution.clients.client("stepfunctions")
    decision = {"choice": choice, "reviewer": "r1"}
    decide("a1", decision, dynamodb=office.dynamodb, stepfunctions=stepfunctions)


def test_on_04_a_token_that_is_used_twice_is_refused_and_the_first_decision_stands(office: Office) -> None:
    execution, _ = waiting_for_review(office)
    decide_at_the_desk(office, execution, "REJECT")

    with pytest.raises(Conflict, match="any more"):
        decide_at_the_desk(office, execution, "APPROVE")

    assert execution.result().status == "DENIED"
    assert office.account() is None


def test_on_04_a_wrong_token_is_refused_and_the_application_goes_on_waiting(office: Office) -> None:
    execution, _ = waiting_for_review(office)
    right = office.item()["review_token"]
    office.keep_token("review", "made up")

    with pytest.raises(Conflict, match="any more"):
        decide_at_the_desk(office, execution, "APPROVE")
    assert execution.status == "RUNNING"

    office.keep_token("review", right["S"])
    decide_at_the_desk(office, execution, "APPROVE")
    assert execution.result().status == "COMPLETED"


def test_on_04_a_late_token_is_refused_and_changes_nothing(office: Office) -> None:
    execution, requests = waiting_for_review(office)
    for _ in range(6):
        execution.advance(timedelta(days=1))
        next(requests)
    execution.advance(timedelta(days=1))
    assert execution.result().status == "ESCALATED"

    with pytest.raises(Conflict, match="any more"):
        decide_at_the_desk(office, execution, "APPROVE")

    assert office.item()["status"] == {"S": "ESCALATED"}
    assert office.account() is None


def test_a_notice_that_fails_does_not_fail_the_onboarding(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing("send_notice"))

    assert execution.result().status == "COMPLETED"
    assert [message["step"] for message in office.attention()] == ["notice"]


def test_w_05_an_account_is_closed_too_when_what_comes_with_it_is_in_conflict(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing("create_customer_record", fault="before conflict"))

    assert execution.error == "Conflict"
    assert (office.account() or {})["status"] == {"S": "DEACTIVATED"}


@pytest.mark.parametrize("callback", ["verify_email", "request_review"])
def test_w_05_a_person_who_cannot_be_asked_breaks_it_with_a_terminal_record(
    office: Office, callback: str
) -> None:
    office.submit(**DOUBTFUL)

    def out_of_order(payload: Any) -> Any:
        raise Crash("no mail goes out")

    execution, _ = onboard(office, {**CONFIRMED, callback: out_of_order})

    assert (execution.status, execution.error) == ("FAILED", "Crash")
    assert office.item()["status"] == {"S": "FAILED"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_passes_with_time_is_tried_again_on_every_route(office: Office, route: str, when: str) -> None:
    changes, responders, status = ROUTES[route]
    office.submit(**changes)
    plan = failing(*customer_onboarding.tasks, fault=f"{when} unavailable", times=2)

    execution, _ = onboard(office, responders, plan=plan)

    assert execution.result().status == status
    assert [subject for _, subject in office.mails()].count("Your application") == 1


@pytest.mark.parametrize("broken", ["send_welcome", "send_notice"])
def test_the_attention_queue_and_the_record_are_tried_longer(office: Office, broken: str) -> None:
    office.submit()
    lasting = failing(broken, "deactivate_account")
    passing = failing("call_attention", "record_outcome", fault="before unavailable", times=6)

    onboard(office, plan=lambda name: lasting(name) or passing(name))

    assert len(office.attention()) == 1
    assert office.item()["status"] == {"S": "FAILED" if broken == "send_welcome" else "COMPLETED"}


def test_w_04_two_applications_in_either_order_leave_the_same_records() -> None:
    def records(order: list[str]) -> list[Any]:
        office = quick_office()
        for application_id in ("a1", "a2"):
            office.submit(id=application_id, email=f"{application_id}@example.ie")
        for application_id in order:
            onboard(office, application_id=application_id)
        return [office.item(application_id)["outcome"] for application_id in ("a1", "a2")]

    assert records(["a1", "a2"]) == records(["a2", "a1", "a2", "a1"])


def test_an_answer_that_confirms_nothing_takes_one_of_the_mails(office: Office) -> None:
    office.submit()
    answers = iter([{"verified": False}] * 3000)

    execution, _ = onboard(office, {"verify_email": lambda payload: next(answers)})

    assert execution.result().status == "EXPIRED"
    assert [subject for _, subject in office.mails()] == [
        "Please confirm your address",
        "Reminder: please confirm your address",
        "Reminder: please confirm your address",
        "Your application",
    ]


@pytest.mark.parametrize(
    "answer",
    [None, 1, "yes", [], {}, {"verified": "perhaps"}, {"verified": True, "more": 1}, {"choice": "X"}],
)
def test_hostile_answers_end_an_onboarding_once(office: Office, answer: Any) -> None:
    office.submit(**DOUBTFUL)

    asked, _ = onboard(office, {"verify_email": lambda payload: answer})
    office.submit(id="a2", **DOUBTFUL)
    reviewed, _ = onboard(
        office, {**CONFIRMED, "request_review": lambda payload: answer}, application_id="a2"
    )

    for execution in (asked, reviewed):
        assert execution.status in ("SUCCEEDED", "FAILED")
        assert len(execution.path) < 60
    assert office.item()["status"] == office.item("a2")["status"] == {"S": "FAILED"}
    assert office.account() is None


def test_a_reviewer_stands_with_the_outcome(office: Office) -> None:
    office.submit(**DOUBTFUL)

    onboard(office, decided("REJECT"))

    assert office.item()["reviewer"] == {"S": "r1"}


def test_nobody_stands_with_an_outcome_that_nobody_decided(office: Office) -> None:
    office.submit()

    onboard(office)

    assert "reviewer" not in office.item()


@pytest.mark.parametrize("changes", [{}, DOUBTFUL], ids=["approved", "reviewed"])
@pytest.mark.parametrize("task", sorted(customer_onboarding.tasks))
def test_an_application_that_is_erased_while_it_is_looked_at_stays_erased(
    office: Office, task: str, changes: dict[str, Any]
) -> None:
    office.submit(**changes)
    mails: list[tuple[str, str]] = []

    def erase_before(name: str) -> None:
        if name == task and "application" in office.dynamodb.tables["applications"]["a1", ""]:
            erase_application("a1", dynamodb=office.dynamodb)
            mails.extend(office.mails())

    execution, faulty = onboard(office, decided("APPROVE"), plan=erase_before)
    if task not in faulty.calls:
        return

    erased = office.dynamodb.tables["applications"]["a1", ""]
    assert erased == {"pk": {"S": "a1"}, "erased": {"BOOL": True}}
    assert execution.status == "SUCCEEDED"
    assert office.account() is None
    after = office.mails()[len(mails) :]
    assert [to for to, _ in after if "@example.ie" in to] == []
    again, _ = onboard(office, decided("APPROVE"), seed=1)
    assert again.result().reason == "there is no such application"
    assert office.dynamodb.tables["applications"]["a1", ""] == erased


def test_on_05_an_address_that_the_mail_service_quotes_stands_nowhere(office: Office) -> None:
    office.submit()

    class Quoting:
        def send_email(self, *, Destination: dict[str, list[str]], **_: Any) -> None:
            text = f"Email address is not verified: {Destination['ToAddresses'][0]}"
            raise ClientError({"Error": {"Code": "MessageRejected", "Message": text}}, "SendEmail")

    quoting = Office(office.dynamodb, office.sqs, Quoting())
    execution, _ = onboard(quoting)

    told = json.dumps([*execution.history, *quoting.attention()], default=str)
    assert "MessageRejected" in told
    assert "ada@example.ie" not in told


def test_an_account_that_is_closed_while_its_application_is_erased_stays_so(office: Office) -> None:
    office.submit()

    def broken(name: str) -> str | None:
        if name == "deactivate_account":
            erase_application("a1", dynamodb=office.dynamodb)
        return "before crash" if name == "send_welcome" else None

    execution, _ = onboard(office, plan=broken)

    assert execution.error == "Crash"
    assert office.account() is None
    assert office.dynamodb.tables["applications"]["a1", ""] == {"pk": {"S": "a1"}, "erased": {"BOOL": True}}
