"""Each workflow does the same as plain Python; and §0.5, the limits of time in what is compiled."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from stepsmith import ClientRegistry
from stepsmith.asl.model import Map, Parallel, State, Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.testing import assert_equivalent
from tasks.cart.lines import add_line
from tasks.cart.models import CartRef, Checkout, Confirmation
from tasks.cart.payments import confirm_payment
from tasks.onboarding import tables as office_tables
from tasks.onboarding.desk import submit_application
from tasks.onboarding.models import Answer, Choice, Decision
from tasks.onboarding.verification import request_review, verify_email
from tasks.vending_pass import tables as pass_tables
from tasks.vending_pass.models import Swipe
from tests.tasks.cart.shop import Shop, fill
from tests.tasks.onboarding.office import application
from workflows.customer_onboarding import customer_onboarding
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.power_tuning import power_tuning
from workflows.shopping_cart import shopping_cart
from workflows.vending_pass import vending_pass

WORKFLOWS: list[Workflow[..., Any]] = [
    customer_onboarding,
    delayed_vending,
    image_recognition,
    power_tuning,
    shopping_cart,
    vending_pass,
]
CART = CartRef(id="c1")
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)


def open_shop(clients: ClientRegistry) -> None:
    shop = Shop(clients.client("dynamodb"), clients.client("sqs"))
    fill(shop)
    add_line(CART, "tea", 2, "r1", BEGINNING, dynamodb=shop.dynamodb)


@pytest.mark.parametrize(
    ("method", "approved"), [("card", True), ("declined", True), ("secure", True), ("secure", False)]
)
@pytest.mark.slow
def test_a_checkout_is_the_same_as_plain_python(method: str, approved: bool) -> None:
    checkout = Checkout(cart=CART, customer_id="u1", payment_method=method, idempotency_key="k1")

    assert_equivalent(
        shopping_cart,
        responders={confirm_payment: lambda authorisation: Confirmation(approved=approved)},
        prepare=open_shop,
        checkout=checkout,
    )


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.slow
def test_a_swipe_is_the_same_as_plain_python(is_known: bool) -> None:
    def prepare(clients: ClientRegistry) -> None:
        dynamodb = clients.client("dynamodb")
        pass_tables.create_tables(dynamodb)
        if is_known:
            item = {"pk": {"S": "swipe#s1"}, "execution": {"S": "another"}}
            dynamodb.put_item(TableName=pass_tables.PASS, Item=item)

    assert_equivalent(
        vending_pass,
        prepare=prepare,
        swipe=Swipe(swipe_id="s1", participant="p1", machine="m1", product="cola"),
        execution_id="e1",
    )


def office(**changes: Any) -> Callable[[ClientRegistry], None]:
    """Open an office with one application."""

    def prepare(clients: ClientRegistry) -> None:
        dynamodb = clients.client("dynamodb")
        office_tables.create_tables(dynamodb, clients.client("sqs"), clients.client("ses"))
        submit_application(application(**changes), dynamodb=dynamodb)

    return prepare


CONFIRMED = {verify_email: lambda application_id, mail: Answer(verified=True)}


def deciding(choice: Choice) -> Mapping[Any, Any]:
    decision = Decision(choice=choice, reviewer="r1")
    return {**CONFIRMED, request_review: lambda application_id, reasons, request: decision}


@pytest.mark.parametrize(
    ("changes", "responders"),
    [
        ({}, CONFIRMED),
        ({"tax_id": "900-12-3456"}, CONFIRMED),
        ({"address": {"street": "Main Street"}}, deciding(Choice.APPROVE)),
        ({"address": {"street": "Main Street"}}, deciding(Choice.REJECT)),
        ({"address": {"street": "Main Street"}}, CONFIRMED),
        ({"consent": False}, {}),
        ({}, {}),
    ],
    ids=["approved", "denied", "approved by hand", "rejected by hand", "escalated", "no consent", "expired"],
)
@pytest.mark.slow
def test_an_onboarding_is_the_same_as_plain_python(
    changes: dict[str, Any], responders: Mapping[Any, Any]
) -> None:
    assert_equivalent(
        customer_onboarding, responders=responders, prepare=office(**changes), application_id="a1"
    )


def states(found: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    for name, state in found.items():
        yield name, state
        if isinstance(state, Parallel):
            for branch in state.branches:
                yield from states(branch.states)
        if isinstance(state, Map):
            yield from states(state.item_processor.states)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_every_task_has_a_timeout(workflow: Workflow[..., Any]) -> None:
    without = [
        name
        for name, state in states(workflow.definition.states)
        if isinstance(state, Task) and state.timeout_seconds is None
    ]

    assert without == []
