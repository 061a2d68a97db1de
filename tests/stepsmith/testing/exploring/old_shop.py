"""A world for the cart as it was, and what must hold of the money in it."""

from __future__ import annotations

from typing import Any

from stepsmith.testing import Ending
from tests.stepsmith.testing.exploring.cart_as_it_was import Ledger, StepStatus


class OldShop:
    """A ledger, and a bank that remembers what it has approved."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.approved: list[str] = []

    @property
    def clients(self) -> dict[str, object]:
        return {"ledger": self.ledger}

    def snapshot(self) -> object:
        return self.ledger.carts, self.ledger.steps, self.approved

    def approve(self, payload: Any) -> dict[str, bool]:
        self.approved.append(payload["authorisation"]["id"])
        return {"approved": True}

    def money(self, status: StepStatus) -> dict[str, int]:
        """Give the cents of each checkout that stand at a status."""
        return {
            key: step["amount_cents"]
            for (key, name), step in self.ledger.steps.items()
            if name == "payment" and step["status"] == status and "amount_cents" in step
        }


def asking_the_bank(shop: OldShop) -> dict[str, object]:
    return {"confirm_payment": [shop.approve, {"approved": False}]}


def only_confirmed_money_is_taken(shop: OldShop) -> None:
    for key in shop.money(StepStatus.SETTLED):
        secure = shop.ledger.steps[key, "payment"]["method"] == "secure"
        assert not secure or key in shop.approved, f"{key} was captured without the customer's bank"


def everybody_gets_an_order_of_their_own(ending: Ending[OldShop]) -> None:
    for execution in ending.executions:
        if execution.status == "SUCCEEDED":
            asked = execution.input["checkout"]["cart"]  # type: ignore[index, call-overload]  # a checkout
            assert execution.output["cart"] == asked, f"{asked} was answered with another's order"  # type: ignore[index, call-overload]  # an order


def no_cart_is_paid_for_twice(ending: Ending[OldShop]) -> None:
    ledger = ending.world.ledger
    paid = [ledger.steps[key, "cart"]["cart"] for key in ending.world.money(StepStatus.SETTLED)]
    assert len(paid) == len(set(paid)), f"paid for: {paid}"


def no_money_is_left_held(ending: Ending[OldShop]) -> None:
    if all(each.error != "CompensationFailed" for each in ending.executions):
        assert not ending.world.money(StepStatus.DONE), f"held: {ending.world.money(StepStatus.DONE)}"
