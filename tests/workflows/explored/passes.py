"""The vending pass: points are counted once, and each drink that was earned is given or somebody knows."""

from functools import cache
from typing import Any

from stepsmith.testing import Ending, Mishap
from tasks.vending import ATTENTION
from tasks.vending_pass.models import FREE_DRINK_FROM, POINTS_PER_SWIPE
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.workflows.explored.cases import Case, answer, given
from workflows.vending_pass import vending_pass

BEFORE = 40
WHO = "ottilie"


@cache
def begun() -> MemoryDynamoDB:
    """Give the table as all worlds begin with it."""
    dynamodb: Any = MemoryDynamoDB()
    create_tables(dynamodb)
    points = {"points": {"N": str(BEFORE)}}
    for pk, fields in {
        f"pending#{WHO}": points,
        f"shown#{WHO}": points,
        "machine#broken": {"status": {"S": "OUT_OF_ORDER"}},
    }.items():
        dynamodb.put_item(TableName=PASS, Item={"pk": {"S": pk}, **fields})
    dynamodb.snapshot()
    return dynamodb


class Passes:
    """A participant with forty points, and two machines of which one is out of order."""

    def __init__(self) -> None:
        self.dynamodb = begun().copy()
        self.queues = MemoryQueues()
        self.queues.create_queue(QueueName=ATTENTION)

    @property
    def clients(self) -> dict[str, Any]:
        return {"dynamodb": self.dynamodb, "sqs": self.queues}

    def snapshot(self) -> object:
        return self.dynamodb.snapshot(), self.queues.sent

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """Give the items of a kind by what follows in their keys."""
        items = self.dynamodb.tables[PASS].items()
        return {pk.removeprefix(f"{kind}#"): item for (pk, _), item in items if pk.startswith(f"{kind}#")}

    def status(self, kind: str, key: str) -> str | None:
        return self.of_kind(kind).get(key, {}).get("status", {}).get("S")


def points_and_drinks_are_right(ending: Ending[Passes]) -> None:
    world = ending.world
    counted = world.of_kind("counted")
    assert int(world.of_kind("pending")[WHO]["points"]["N"]) == BEFORE + POINTS_PER_SWIPE * len(counted)
    told = world.queues.sent[ATTENTION]
    for swipe in world.of_kind("swipe"):
        ended = world.status("swipe", swipe)
        assert ended is not None or told, f"{swipe} has not ended"
        assert ended != "FLAGGED" or told, f"nobody was told that {swipe} is flagged"
    stuck = any(each.error == "CompensationFailed" for each in ending.executions)
    assert not stuck or told, "nobody was told"
    if not told:
        _assert_the_drink_is_given_or_left_to_the_next_swipe(world)
    for execution in ending.executions:
        if execution.status == "SUCCEEDED" and answer(execution)["status"] != "REPEATED":
            swipe = given(execution)["swipe"]["swipe_id"]
            assert world.status("swipe", swipe) == answer(execution)["status"]
            assert (world.status("voucher", swipe) == "GIVEN") == answer(execution)["free_drink"]


def at_most_one_drink_is_promised(world: Passes) -> None:
    promised = [swipe for swipe in world.of_kind("voucher") if world.status("voucher", swipe) != "WITHDRAWN"]
    assert len(promised) <= 1, f"free drinks for {promised}"
    points = int(world.of_kind("pending")[WHO]["points"]["N"])
    assert not promised or points >= FREE_DRINK_FROM, f"a free drink for {points} points"


def _assert_the_drink_is_given_or_left_to_the_next_swipe(world: Passes) -> None:
    for swipe in world.of_kind("voucher"):
        assert world.status("voucher", swipe) in ("GIVEN", "WITHDRAWN"), f"the voucher of {swipe} is open"
    for item in world.of_kind("drink").values():
        holder = item["swipe"]["S"]
        assert world.status("voucher", holder) == "GIVEN", f"{holder} keeps the drink from the next swipe"
    for machine_and_swipe in world.of_kind("told"):
        swipe = machine_and_swipe.partition("#")[2]
        assert world.status("voucher", swipe) == "GIVEN", (
            f"{swipe} was told to the machine, and has no voucher"
        )


def swipe(swipe_id: str = "s1", *, execution: str = "e1", machine: str = "m1") -> dict[str, Any]:
    return {
        "swipe": {"swipe_id": swipe_id, "participant": WHO, "machine": machine, "product": "cola"},
        "execution_id": execution,
    }


def nobody_else_drinks(mishap: Mishap) -> bool:
    """Leave out that a task says the drink is another swipe's where it is not."""
    return mishap.does.endswith("with DrinkTaken")


def case(*inputs: dict[str, Any]) -> Case:
    return Case(
        workflow=vending_pass,
        inputs=inputs,
        world=Passes,
        holds=points_and_drinks_are_right,
        always=at_most_one_drink_is_promised,
        skip=nobody_else_drinks,
    )


CASES = {
    "a swipe": case(swipe()),
    "a swipe at a broken machine": case(swipe(machine="broken")),
    "the same swipe twice": case(swipe(), swipe()),
    "the same swipe in another execution": case(swipe(), swipe(execution="e2")),
    "two swipes": case(swipe(), swipe("s2", execution="e2")),
}
