"""What type checkers see: the types that calls, references and explicit states have."""

# pyright: strict

from datetime import timedelta
from typing import Any, assert_type

from pydantic import BaseModel

from stepsmith import (
    TaskToken,
    Workflow,
    WorkflowError,
    callback_task,
    client,
    compensation,
    map_items,
    parallel,
    task,
    workflow,
)
from stepsmith.references import (
    build,
    contains,
    context,
    expression,
    is_none,
    length,
    not_,
    optional_variable,
    state_input,
    text,
    variable,
)
from stepsmith.states import (
    Chain,
    Choice,
    Fail,
    Flow,
    Map,
    Parallel,
    Pass,
    StateMachine,
    Succeed,
    Task,
    sdk_task,
)


class Line(BaseModel):
    sku: str
    quantity: int


class Cart(BaseModel):
    id: str
    lines: list[Line]
    coupon: str | None = None


class Decision(BaseModel):
    approved: bool


class SoldOut(WorkflowError):
    """Nothing is left."""


@task
def reserve(line: Line, *, dynamodb: Any = client("dynamodb")) -> str:
    """Reserve a line."""
    return line.sku


@task(timeout=timedelta(seconds=5))
def price(cart: Cart, currency: str = "EUR") -> int:
    """Give the price."""
    return 1


@task
def forget(cart_id: str) -> None:
    """Forget a cart."""


@callback_task(Decision)
def review(token: TaskToken, cart: Cart) -> None:
    """Ask somebody."""


@workflow
def checkout(cart: Cart) -> int:
    """Check out."""
    return price(cart)


def calls(cart: Cart) -> None:
    assert_type(price(cart), int)
    assert_type(price(cart, currency="USD"), int)
    assert_type(reserve(cart.lines[0], dynamodb=object()), str)
    assert_type(forget(cart.id), None)
    assert_type(review(cart), Decision)
    assert_type(parallel(price(cart), reserve(cart.lines[0])), tuple[int, str])
    assert_type(parallel(price(cart), reserve(cart.lines[0]), review(cart)), tuple[int, str, Decision])
    assert_type(map_items(cart.lines, lambda line: reserve(line), max_concurrency=5), list[str])
    assert_type([reserve(line) for line in cart.lines], list[str])
    assert_type(price.with_options(name="Price again")(cart), int)


def runs(cart: Cart) -> None:
    assert_type(checkout(cart), int)
    assert_type(checkout.run(cart).result(), int)
    assert_type(checkout.run(cart=cart).result(), int)


def references() -> None:
    cart = variable("cart", Cart)
    assert_type(cart, Cart)
    assert_type(cart.lines, list[Line])
    assert_type(cart.coupon, str | None)
    assert_type(variable("lines", list[Line]), list[Line])
    assert_type(optional_variable("coupon", str), str | None)
    assert_type(state_input("amount", int, default=1), int)
    assert_type(expression("$sum($prices)", float), float)
    assert_type(text("{} lines", length(cart.lines)), str)
    assert_type(length(cart.lines), int)
    assert_type(contains(["a", "b"], cart.id), bool)
    assert_type(is_none(cart.coupon), bool)
    assert_type(not_(cart.id == "x"), bool)
    assert_type((cart.id == "x") & not_(is_none(cart.coupon)), bool)
    assert_type(build(Line, sku="a", quantity=1), Line)
    assert_type(context.execution.id, str)


def states() -> None:
    cart = variable("cart", Cart)
    total = variable("total", int)
    decision = variable("decision", Decision)
    reservations = variable("reservations", list[str])
    reservation = variable("reservation", str)

    assert_type(price.state("Price", cart), Task[int])
    assert_type(price.state("Price", cart, currency="USD").assign(total), Task[int])
    assert_type(review.state("Review", cart).assign(decision), Task[Decision])
    assert_type(
        Parallel("Both", price.state("Price", cart), reserve.state("Reserve", cart.lines[0])),
        Parallel[tuple[int, str]],
    )
    Parallel("Both", price.state("Price", cart), reserve.state("Reserve", cart.lines[0])).assign(
        (total, reservation)
    )
    each = Map("Each", cart.lines, lambda line: reserve.state("Reserve", line))
    assert_type(each, Map[list[str]])
    assert_type(each.assign(reservations), Map[list[str]])
    assert_type(Pass("Start").output(total), Pass[int])
    assert_type(Succeed("Done").output(cart), Succeed[Cart])
    assert_type(Pass("Start") >> price.state("Price", cart), Chain[int])
    assert_type(price.state("Price", cart).output(cart.id), Flow[str])
    assert_type(sdk_task("sqs:sendMessage", result=dict[str, str], QueueUrl="u"), Task[dict[str, str]])
    Choice("Big?").when(total > 500, Fail("Too big", SoldOut, text("{}", total))).otherwise(Pass("Small"))
    assert_type(StateMachine("m", Pass("Start")).to_json(), str)


def workflow_type() -> None:
    assert_type(checkout.name, str)
    same: Workflow[[Cart], int] = checkout
    assert_type(same(Cart(id="c", lines=[])), int)


@task
async def fetched(key: str) -> int:
    return len(key)


@task(timeout=timedelta(seconds=3))
async def fetched_late(key: str) -> int:
    return len(key)


assert_type(fetched("a"), int)
assert_type(fetched_late("a"), int)


def undone(key: str) -> None:
    with compensation() as undo:
        undo(fetched, key)
        undo(fetched, key=undo.error)
    assert_type(undo.problems, list[str])
