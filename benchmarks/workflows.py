"""Processor time of whole workflows in virtual time: a run of each, and ten thousand random failures of a checkout."""

import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stepsmith.service import VirtualClock
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart.lines import add_line
from tests.tasks.cart.shop import CART, NOW, quick_shop
from tests.workflows.faults import FaultyTasks
from tests.workflows.scenes import SCENES, play
from workflows.shopping_cart import shopping_cart

ROUNDS = 30
FAILURES = 10_000
FAULTS = [f"{when} {what}" for when in ("before", "after") for what in ("unavailable", "timeout", "crash")]


def milliseconds_of_one_run(name: str) -> float:
    """A run of the first route, its world made ready before the clock is started."""
    scene = SCENES[name]
    times: list[float] = []
    for _ in range(ROUNDS):
        with next(iter(scene.routes.values()))() as world:
            begun = time.process_time()
            play(scene, world)
            times.append((time.process_time() - begun) * 1000)
    return statistics.median(times)


def random_failures() -> tuple[float, int]:
    """Seconds, and checkouts, until 10,000 calls have failed at random; SC-01 checks what they leave behind."""
    dice = random.Random(1)
    failures = checkouts = 0
    begun = time.process_time()
    while failures < FAILURES:
        shop = quick_shop()
        add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
        clients = {"dynamodb": shop.dynamodb, "sqs": shop.sqs}
        rate = dice.choice([0.1, 0.4, 0.6, 0.8])
        tasks = FaultyTasks(
            shopping_cart,
            lambda name, rate=rate: dice.choice(FAULTS) if dice.random() < rate else None,
            clients,
        )
        checkout = {
            "cart": {"id": CART.id, "signed_in": False},
            "customer_id": "u1",
            "payment_method": dice.choice(["card", "secure", "declined"]),
            "idempotency_key": "k1",
        }
        options = local(
            clients=clients,
            tasks=tasks.tasks,
            responders={"confirm_payment": lambda payload: {"approved": True}},
            clock=VirtualClock(NOW),
        )
        run_workflow(shopping_cart, {"checkout": checkout}, options)
        failures += tasks.failures
        checkouts += 1
    return time.process_time() - begun, checkouts


def main() -> None:
    print("one run, in milliseconds of processor time")
    for name in SCENES:
        goal = "  (goal: under 50, 90 virtual seconds)" if name == "vending_pass" else ""
        print(f"  {name:<22}{milliseconds_of_one_run(name):7.1f} ms{goal}")
    seconds, checkouts = random_failures()
    print(f"{FAILURES} random failures in {checkouts} checkouts")
    print(f"  {seconds:.1f} s of processor time")


if __name__ == "__main__":
    main()
