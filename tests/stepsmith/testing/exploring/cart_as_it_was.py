"""The checkout as it was at commit 713ffc7, cut down to what lost money: what `explore` is measured by.

Three faults and a half, kept as they were: the status of an authorisation comes from the request and not from the
ledger; a key that was used is answered with its order whoever asks; freezing a cart keeps nobody else from freezing it;
and an execution that is aborted lets go of nothing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from stepsmith import (
    CompensationFailed,
    Retry,
    TaskTimeout,
    TaskToken,
    WorkflowError,
    callback_task,
    client,
    compensation,
    task,
    workflow,
)

TRANSIENT = Retry.on(
    "Unavailable", interval=timedelta(seconds=1), max_attempts=4, backoff_rate=2.0, jitter=True
)
PERSISTENT = Retry(interval=timedelta(seconds=2), max_attempts=8, backoff_rate=2.0, jitter=True)
QUICK = timedelta(seconds=10)


class Conflict(WorkflowError):
    """Something newer, or the same thing, is already there."""


class PaymentDeclined(WorkflowError):
    """The customer's bank refuses, or did not answer in time."""


class StepStatus(StrEnum):
    DONE = "done"
    SETTLED = "settled"
    UNDONE = "undone"


class Checkout(BaseModel):
    cart: str
    payment_method: str
    idempotency_key: str


class Authorisation(BaseModel):
    id: str
    needs_confirmation: bool


class Confirmation(BaseModel):
    approved: bool


class Order(BaseModel):
    cart: str
    total_cents: int


class Ledger:
    """The table of checkouts, and the total of each cart, in cents."""

    def __init__(self) -> None:
        self.carts = {"c1": 700, "c2": 900}
        self.steps: dict[tuple[str, str], dict[str, Any]] = {}

    def status(self, key: str, step: str) -> str | None:
        return self.steps.get((key, step), {}).get("status")

    def do_once(self, key: str, step: str, **facts: object) -> None:
        if self.status(key, step) == StepStatus.UNDONE:
            raise Conflict(f"{step} of {key} was undone before it was done")
        self.steps.setdefault((key, step), {"status": StepStatus.DONE, **facts})

    def move(self, key: str, step: str, before: StepStatus, after: StepStatus) -> bool:
        if self.status(key, step) != before:
            return False
        self.steps[key, step]["status"] = after
        return True

    def undo(self, key: str, step: str) -> None:
        if self.status(key, step) is None:
            self.steps[key, step] = {"status": StepStatus.UNDONE}
        self.move(key, step, StepStatus.DONE, StepStatus.UNDONE)


LEDGER: Any = client("ledger")


@task(retry=[TRANSIENT], timeout=QUICK)
def find_order(idempotency_key: str, *, ledger: Ledger = LEDGER) -> Order | None:
    """Give the order of a checkout that has succeeded before, or None."""
    order = ledger.steps.get((idempotency_key, "order"))
    if order is None or ledger.status(idempotency_key, "outcome") != "SUCCEEDED":
        return None
    return Order(cart=order["cart"], total_cents=order["total_cents"])


@task(retry=[TRANSIENT], timeout=QUICK)
def freeze_cart(cart: str, idempotency_key: str, *, ledger: Ledger = LEDGER) -> int:
    """Note which lines this checkout is about; a repeated call gives those that were noted first."""
    if ledger.status(idempotency_key, "cart") is None and ledger.carts[cart] == 0:
        raise Conflict("the cart has no lines")
    ledger.do_once(idempotency_key, "cart", cart=cart, total_cents=ledger.carts[cart])
    return int(ledger.steps[idempotency_key, "cart"]["total_cents"])


@task(retry=[TRANSIENT], timeout=QUICK)
def authorise_payment(
    payment_method: str, amount_cents: int, idempotency_key: str, *, ledger: Ledger = LEDGER
) -> Authorisation:
    """Hold an amount, once for each checkout. Raises PaymentDeclined; Conflict once voided."""
    if payment_method == "declined":
        raise PaymentDeclined("the bank refuses the payment")
    ledger.do_once(idempotency_key, "payment", amount_cents=amount_cents, method=payment_method)
    return Authorisation(id=idempotency_key, needs_confirmation=payment_method == "secure")


@callback_task(Confirmation, retry=[TRANSIENT], timeout=timedelta(minutes=10))
def confirm_payment(token: TaskToken, authorisation: Authorisation) -> None:
    """Send the customer to the bank's page."""


@task(retry=[TRANSIENT], timeout=QUICK)
def create_order(cart: str, total_cents: int, idempotency_key: str, *, ledger: Ledger = LEDGER) -> Order:
    """Write the order, once for each checkout. Raises Conflict once cancelled."""
    ledger.do_once(idempotency_key, "order", cart=cart, total_cents=total_cents)
    return Order(cart=cart, total_cents=total_cents)


@task(retry=[TRANSIENT], timeout=QUICK)
def capture_payment(idempotency_key: str, *, ledger: Ledger = LEDGER) -> None:
    """Take the held money, once. Raises Conflict when it is not held any more."""
    moved = ledger.move(idempotency_key, "payment", StepStatus.DONE, StepStatus.SETTLED)
    if not moved and ledger.status(idempotency_key, "payment") != StepStatus.SETTLED:
        raise Conflict("the money is not held any more")


@task(retry=[PERSISTENT], timeout=QUICK)
def undo_payment(idempotency_key: str, *, ledger: Ledger = LEDGER) -> None:
    """Give captured money back, or let go of held money; where none was held, none ever will be."""
    ledger.move(idempotency_key, "payment", StepStatus.SETTLED, StepStatus.UNDONE)
    ledger.undo(idempotency_key, "payment")


@task(retry=[PERSISTENT], timeout=QUICK)
def undo_step(idempotency_key: str, step: str, *, ledger: Ledger = LEDGER) -> None:
    """Undo a step; where it was not done, it never will be."""
    ledger.undo(idempotency_key, step)


@task(retry=[PERSISTENT], timeout=QUICK)
def record_outcome(idempotency_key: str, status: str, *, ledger: Ledger = LEDGER) -> str:
    """Write how the checkout ended; the first outcome stays."""
    outcome = ledger.steps.setdefault((idempotency_key, "outcome"), {"status": status})
    return str(outcome["status"])


@task(retry=[PERSISTENT], timeout=QUICK)
def clear_cart(cart: str, *, ledger: Ledger = LEDGER) -> None:
    """Take what was bought out of the cart."""
    ledger.carts[cart] = 0


def step(key: str, name: str) -> None:
    """Undo one of the steps that only leave a mark."""
    undo_step(key, name)


def payment(key: str) -> None:
    """Undo the payment, however far it came."""
    undo_payment(key)


@workflow
def checkout_as_it_was(checkout: Checkout) -> Order:
    """Check out one shopping cart."""
    key = checkout.idempotency_key
    undo = compensation()
    with undo:
        undo(step, key, "cart")
        undo(step, key, "order")
        undo(payment, key)
        try:
            done = find_order(key)
            if done is not None:
                return done
            total = freeze_cart(checkout.cart, key)
            authorisation = authorise_payment(checkout.payment_method, total, key)
            if authorisation.needs_confirmation:
                try:
                    confirmation = confirm_payment(authorisation)
                except TaskTimeout:
                    raise PaymentDeclined("nobody confirmed the payment in time")  # noqa: B904
                if not confirmation.approved:
                    raise PaymentDeclined("the customer's bank refuses the payment")
            placed = create_order(checkout.cart, total, key)
            capture_payment(key)
            ended = record_outcome(key, "SUCCEEDED")
            if ended != "SUCCEEDED":
                raise Conflict("another execution has undone this checkout")
        except Exception:
            try:
                stored = record_outcome(key, "REJECTED")
            except Exception as problem:
                undo.clear()
                raise CompensationFailed(f"outcome: {problem}")  # noqa: B904
            if stored == "SUCCEEDED":
                undo.clear()
            raise
    clear_cart(checkout.cart)
    return placed
