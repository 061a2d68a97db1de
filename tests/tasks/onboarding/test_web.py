"""Onboarding as it is called over HTTP, in a local cloud: from the form to the account."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from stepsmith.cloud.local import LocalCloud
from tasks.onboarding.desk import erase_application
from tasks.onboarding.tables import LINK_BASE, SENDER
from tasks.onboarding.web import apply, ask_to_confirm, confirm, decide_on
from tests.tasks.onboarding.office import SECRETS, application
from workflows.customer_onboarding import customer_onboarding

FUNCTIONS = [apply, ask_to_confirm, confirm, decide_on]
APPROVAL = {"choice": "APPROVE", "reviewer": "grace"}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(workflows=[customer_onboarding], functions=FUNCTIONS) as cloud:
        cloud.client("ses").verify_email_identity(EmailAddress=SENDER.value())
        yield cloud


def link(cloud: LocalCloud) -> str:
    """Give the path of the link in the last mail that has one, when all that is due has happened."""
    cloud.settle()
    found = [re.search(r"https://\S+", mail.text) for mail in cloud.mails]
    return [each.group().removeprefix(LINK_BASE.value()) for each in found if each][-1]


def outcomes(cloud: LocalCloud) -> list[str]:
    return [execution.result().status for execution in cloud.executions]


def test_who_applies_and_presses_the_button_of_the_mail_has_an_account(cloud: LocalCloud) -> None:
    applied = cloud.http("POST", "/applications", application())
    asked = cloud.http("GET", link(cloud))
    waiting = [execution.status for execution in cloud.executions]
    pressed = cloud.http("POST", link(cloud))
    cloud.settle()

    assert (applied.status, applied.json()) == (202, {"application_id": "a1"})
    assert (asked.status, b"<form method" in asked.body, waiting) == (200, True, ["RUNNING"])
    assert (pressed.status, pressed.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert outcomes(cloud) == ["COMPLETED"]


def test_the_same_application_is_one_while_it_waits_and_after_it_has_ended(cloud: LocalCloud) -> None:
    first = cloud.http("POST", "/applications", application())
    waiting = cloud.http("POST", "/applications", application())
    cloud.http("POST", link(cloud))
    cloud.settle()
    ended = cloud.http("POST", "/applications", application())

    assert [each.status for each in (first, waiting, ended)] == [202, 202, 202]
    assert len(cloud.executions) == 1


def test_another_application_under_the_same_identifier_is_refused(cloud: LocalCloud) -> None:
    cloud.http("POST", "/applications", application())

    answer = cloud.http("POST", "/applications", application(first_name="Grace"))

    assert (answer.status, len(cloud.executions)) == (409, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tax_id": "000-12-3456"}, "tax_id"),
        ({"email": "ada@"}, "email"),
        ({"id": "a 1"}, "id"),
        ({"nickname": "Countess"}, "nickname"),
        ({"address": {"country": "Ireland"}}, "address.country"),
    ],
)
def test_what_is_no_application_is_refused_by_its_fields_and_not_by_what_they_hold(
    cloud: LocalCloud, changes: dict[str, object], field: str
) -> None:
    answer = cloud.http("POST", "/applications", application(**changes))

    text = answer.body.decode()
    assert (answer.status, field in text) == (422, True)
    assert not any(secret in text for secret in (*SECRETS, "000-12-3456", "Countess"))
    assert cloud.executions == []


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 422), (b"null", 422)])
def test_a_body_that_is_no_object_is_refused(cloud: LocalCloud, body: bytes, status: int) -> None:
    answer = cloud.http("POST", "/applications", body, headers={"content-type": "application/json"})

    assert (answer.status, cloud.executions) == (status, [])


def test_a_link_that_was_not_mailed_confirms_nothing(cloud: LocalCloud) -> None:
    cloud.http("POST", "/applications", application())
    mailed = link(cloud)

    guessed = cloud.http("POST", f"{mailed[:-1]}{'0' if mailed[-1] != '0' else '1'}")
    unknown = cloud.http("POST", mailed.replace("a1", "nobody"))

    assert (guessed.status, unknown.status) == (403, 404)
    assert cloud.executions[0].status == "RUNNING"


def test_a_link_works_from_whichever_mail_it_is_taken_and_once(cloud: LocalCloud) -> None:
    cloud.http("POST", "/applications", application())
    first = link(cloud)
    cloud.advance(timedelta(hours=25))

    pressed, again = (cloud.http("POST", first) for _ in range(2))
    cloud.settle()

    assert (pressed.status, again.status) == (200, 409)
    assert outcomes(cloud) == ["COMPLETED"]


def test_a_reviewer_decides_and_only_on_what_waits(cloud: LocalCloud) -> None:
    early = cloud.http("POST", "/applications/a1/decision", APPROVAL)
    cloud.http("POST", "/applications", application(last_name="Ada"))
    unasked = cloud.http("POST", "/applications/a1/decision", APPROVAL)
    cloud.http("POST", link(cloud))
    cloud.settle()
    undecided = cloud.http("POST", "/applications/a1/decision", {**APPROVAL, "choice": "MAYBE"})
    decided = cloud.http("POST", "/applications/a1/decision", APPROVAL)
    cloud.settle()
    late = cloud.http("POST", "/applications/a1/decision", {**APPROVAL, "choice": "REJECT"})

    answers = (early, unasked, undecided, decided, late)
    assert [each.status for each in answers] == [404, 409, 422, 204, 409]
    assert outcomes(cloud) == ["COMPLETED"]


def test_what_was_erased_is_gone_for_everybody(cloud: LocalCloud) -> None:
    cloud.http("POST", "/applications", application())
    mailed = link(cloud)
    erase_application("a1", dynamodb=cloud.client("dynamodb"))

    pressed = cloud.http("POST", mailed)
    decided = cloud.http("POST", "/applications/a1/decision", APPROVAL)
    again = cloud.http("POST", "/applications", application())

    assert [each.status for each in (pressed, decided, again)] == [410, 410, 409]
