from datetime import datetime
from textwrap import dedent

from pydantic import BaseModel, field_validator
from typing import Any, Literal, TypedDict

from stepsmith import WorkflowError, compensation, context, map_items, now, parallel, services, task, workflow

LIMIT = 3
ENGINE = open


class Line(BaseModel):
    sku: str
    quantity: int


class Order(BaseModel):
    id: str
    lines: list[Line]
    count: int
    price: float
    paid: bool
    coupon: str | None = None
    tags: dict[str, int] = {}


class Address(TypedDict):
    street: str
    town: str


class Checked(BaseModel):
    count: int

    @field_validator("count")
    @classmethod
    def positive(cls, value: int) -> int:
        return abs(value)


class Problem(WorkflowError): ...


def plain(text: str) -> str:
    return text


@task
def echo(text: str) -> str:
    return text


@task
def note(text: str) -> None: ...


first_note = note
ask = services.sqs.send_message.wait_for_task_token(str)


@task
def risky(number: int) -> str:
    return str(number)


@task
def read_number(text: str) -> int:
    return int(text)


@task
def take_line(line: Line) -> str:
    return line.sku
