"""The vending pass: points are counted once, and each drink that was earned is given or somebody knows."""

from typing import Any

from stepsmith.testing import Ending
from tasks.vending import ATTENTION
from tasks.vending_pass.models import FREE_DRINK_FROM, POINTS_PER_SWIPE
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.workflows.explored.cases import Case, answer, given
from workflows.vending_pass import vending_pass

BEFORE = 40
WHO = "ottilie"


class Passes:
    """A participant with forty points, and two machines of which one is out of order."""

    def __init__(self) -> None:
        self.dynamodb: Any = MemoryDynamoDB()
        self.queues = MemoryQueues()
        create_tables(self.dynamodb)
        self.queues.create_queue(QueueName=ATTENTION)
        for kind in ("pending", "shown"):
            self._put(f"{kind}#{WHO}", points={"N": str(BEFORE)})
        self._put("machine#broken", status={"S": "OUT_OF_ORDER"})

    @property
    def clients(self) -> dict[str, Any]:
        return {"dynamodb": self.dynamodb, "sqs": self.queues}

    def snapshot(self) -> object:
        return self.dynamodb.tables, self.queues.sent

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """Give the items of a kind by what follows in their keys."""
        items = self.dynamodb.tables[PASS].items()
        return {pk.removeprefix(f"{kind}#"): item for (pk, _), item in items if pk.startswith(f"{kind}#")}

    def status(self, kind: str, key: str) -> str | None:
        return self.of_kind(kind).get(key, {}).get("status", {}).get("S")

    def _put(self, pk: str, **fields: Any) -> None:
        self.dynamodb.put_item(TableName=PASS, Item={"pk": {"S": pk}, **fields})


def points_and_drinks_are_right(ending: Ending[Passes]) -> None:
    world = ending.world
    counted = world.of_kind("counted")
    assert int(world.of_kind("pending")[WHO]["points"]["N"]) == BEFORE + POINTS_PER_SWIPE * len(counted)
    told = world.queues.sent[ATTENTION]
    for swipe in world.of_kind("swipe"):
        ended = world.status("swipe", swipe)
        assert ended is not None, f"{swipe} has not ended"
        assert ended != "FLAGGED" or told, f"nobody was told that {swipe} is flagged"
    for swipe, count in counted.items():
        earned = int(count["points"]["N"]) >= FREE_DRINK_FROM
        voucher = world.status("voucher", swipe)
        assert earned or voucher in (None, "WITHDRAWN"), f"a drink for {swipe} that was not earned"
    given_away = [swipe for swipe in counted if world.status("voucher", swipe) in ("VALID", "GIVEN")]
    assert len(given_away) <= 1, f"one drink was earned, and {given_away} have one"
    for execution in ending.executions:
        if execution.error == "CompensationFailed":
            assert told, "nobody was told"
        if execution.status == "SUCCEEDED" and answer(execution)["status"] != "REPEATED":
            swipe = given(execution)["swipe"]["swipe_id"]
            free = answer(execution)["free_drink"]
            assert world.status("swipe", swipe) == answer(execution)["status"]
            assert (world.status("voucher", swipe) == "GIVEN") == free


def swipe(swipe_id: str = "s1", *, execution: str = "e1", machine: str = "m1") -> dict[str, Any]:
    return {
        "swipe": {"swipe_id": swipe_id, "participant": WHO, "machine": machine, "product": "cola"},
        "execution_id": execution,
    }


def case(*inputs: dict[str, Any]) -> Case:
    return Case(workflow=vending_pass, inputs=inputs, world=Passes, holds=points_and_drinks_are_right)


CASES = {
    "a swipe": case(swipe()),
    "a swipe at a broken machine": case(swipe(machine="broken")),
    "the same swipe twice": case(swipe(), swipe()),
    "the same swipe in another execution": case(swipe(), swipe(execution="e2")),
    "two swipes": case(swipe(), swipe("s2", execution="e2")),
}
