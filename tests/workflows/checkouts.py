"""Runs of the checkout in a shop, with tasks that fail as planned."""

from itertools import count
from typing import Any

from stepsmith.service import Execution, VirtualClock
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart.models import CartRef, Checkout, Order
from tests.tasks.cart.shop import CART, NOW, Shop
from tests.workflows.faults import FaultyTasks
from workflows.shopping_cart import shopping_cart

_runs = count(1)


def check_out(
    shop: Shop,
    *,
    key: str = "k1",
    cart: CartRef = CART,
    customer: str = "u1",
    method: str = "card",
    plan: Any = lambda name: None,
    approve: Any = lambda payload: {"approved": True},
) -> tuple[Execution[Order], FaultyTasks]:
    """Check a cart out to the end, in virtual time that begins at noon."""
    clients = {"dynamodb": shop.dynamodb, "sqs": shop.sqs}
    faulty = FaultyTasks(shopping_cart, plan, clients)
    checkout = Checkout(cart=cart, customer_id=customer, payment_method=method, idempotency_key=key)
    responders = {} if approve is None else {"confirm_payment": approve}
    options = local(
        clients=clients,
        tasks=faulty.tasks,
        responders=responders,
        clock=VirtualClock(NOW),
        name=f"{key}-{next(_runs)}",
    )
    execution = run_workflow(shopping_cart, shopping_cart.input_of(checkout), options)
    assert isinstance(execution, Execution)
    return execution, faulty
