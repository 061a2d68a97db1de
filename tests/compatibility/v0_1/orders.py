"""Workflows as they were written for 0.1; never edited, whatever the framework learns."""

from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel

from stepsmith import (
    Retry,
    TaskToken,
    WorkflowError,
    callback_task,
    map_items,
    parallel,
    task,
    wait,
    workflow,
)


class Status(StrEnum):
    NEW = "NEW"
    PAID = "PAID"
    REFUSED = "REFUSED"


class Line(BaseModel):
    sku: str
    quantity: int
    cents: int


class Order(BaseModel):
    id: str
    customer: str
    lines: list[Line]
    coupon: str | None = None


class Answer(BaseModel):
    agreed: bool
    note: str | None = None


class Declined(WorkflowError):
    """The bank says no."""


class OutOfStock(WorkflowError):
    """There is not enough left."""


@task(retry=[Retry.never(OutOfStock), Retry(interval=timedelta(seconds=2), max_attempts=3)])
def reserve(line: Line) -> str:
    return f"reserved {line.sku}"


@task(timeout=timedelta(seconds=10))
def charge(customer: str, cents: int) -> str:
    return f"paid {cents} by {customer}"


@task
def release(reservations: list[str]) -> None: ...


@task
def notify(customer: str, text: str) -> None: ...


@callback_task(result=Answer, timeout=timedelta(days=1))
def ask(token: TaskToken, order: Order) -> None: ...


@workflow
def checkout(order: Order) -> str:
    """Sell what is in an order."""
    if not order.lines:
        raise OutOfStock(f"{order.customer} wants nothing")
    total = sum(line.quantity * line.cents for line in order.lines)
    reservations = [reserve(line) for line in order.lines]
    try:
        payment = charge(order.customer, total)
    except Declined as error:
        release(reservations)
        notify(order.customer, str(error))
        raise
    notify(order.customer, f"{total} cents, thank you")
    return payment


@workflow
def agreement(order: Order, patience: int = 3) -> Status:
    """Ask until somebody answers."""
    tries = 0
    status = Status.NEW
    while status == Status.NEW and tries < patience:
        answer = ask(order)
        tries += 1
        if answer.agreed:
            status = Status.PAID
        elif answer.note is not None:
            notify(order.customer, answer.note)
            status = Status.REFUSED
        else:
            wait(60)
    return status


@workflow
def side_by_side(order: Order) -> list[str]:
    """Charge and tell at once, then go through the lines."""

    def told() -> str:
        notify(order.customer, "we begin")
        return "told"

    payment, _ = parallel(charge(order.customer, 5), told())
    done: list[str] = [payment]
    for line in order.lines:
        match line.quantity:
            case 0:
                continue
            case 1 | 2:
                done = [*done, reserve(line)]
            case _:
                break
    return done


@workflow
def in_bulk(order: Order, bucket: str) -> int:
    """Reserve in a Distributed Map."""

    def reserved(line: Line) -> str:
        try:
            return reserve(line)
        except OutOfStock:
            return f"{bucket} has none"

    found = map_items(order.lines, reserved, distributed=True, max_concurrency=10)
    return len([text for text in found if text != ""])
