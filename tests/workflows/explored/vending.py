"""Selling from a machine: what was held for a can is taken or goes back. The provider keeps nothing but its calls."""

from typing import Any

from stepsmith.testing import Ending
from tasks.vending import ATTENTION
from tests.tasks.cart.memory_dynamodb import MemoryQueues
from tests.workflows.explored.cases import Case, answer
from workflows.delayed_vending import delayed_vending


class Machine:
    """A queue for what somebody has to look at."""

    def __init__(self) -> None:
        self.queues = MemoryQueues()
        self.queues.create_queue(QueueName=ATTENTION)

    @property
    def clients(self) -> dict[str, Any]:
        return {"sqs": self.queues}


def money_is_taken_or_goes_back(ending: Ending[Machine]) -> None:
    [execution] = ending.executions
    called = [work.at for work in ending.work]
    went_back = "Void payment" in called or "Give money back" in called
    if execution.status == "SUCCEEDED":
        delivered = bool(answer(execution)["delivered"])
        assert ("Capture payment" in called, went_back) == (delivered, not delivered)
    else:
        told = ending.world.queues.sent[ATTENTION]
        assert execution.error != "CompensationFailed" or told, "nobody was told"
        assert went_back or told or "Authorise payment" not in called, f"{called}: the money is still held"


def purchase(product: str) -> Case:
    bought = {"purchase": {"machine_id": "m1", "product": product, "price_cents": 150}}
    return Case(workflow=delayed_vending, inputs=[bought], world=Machine, holds=money_is_taken_or_goes_back)


CASES = {"a can": purchase("cola"), "a can that is stuck": purchase("stuck")}
