"""Onboarding as a whole, on moto, in virtual time. ON-01 to ON-05, W-04, W-05, W-08."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.service import Execution
from stepsmith.service.workflow_runs import local, run_workflow
from tasks.onboarding.accounts import create_account
from tasks.onboarding.models import Outcome
from tests.tasks.onboarding.office import SECRETS, Office, open_office
from tests.workflows.faults import FaultyTasks, failing
from workflows.customer_onboarding import customer_onboarding

Responders = Mapping[str, Callable[[Any], Any]]
CONFIRMED: Responders = {"verify_email": lambda payload: {"verified": True}}


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        yield office


def onboard(
    office: Office,
    responders: Responders = CONFIRMED,
    *,
    plan: Callable[[str], str | None] = lambda name: None,
    application_id: str = "a1",
) -> tuple[Execution[Outcome], FaultyTasks]:
    clients = {"dynamodb": office.dynamodb, "sqs": office.sqs, "ses": office.ses}
    faulty = FaultyTasks(customer_onboarding, plan, clients)
    options = local(clients=clients, tasks=faulty.tasks, responders=responders)
    return run_workflow(customer_onboarding, {"application_id": application_id}, options), faulty


def decided(choice: str) -> Responders:
    return {**CONFIRMED, "request_review": lambda payload: {"choice": choice, "reviewer": "r1"}}


DOUBTFUL = {"address": {"street": "Main Street"}}
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
def test_on_01_each_route_has_one_terminal_record_and_one_notice(office: Office, route: str) -> None:
    changes, responders, status = ROUTES[route]
    office.submit(**changes)

    execution, _ = onboard(office, responders)

    assert execution.result().status == status
    assert office.item()["status"] == {"S": status}
    assert [subject for _, subject in office.mails()].count("Your application") == 1
    assert (office.account() is not None) == (status == "COMPLETED")


@pytest.mark.slow
def test_on_01_a_duplicate_is_denied_and_the_other_account_left_alone(office: Office) -> None:
    office.submit(id="a0")
    create_account("a0", dynamodb=office.dynamodb)
    office.submit()

    execution, _ = onboard(office)

    assert execution.result().status == "DENIED"
    assert (office.account() or {})["application_id"] == {"S": "a0"}


@pytest.mark.slow
def test_a_duplicate_that_shows_up_only_when_the_account_is_opened_is_denied_too(office: Office) -> None:
    office.submit(id="a0")
    office.submit()

    def open_the_other_first(payload: Any) -> dict[str, bool]:
        create_account("a0", dynamodb=office.dynamodb)
        return {"verified": True}

    execution, faulty = onboard(
        office, {"verify_email": open_the_other_first}, plan=failing("check_duplicate")
    )

    assert "create_account" not in faulty.calls
    assert execution.result().status == "ESCALATED"


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_reviewer_is_asked_daily_for_a_week(office: Office) -> None:
    office.submit(**DOUBTFUL)

    execution, _ = onboard(office)

    assert execution.elapsed == timedelta(days=7)
    assert [subject for _, subject in office.mails()].count("An application waits for your decision") == 7


@pytest.mark.parametrize("check", ["check_identity", "check_address", "check_duplicate"])
@pytest.mark.slow
def test_a_check_that_breaks_leads_to_a_review_not_to_a_crash(office: Office, check: str) -> None:
    office.submit()

    execution, _ = onboard(office, decided("APPROVE"), plan=failing(check))

    assert execution.result().status == "COMPLETED"


@pytest.mark.parametrize("step", ["send_welcome", "forward_interests", "create_customer_record"])
@pytest.mark.slow
def test_on_03_a_provisioning_that_fails_closes_the_account(office: Office, step: str) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing(step))

    assert (execution.status, execution.error) == ("FAILED", "Crash")
    assert (office.account() or {})["status"] == {"S": "DEACTIVATED"}
    assert office.item()["status"] == {"S": "FAILED"}


@pytest.mark.slow
def test_on_03_an_account_that_cannot_be_closed_reaches_the_attention_queue(office: Office) -> None:
    office.submit()

    onboard(office, plan=failing("send_welcome", "deactivate_account"))

    assert [message["step"] for message in office.attention()] == ["deactivate"]


@pytest.mark.parametrize("fault", ["after unavailable", "before unavailable"])
@pytest.mark.slow
def test_on_02_calls_that_are_repeated_make_one_account_and_one_welcome(office: Office, fault: str) -> None:
    office.submit()
    plan = failing("create_account", "send_welcome", "forward_interests", fault=fault, times=2)

    execution, _ = onboard(office, plan=plan)

    assert execution.result().account_id == "account-a1"
    assert [subject for _, subject in office.mails()].count("Welcome") == 1
    assert len(office.interests()) == 2


@pytest.mark.slow
def test_w_04_the_same_application_delivered_twice_ends_once(office: Office) -> None:
    office.submit()

    first, _ = onboard(office)
    second, _ = onboard(office)

    assert first.result() == second.result()
    assert [subject for _, subject in office.mails()].count("Welcome") == 1
    assert [subject for _, subject in office.mails()].count("Your application") == 1


@pytest.mark.slow
def test_a_notice_that_fails_does_not_fail_the_onboarding(office: Office) -> None:
    office.submit()

    execution, _ = onboard(office, plan=failing("send_notice"))

    assert execution.result().status == "COMPLETED"
    assert [message["step"] for message in office.attention()] == ["notice"]


@pytest.mark.parametrize("task", ["validate_application", "set_status"])
@pytest.mark.slow
def test_w_05_whatever_breaks_leaves_a_terminal_record(office: Office, task: str) -> None:
    office.submit(**DOUBTFUL)

    execution, _ = onboard(office, plan=failing(task))

    assert execution.status == "FAILED"
    assert office.item()["status"] == {"S": "FAILED"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.slow
def test_on_05_w_08_no_personal_data_is_in_any_history(office: Office, route: str) -> None:
    changes, responders, _ = ROUTES[route]
    office.submit(**changes)

    execution, _ = onboard(office, responders)

    history = json.dumps([dict(event) for event in execution.history], default=str)
    assert not [secret for secret in (*SECRETS, "900123456", "900-12-3456") if secret in history]
