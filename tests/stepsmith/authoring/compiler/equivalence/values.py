"""Workflow functions about values: tuples, models, comprehensions, names that are used again."""

from stepsmith import (
    workflow,
)
from tests.stepsmith.authoring.compiler.equivalence.constructs import (
    Address,
    Line,
    Order,
    Problem,
    Size,
    count,
    divmod_of,
    double,
    echo,
    note,
    parcel,
    risky,
)


@workflow
def tuples(number: int, by: int) -> list[int]:
    quotient, rest = divmod_of(number, by + 1)
    pair = (quotient, rest)
    pairs = [(quotient, "a"), (rest, "b")]
    total = 0
    for value, name in pairs:
        if name == "a":
            total += value
    return [quotient, rest, pair[0], total]


@workflow
def typed_dicts(street: str, town: str, weight: float) -> str:
    address: Address = {"street": street, "town": town}
    other = Address(street=address["street"], town="Cork")
    if address["town"] == other["town"]:
        return parcel(address, weight * 2)
    return parcel(other, weight)


@workflow
def models(order: Order) -> Order:
    lines = [Line(sku=line.sku.upper(), quantity=line.quantity + 1) for line in order.lines]
    extra = Line(sku="extra", quantity=len(lines), note="added")
    return Order(
        id=f"{order.id}!", lines=[*lines, extra], size=Size.LARGE, tags={"n": len(lines)}, limit=order.limit
    )


@workflow
def calls_in_expressions(order: Order, number: int) -> str:
    if double(number) > 10:
        return echo(echo(order.id))
    total = count(order.lines) + double(number)
    while double(total) < 40:
        total = double(total) + 1
    return f"{echo('end')} {total}"


@workflow
def reassigned_items(numbers: list[int]) -> list[int]:
    for number in numbers:
        numbers = [*numbers[1:], number + 1]
    return numbers


@workflow
def shadowing(order: Order, error: str) -> str:
    line_index = len(order.lines)
    for line in order.lines:
        line_index += line.quantity
    try:
        risky(line_index)
    except Problem:
        note(error)
        raise
    return f"{error} {line_index}"


@workflow
def comprehensions(order: Order, rows: list[list[int]]) -> dict[str, int]:
    totals = {line.sku: line.quantity for line in order.lines if line.note is None}
    longest = max([len(row) for row in rows] + [0])
    nested = [row[:1] for row in rows if row]
    small = any(line.quantity < 2 for line in order.lines)
    every = all(len(row) > 0 for row in rows)
    flags = (1 if small else 0) + (10 if every else 0)
    notes = [line.note for line in order.lines]
    return {**totals, "longest": longest, "nested": len(nested), "flags": flags, "notes": len(notes)}


@workflow
def nothing(text: str) -> None:
    note(text)


@workflow(fuse=False)
def unfused(number: int) -> int:
    first = number + 1
    second = double(first)
    return second + first
