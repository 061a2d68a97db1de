"""W-01 and W-02: each workflow on the local default, through boto3's own clients, with the network off."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

from stepsmith import ClientRegistry
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.service import VirtualClock
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart.lines import add_line
from tasks.cart.models import CartRef
from tasks.image_recognition.records import create_table
from tasks.image_recognition.rights import LIKENESSES
from tasks.onboarding import tables as office
from tasks.onboarding.desk import submit_application
from tasks.vending_pass import tables as passes
from tests.tasks.cart.shop import NOW, Shop, fill
from tests.tasks.onboarding.office import application
from tests.tasks.pictures.made_pictures import jpeg
from workflows.customer_onboarding import customer_onboarding
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.picture_likeness import picture_likeness
from workflows.shopping_cart import shopping_cart
from workflows.vending_pass import vending_pass

pytestmark = pytest.mark.slow
Prepare = Callable[[ClientRegistry], dict[str, Any]]


def submit(clients: ClientRegistry) -> dict[str, Any]:
    dynamodb = clients.client("dynamodb")
    office.create_tables(dynamodb, clients.client("sqs"), clients.client("ses"))
    return dict(submit_application(application(), dynamodb=dynamodb))


def fill_a_cart(clients: ClientRegistry) -> dict[str, Any]:
    shop = Shop(clients.client("dynamodb"), clients.client("sqs"))
    fill(shop)
    add_line(CartRef(id="c1"), "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    checkout = {"cart": {"id": "c1"}, "customer_id": "u1", "payment_method": "card", "idempotency_key": "k1"}
    return {"checkout": checkout}


def make_passes(clients: ClientRegistry) -> dict[str, Any]:
    passes.create_tables(clients.client("dynamodb"))
    swipe = {"swipe_id": "s1", "participant": "p1", "machine": "m1", "product": "cola"}
    return {"swipe": swipe, "execution_id": "e1"}


def upload(clients: ClientRegistry) -> dict[str, Any]:
    create_table(clients.client("dynamodb"))
    clients.client("s3").create_bucket(Bucket="photographs")
    clients.client("s3").put_object(Bucket="photographs", Key="uploads/a.jpg", Body=jpeg())
    return {"bucket": "photographs", "key": "uploads/a.jpg"}


def make_a_thumbnail(clients: ClientRegistry) -> dict[str, Any]:
    upload(clients)
    clients.client("s3").put_object(Bucket="photographs", Key="resized/a.jpg", Body=jpeg())
    clients.client("dynamodb").put_item(TableName="images", Item={"id": {"S": "uploads/a.jpg"}})
    clients.client("dynamodb").create_table(
        TableName=LIKENESSES.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    return {"bucket": "photographs", "key": "resized/a.jpg"}


def buy(clients: ClientRegistry) -> dict[str, Any]:
    return {"purchase": {"machine_id": "m1", "product": "cola", "price_cents": 150}}


WORKFLOWS: list[tuple[Workflow[..., Any], Prepare, dict[str, Any]]] = [
    (customer_onboarding, submit, {"status": "COMPLETED"}),
    (shopping_cart, fill_a_cart, {"total_cents": 700}),
    (vending_pass, make_passes, {"status": "COUNTED", "points": 10}),
    (delayed_vending, buy, {"delivered": True}),
    (image_recognition, upload, {"status": "SUCCEEDED", "format": "JPEG"}),
    (picture_likeness, make_a_thumbnail, {}),
]


@pytest.mark.parametrize(
    ("workflow", "prepare", "expected"), WORKFLOWS, ids=[each[0].name for each in WORKFLOWS]
)
def test_w_01_w_02_it_runs_from_end_to_end_without_a_network(
    workflow: Workflow[..., Any],
    prepare: Prepare,
    expected: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(self: Any, address: Any) -> None:
        raise OSError(f"the network is off: {address}")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    monkeypatch.setattr(socket.socket, "connect_ex", unreachable)
    clients = ClientRegistry.local()
    input = workflow.check_input(prepare(clients))
    options = local(
        clients=clients,
        responders={"verify_email": lambda payload: {"verified": True}},
        clock=VirtualClock(NOW),
    )

    execution = run_workflow(workflow, input, options)

    assert execution.status == "SUCCEEDED"
    assert {name: execution.output[name] for name in expected} == expected
    services = {service for task in workflow.tasks.values() for service in task.boundary.clients.values()}
    played_here = {"rekognition"}
    assert all(isinstance(clients.client(service), BaseClient) for service in services - played_here)
