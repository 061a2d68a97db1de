"""Workflow functions whose JSON comes from outside: inputs, answers, items in S3, results of services."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from stepsmith import (
    TaskToken,
    WorkflowError,
    callback_task,
    client,
    csv_rows,
    integration,
    json_items,
    json_lines,
    map_items,
    task,
    workflow,
)


class Refused(WorkflowError): ...


class Grade(IntEnum):
    LOW = 1
    HIGH = 2


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    n: int = 3
    note: str | None = None


class Order(BaseModel):
    id: str = Field(alias="orderId")
    parts: list[Part] = []
    first: tuple[int, Part] = (1, Part())
    colour: Colour = Colour.RED
    grade: Grade = Grade.LOW
    due: AwareDatetime | None = None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ok: bool
    note: str = "none"
    parts: dict[str, Part] = {}


class Keys(TypedDict):
    k: int
    o: NotRequired[float]


@dataclass
class Row:
    id: str
    n: int
    share: float = 0.5
    done: bool = False


class Line(BaseModel):
    sku: str
    quantity: int = 1


@task
def show(text: str, number: float = 0) -> str:
    return f"{text} {number}"


@task
def take(row: Row) -> str:
    return f"{row.id}{row.n}{row.share}{row.done}"


@task
def take_line(line: Line) -> str:
    return f"{line.sku}*{line.quantity}"


@workflow
def nested_dicts(by: dict[str, dict[str, Part]], key: str) -> list[int]:
    return [by[key][name].n for name in by[key]]


@workflow
def tuples(pair: tuple[int, Part], pairs: list[tuple[str, Part]], order: Order) -> list[int]:
    return [pair[0], pair[1].n, *[part.n for _, part in pairs], order.first[1].n, len(order.parts)]


@workflow
def whole(order: Order, keys: Keys) -> tuple[Order, Keys]:
    show(order.id, keys["k"])
    return order, keys


@workflow(checked=True)
def checked_input(order: Order, keys: Keys, n: int, share: float = 0.5, yes: bool = True) -> float:
    if yes and order.grade == Grade.HIGH:
        return n + share
    return n + keys.get("o", 1.5) + sum(part.n for part in order.parts)


@callback_task(Strict, timeout=timedelta(hours=1))
def ask(token: TaskToken, question: str) -> None: ...


@callback_task(int, timeout=timedelta(hours=1))
def ask_number(token: TaskToken, question: str) -> None: ...


@callback_task(list[Order], timeout=timedelta(hours=1))
def ask_orders(token: TaskToken) -> None: ...


@workflow
def answered(question: str) -> str:
    answer = ask(question)
    return answer.note


@workflow
def answered_whole(question: str) -> Strict:
    return ask(question)


@workflow
def answer_ignored(question: str) -> str:
    ask(question)
    return "asked"


@workflow
def answered_in_try(question: str) -> int:
    try:
        number = ask_number(question)
    except Exception:
        return -1
    return number + 1


@workflow
def orders_answered() -> list[int]:
    orders = ask_orders()
    return [order.first[0] + order.grade for order in orders]


class Stored(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    item: dict[str, Any] = Field(default={}, alias="Item")
    count: int = Field(default=0, alias="Count")


@integration("dynamodb:getItem")
def get_item(TableName: str, Key: dict[str, Any], *, dynamodb: Any = client("dynamodb")) -> Stored:
    return dynamodb.get_item(TableName=TableName, Key=Key)


@workflow
def stored(table: str) -> int:
    found = get_item(table, {"id": {"S": "a"}})
    return found.count


@workflow
def rows(bucket: str, key: str) -> list[str]:
    return map_items(csv_rows(bucket, key, Row), take, distributed=True, tolerated_failure_count=1)


@workflow
def batches(bucket: str, key: str) -> list[str]:
    def each(found: list[Row]) -> str:
        total = sum(row.n for row in found)
        return show("sum", total)

    return map_items(csv_rows(bucket, key, Row), each, distributed=True, batch_size=2)


@workflow
def items(bucket: str, key: str) -> list[str]:
    return map_items(json_items(bucket, key, Line), take_line, distributed=True)


@workflow
def lines(bucket: str, key: str, more: int) -> list[str]:
    def each(line: Line) -> str:
        return show(line.sku, line.quantity + more)

    return map_items(json_lines(bucket, key, Line), each, distributed=True)


class Card(BaseModel):
    kind: Literal["card"] = "card"
    number: str = "0"
    limit: int | None = None


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"
    amount: int = 3


class Ok(BaseModel):
    value: int
    unit: str = "m"


class Failure(BaseModel):
    reason: str
    code: int = 5


class Outcome(BaseModel):
    what: Card | Cash = Field(discriminator="kind")
    parts: list[Ok | Failure] = []


@callback_task(Outcome)
def ask_outcome(token: TaskToken, question: str) -> None: ...


@workflow
def one_of_models(payment: Annotated[Card | Cash, Field(discriminator="kind")]) -> str:
    match payment:
        case Card(number=number):
            return number
        case Cash(amount=amount):
            return str(amount)


@workflow
def some_of_models(results: list[Ok | Failure], by: dict[str, Ok | None | Failure]) -> list[str]:
    found = [each.unit if isinstance(each, Ok) else f"{each.reason}{each.code}" for each in results]
    for key in by:
        one = by[key]
        if one is None:
            found = [*found, "none"]
        elif isinstance(one, Failure):
            found = [*found, f"{one.reason}{one.code}"]
        else:
            found = [*found, one.unit]
    return found


@workflow(checked=True)
def checked_union(value: int | str | list[int] | bool | Ok) -> str:
    match value:
        case bool():
            return "bool"
        case int(number):
            return str(number + 1)
        case str(text):
            return text
        case [first, *_]:
            return str(first)
        case Ok(unit=unit):
            return unit
        case _:
            return "empty"


@workflow
def answered_union(question: str) -> str:
    outcome = ask_outcome(question)
    failures = [each.reason for each in outcome.parts if isinstance(each, Failure)]
    if outcome.what.kind == "cash":
        return f"{outcome.what.amount} {len(failures)}"
    return outcome.what.number
