"""A misspelt key inside a model is refused with the nearest one that there is."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from stepsmith import InvalidInput, task


class Address(BaseModel):
    street: str
    town: str = "Cork"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    colour: str = "red"
    size: int = 1


@dataclass
class Parcel:
    weight: int


class Order(BaseModel):
    customer: str
    address: Address | None = None
    lines: list[Strict] = []
    parcels: dict[str, Parcel] = {}
    gift: bool = Field(default=False, alias="isGift")


@task
def place(order: Order, pair: tuple[int, Address] | None = None) -> None: ...


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"order": {"custmer": "ann"}}, "order: there is no field 'custmer'; did you mean 'customer'?"),
        (
            {"order": {"customer": "ann", "address": {"stret": "x"}}},
            "order.address: there is no field 'stret'; did you mean 'street'?",
        ),
        (
            {"order": {"customer": "ann", "lines": [{}, {"color": "x"}]}},
            "order.lines.1: there is no field 'color'; did you mean 'colour'?",
        ),
        (
            {"order": {"customer": "ann", "lines": [{"zzz": "x"}]}},
            "order.lines.0: there is no field 'zzz'; the fields are colour, size",
        ),
        (
            {"order": {"customer": "ann", "parcels": {"first": {"wieght": 5}}}},
            "order.parcels.first: there is no field 'wieght'; did you mean 'weight'?",
        ),
        (
            {"order": {"customer": "ann"}, "pair": [1, {"steet": "x"}]},
            "pair.1: there is no field 'steet'; did you mean 'street'?",
        ),
        ({"order": {}}, "order.customer: Field required"),
        ({"order": {"isGift": True}}, "order.customer: Field required"),
        ({"order": {"customer": "ann", "address": {"town": "x"}}}, "order.address.street: Field required"),
    ],
)
def test_a_key_that_is_missing_is_found_under_its_misspelling(payload: Any, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        place.handle(payload)

    assert str(refused.value) == told
