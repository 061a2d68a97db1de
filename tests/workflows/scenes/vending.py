"""Machines that drop a can or jam, and those that take a pass."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from typing import Any

from tasks.vending import ATTENTION
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.workflows.scenes.scene import Ran, Scene, World
from workflows.delayed_vending import delayed_vending
from workflows.vending_pass import vending_pass


def swiping(*broken: str, machine_works: bool = True) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        dynamodb: Any = MemoryDynamoDB()
        queues = MemoryQueues()
        create_tables(dynamodb)
        queues.create_queue(QueueName=ATTENTION)
        for kind in ("pending", "shown"):
            item = {"pk": {"S": f"{kind}#participant-ottilie"}, "points": {"N": "40"}}
            dynamodb.put_item(TableName=PASS, Item=item)
        if not machine_works:
            dynamodb.put_item(
                TableName=PASS, Item={"pk": {"S": "machine#m1"}, "status": {"S": "OUT_OF_ORDER"}}
            )

        def status(key: str) -> str | None:
            item = dynamodb.get_item(TableName=PASS, Key={"pk": {"S": key}}, ConsistentRead=True).get(
                "Item", {}
            )
            return item.get("status", {}).get("S")

        def check(ran: Ran) -> None:
            if ran.execution.status == "SUCCEEDED":
                assert status("swipe#s1") == ran.execution.output["status"]
                assert (status("voucher#s1") == "GIVEN") == ran.execution.output["free_drink"]
            elif ran.execution.error == "CompensationFailed":
                assert queues.sent[ATTENTION] != [] or ran.task == "call_attention"
                assert status("swipe#s1") == "FLAGGED" or ran.task == "record_swipe"
            else:
                assert status("swipe#s1") == "FAILED"
                told = ("told#m1#s1", "") in dynamodb.tables[PASS]
                assert status("voucher#s1") in (("GIVEN",) if told else (None, "WITHDRAWN"))

        yield World(
            clients={"dynamodb": dynamodb, "sqs": queues},
            input={
                "swipe": {
                    "swipe_id": "s1",
                    "participant": "participant-ottilie",
                    "machine": "m1",
                    "product": "cola",
                },
                "execution_id": "e1",
            },
            check=check,
            records=lambda: deepcopy(dynamodb.tables),
            attention=lambda: len(queues.sent[ATTENTION]),
            secrets=("participant-ottilie",),
            failing=broken,
        )

    return open_world


PASSING = Scene(
    workflow=vending_pass,
    routes={
        "free drink": swiping(),
        "machine refuses": swiping(machine_works=False),
        "broken": swiping("count_points"),
        "stuck": swiping("tell_machine", "withdraw_free_drink"),
    },
)


def selling(product: str, *broken: str) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        queues = MemoryQueues()
        queues.create_queue(QueueName=ATTENTION)

        def check(ran: Ran) -> None:
            done = [call.function for call in ran.execution.task_calls() if call.error is None]
            went_back = "void_payment" in done or "give_money_back" in done
            if ran.execution.status == "SUCCEEDED":
                delivered = ran.execution.output["delivered"]
                assert ("capture_payment" in done, went_back) == (delivered, not delivered)
            elif ran.execution.error == "CompensationFailed":
                assert queues.sent[ATTENTION] != [] or ran.task == "call_attention"
            else:
                assert went_back

        yield World(
            clients={"sqs": queues},
            input={"purchase": {"machine_id": "m1", "product": product, "price_cents": 150}},
            check=check,
            attention=lambda: len(queues.sent[ATTENTION]),
            failing=broken,
        )

    return open_world


VENDING = Scene(
    workflow=delayed_vending,
    routes={
        "sold": selling("cola"),
        "jammed": selling("stuck"),
        "broken": selling("cola", "release_product"),
        "stuck": selling("cola", "release_product", "give_money_back"),
    },
)
