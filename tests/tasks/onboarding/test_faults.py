"""What onboarding makes of services that are busy in the middle of a task; in memory."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tasks.errors import InvalidInput, Throttled
from tasks.onboarding.accounts import forward_interests, send_welcome
from tasks.onboarding.applications import find_outcome, read_application, set_status
from tasks.onboarding.desk import decide, erase_application
from tasks.onboarding.models import Status
from tasks.onboarding.tables import APPLICATIONS
from tests.tasks.cart.memory_dynamodb import ClientError
from tests.tasks.onboarding.office import Office, application, quick_office


class Busy:
    """A client that is throttled in some calls, and hands the others on."""

    def __init__(self, client: Any, *calls: str) -> None:
        self.client, self.calls = client, calls

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def throttled(**_: Any) -> None:
            raise ClientError("ThrottlingException")

        return throttled if name in self.calls else getattr(self.client, name)


@pytest.fixture
def office() -> Office:
    office = quick_office()
    office.submit()
    return office


@pytest.mark.parametrize("call", ["get_queue_url", "send_message"])
def test_interests_that_cannot_be_forwarded_now_are_forwarded_later(office: Office, call: str) -> None:
    busy: Any = Busy(office.sqs, call)

    with pytest.raises(Throttled):
        forward_interests("a1", dynamodb=office.dynamodb, sqs=busy)
    assert forward_interests("a1", dynamodb=office.dynamodb, sqs=office.sqs) == 2

    assert [each["category"] for each in office.interests()] == ["mugs", "tea"]


def test_a_mark_that_cannot_be_taken_back_now_is_named_so_that_it_is_tried_again(office: Office) -> None:
    dynamodb: Any = Busy(office.dynamodb, "delete_item")
    ses: Any = Busy(office.ses, "send_email")

    with pytest.raises(Throttled):
        send_welcome("a1", dynamodb=dynamodb, ses=ses)


def test_erasing_is_tried_again_where_the_table_is_busy(office: Office) -> None:
    busy: Any = Busy(office.dynamodb, "put_item")

    with pytest.raises(Throttled):
        erase_application("a1", dynamodb=busy)


def test_reading_an_application_is_tried_again_where_the_table_is_busy(office: Office) -> None:
    busy: Any = Busy(office.dynamodb, "get_item")

    with pytest.raises(Throttled):
        find_outcome("a1", dynamodb=busy)


def test_where_an_application_stands_is_noted(office: Office) -> None:
    set_status("a1", Status.COMPLETED, dynamodb=office.dynamodb)

    assert office.item()["status"] == {"S": Status.COMPLETED}


def test_a_stored_application_that_fits_no_more_is_refused_by_the_field(office: Office) -> None:
    text = json.dumps(application(email="nowhere"))
    item = {"pk": {"S": "a1"}, "status": {"S": "RUNNING"}, "application": {"S": text}}
    office.dynamodb.put_item(TableName=APPLICATIONS, Item=item)

    with pytest.raises(InvalidInput, match=r"^email: ") as refused:
        read_application("a1", dynamodb=office.dynamodb)
    assert "nowhere" not in str(refused.value)


def test_a_decision_that_step_functions_did_not_take_is_not_taken_for_given(office: Office) -> None:
    item = {**office.item(), "review_token": {"S": "t1"}}
    office.dynamodb.put_item(TableName=APPLICATIONS, Item=item)
    busy: Any = Busy(None, "send_task_success")

    with pytest.raises(ClientError, match="ThrottlingException"):
        decide("a1", {"choice": "APPROVE", "reviewer": "r"}, dynamodb=office.dynamodb, stepfunctions=busy)
