"""Checkouts in which tasks fail, others meddle and somebody aborts, all at random; SC-01.

`python -m tests.workflows.random_checkouts 10000` plays as many, and says how often what came up.
"""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from stepsmith.service import VirtualClock
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart.lines import add_line, list_lines, migrate_cart
from tasks.cart.models import CartRef, Checkout
from tasks.errors import Conflict, Throttled
from tests.tasks.cart.shop import CART, CUSTOMER, NOW, Shop, quick_shop
from tests.workflows.faults import FaultyTasks
from workflows.shopping_cart import shopping_cart

FAULTS = [f"{when} {what}" for when in ("before", "after") for what in ("unavailable", "timeout", "crash")]
METHODS = ("card", "secure", "declined")
ADDED = {CART.key: 2, CUSTOMER.key: 3}
PRICE, STOCK = 350, 1000


@dataclass
class Play:
    """One checkout with all that comes between."""

    seed: int
    shop: Shop = field(default_factory=quick_shop)
    seen: Counter[str] = field(default_factory=Counter[str])
    stuck: set[str] = field(default_factory=set[str])
    """Keys of executions, or of what ended their records, that say that something was not done or undone."""
    keys: set[str] = field(default_factory=set[str])
    added: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.rate = self.dice.choice([0.0, 0.0, 0.1, 0.4, 0.6, 0.8])
        self.meddling = self.dice.choice([0.0, 0.05, 0.2])
        self.shop.put_product("tea", price=PRICE, stock=STOCK)
        for cart in (CART, CUSTOMER):
            self.add(cart, ADDED[cart.key])

    def add(self, cart: CartRef, quantity: int) -> None:
        self.added += quantity
        add_line(cart, "tea", quantity, f"r{self.added}", NOW, dynamodb=self.shop.dynamodb)

    def run(self, key: str, cart: CartRef, method: str, *, depth: int = 0) -> Any:
        """Check out, with whatever happens meanwhile."""
        self.keys.add(key)
        self.seen[f"checkouts at depth {depth}"] += 1
        clients = {"dynamodb": self.shop.dynamodb, "sqs": self.shop.sqs}
        holder: list[Any] = []
        begun = threading.Event()

        def plan(name: str) -> str | None:
            if depth < 2 and self.dice.random() < self.meddling:
                begun.wait(5)
                self.meddle(holder[0], depth)
            fault = self.dice.choice(FAULTS) if self.dice.random() < self.rate else None
            self.seen["faults"] += fault is not None
            return fault

        checkout = Checkout(cart=cart, customer_id="u1", payment_method=method, idempotency_key=key)
        options = local(
            clients=clients,
            tasks=FaultyTasks(shopping_cart, plan, clients).tasks,
            responders={"confirm_payment": lambda payload: {"approved": self.dice.random() < 0.8}},
            clock=VirtualClock(NOW),
            name=f"{key}-{self.seed}-{sum(self.seen.values())}",
        )
        execution: Any = run_workflow(
            shopping_cart, shopping_cart.input_of(checkout), options, background=True
        )
        holder.append(execution)
        begun.set()
        execution.wait(30)
        self.seen[execution.status] += 1
        ending = execution.ending
        if execution.error == "CompensationFailed" or (ending is not None and ending.status != "SUCCEEDED"):
            self.stuck.add(key)
        return execution

    def meddle(self, execution: Any, depth: int) -> None:
        what = self.dice.choice(("abort", "abort", "same key", "other key", "other cart", "migrate", "add"))
        self.seen[what] += 1
        actions: dict[str, Callable[[], object]] = {
            "abort": lambda: execution.stop("Stopped", "by hand"),
            "same key": lambda: self.run("k1", CART, self.dice.choice(METHODS), depth=depth + 1),
            "other key": lambda: self.run("k2", CART, self.dice.choice(METHODS), depth=depth + 1),
            "other cart": lambda: self.run("k1", CUSTOMER, self.dice.choice(METHODS), depth=depth + 1),
            "migrate": lambda: migrate_cart(CART, CUSTOMER, NOW, dynamodb=self.shop.dynamodb),
            "add": lambda: self.add(CART, 1),
        }
        with suppress(Conflict, Throttled):
            actions[what]()

    def check(self) -> None:
        """Compare what was held, taken, given back and ordered with what left the stock and the carts."""
        outcomes = {key: self.shop.step(key, "outcome") for key in self.keys - self.stuck}
        for key, outcome in outcomes.items():
            steps = [self.shop.step(key, step) for step in ("payment", "order", "stock")]
            done = (["settled", "done", "done"], ["undone", "undone", "undone"])
            # what was stuck when its execution was aborted is called so, also where its ending has undone it
            undone = ("REJECTED", "COMPENSATION_FAILED")
            assert steps == (done[1] if outcome in undone else done[0]), (key, outcome, steps)
        money = self.shop.money()
        if self.stuck:
            return
        sold = STOCK - self.shop.stock("tea")
        assert None not in outcomes.values(), outcomes
        assert money.held == 0, money
        assert money.captured - money.refunded == money.ordered == sold * PRICE, (money, sold)
        ordered = [key for key in self.keys if self.shop.step(key, "order") == "done"]
        assert ordered == [key for key in self.keys if outcomes[key] == "SUCCEEDED"], (ordered, outcomes)
        if not any('"clear"' in body for body in self.shop.attention()):
            left = sum(
                line.quantity
                for cart in (CART, CUSTOMER)
                for line in list_lines(cart, NOW, dynamodb=self.shop.dynamodb)
            )
            assert left + sold == self.added, (left, sold, self.added)


def play(seed: int) -> Play:
    """Play one, and check what it leaves behind."""
    found = Play(seed)
    found.run("k1", CART, found.dice.choice(METHODS))
    try:
        found.check()
    except AssertionError as broken:
        broken.add_note(f"seed {seed}")
        raise
    return found


def main() -> None:
    """Play as many as the command line says."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    begun, seen, stuck = time.process_time(), Counter[str](), 0
    for seed in range(count):
        found = play(seed)
        seen.update(found.seen)
        stuck += bool(found.stuck)
    print(
        f"{count} checkouts in {time.process_time() - begun:.0f} s of processor time, {stuck} of them stuck and told"
    )
    for what, times in sorted(seen.items()):
        print(f"  {what:<24}{times:8}")


if __name__ == "__main__":
    main()
