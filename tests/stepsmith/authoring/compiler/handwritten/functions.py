"""Twenty workflow functions; `machines.json` holds each as it is written by hand, under its name."""

from datetime import timedelta

from pydantic import BaseModel

from stepsmith import Retry, WorkflowError, map_items, parallel, task, wait, workflow


class Refused(WorkflowError):
    """No."""


class Order(BaseModel):
    id: str
    cents: int
    lines: list[str] = []
    express: bool = False


@task
def find(id: str) -> Order:
    return Order(id=id, cents=len(id) * 100, lines=list(id), express=id.startswith("x"))


@task
def charge(id: str, cents: int) -> str:
    if cents > 400:
        raise Refused(f"{cents} is too much")
    return f"paid {cents} for {id}"


@task(retry=[Retry.on("States.Timeout")], timeout=timedelta(seconds=5))
def ship(id: str, line: str = "") -> str:
    return f"shipped {id} {line}".strip()


@task
def tell(text: str) -> None: ...


@task
def ready(tries: int) -> bool:
    return tries >= 3


@task
def next_page(token: str | None = None) -> str | None:
    return {None: "a", "a": "b"}.get(token)


@workflow
def one_task(id: str) -> str:
    return ship(id)


@workflow
def one_after_the_other(id: str) -> str:
    order = find(id)
    payment = charge(order.id, order.cents)
    tell(payment)
    return ship(order.id)


@workflow
def shaped(id: str, cents: int) -> dict[str, str]:
    payment = charge(id, cents)
    return {"id": id, "payment": payment}


@workflow
def computed(id: str, cents: int) -> str:
    tax = cents // 10
    total = cents + tax
    return f"{id}: {total}"


@workflow
def decided(id: str) -> str:
    order = find(id)
    if order.express:
        return ship(order.id, "express")
    wait(3600)
    return ship(order.id)


@workflow
def one_of_three(id: str, cents: int) -> str:
    if cents < 100:
        kind = "small"
    elif cents < 300:
        kind = "middle"
    else:
        kind = "large"
    return ship(id, kind)


@workflow
def refused(id: str, cents: int) -> str:
    if cents <= 0:
        raise Refused("nothing to pay")
    return charge(id, cents)


@workflow
def forgiven(id: str, cents: int) -> str:
    try:
        payment = charge(id, cents)
    except Refused:
        payment = "on the house"
    return payment


@workflow
def undone(id: str, cents: int) -> str:
    shipped = ship(id)
    try:
        payment = charge(id, cents)
    except Refused as error:
        tell(str(error))
        raise
    return f"{shipped}, {payment}"


@workflow
def always_told(id: str, cents: int) -> str:
    try:
        payment = charge(id, cents)
    finally:
        tell(id)
    return payment


@workflow
def polled(id: str) -> int:
    tries = 0
    while not ready(tries):
        tries += 1
        wait(60)
    return tries


@workflow
def given_up(id: str, most: int = 2) -> str:
    tries = 0
    while tries < most:
        if ready(tries):
            return "ready"
        tries += 1
        wait(60)
    return "not ready"


@workflow
def page_after_page() -> int:
    pages = 0
    token = next_page()
    while token is not None:
        pages += 1
        token = next_page(token)
    return pages


@workflow
def line_after_line(id: str) -> str:
    order = find(id)
    for line in order.lines:
        ship(order.id, line)
    return order.id


@workflow
def added_up(id: str) -> list[str]:
    order = find(id)
    done: list[str] = []
    for line in order.lines:
        done = [*done, ship(order.id, line)]
    return done


@workflow
def side_by_side(id: str, cents: int) -> str:
    payment, shipped = parallel(charge(id, cents), ship(id))
    return f"{payment}, {shipped}"


@workflow
def each_line(id: str, lines: list[str]) -> list[str]:
    return [ship(id, line) for line in lines]


@workflow
def each_line_or_not(id: str, lines: list[str]) -> list[str]:
    def shipped(line: str) -> str:
        try:
            return charge(line, len(line) * 300)
        except Refused:
            return f"none for {id}"

    return map_items(lines, shipped, max_concurrency=2)


@workflow
def waited(id: str, seconds: int) -> str:
    wait(seconds)
    return ship(id)


@workflow
def matched(id: str, kind: str) -> str:
    match kind:
        case "express" | "night":
            shipped = ship(id, kind)
        case "none":
            return "nothing to do"
        case _:
            wait(600)
            shipped = ship(id)
    tell(shipped)
    return shipped


INPUTS: dict[str, list[dict[str, object]]] = {
    "one_task": [{"id": "a"}],
    "one_after_the_other": [{"id": "abc"}, {"id": "abcdefg"}],
    "shaped": [{"id": "a", "cents": 5}, {"id": "a", "cents": 500}],
    "computed": [{"id": "a", "cents": 50}],
    "decided": [{"id": "xyz"}, {"id": "abc"}],
    "one_of_three": [{"id": "a", "cents": cents} for cents in (50, 200, 900)],
    "refused": [{"id": "a", "cents": cents} for cents in (0, 50)],
    "forgiven": [{"id": "a", "cents": cents} for cents in (50, 900)],
    "undone": [{"id": "a", "cents": cents} for cents in (50, 900)],
    "always_told": [{"id": "a", "cents": cents} for cents in (50, 900)],
    "polled": [{"id": "a"}],
    "given_up": [{"id": "a"}, {"id": "a", "most": 9}],
    "page_after_page": [{}],
    "line_after_line": [{"id": "abc"}, {"id": "x"}],
    "added_up": [{"id": "abc"}],
    "side_by_side": [{"id": "a", "cents": cents} for cents in (50, 900)],
    "each_line": [{"id": "a", "lines": []}, {"id": "a", "lines": ["b", "c"]}],
    "each_line_or_not": [{"id": "a", "lines": ["b", "cc"]}],
    "waited": [{"id": "a", "seconds": 30}],
    "matched": [{"id": "a", "kind": kind} for kind in ("express", "none", "plain")],
}
"""Inputs that together go every way through each of them."""
