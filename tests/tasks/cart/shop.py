"""A shop on moto: tables, products, and what lies in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from moto import mock_aws

from tasks.cart.models import LINES, CartRef
from tasks.cart.tables import ATTENTION, CHECKOUTS, NOTICES, PRODUCTS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
CART = CartRef(id="c1")
CUSTOMER = CartRef(id="u1", signed_in=True)
FAKE: dict[str, Any] = {
    "region_name": "us-east-1",
    "aws_access_key_id": "fake",
    "aws_secret_access_key": "fake",
}


@dataclass(frozen=True, kw_only=True)
class Money:
    """Amounts in cents over all checkouts, and what stands in orders that were not cancelled."""

    held: int = 0
    captured: int = 0
    refunded: int = 0
    let_go: int = 0
    ordered: int = 0


@dataclass(frozen=True)
class Shop:
    """The clients of one isolated shop."""

    dynamodb: Any
    sqs: Any

    def put_product(self, product_id: str, *, price: int, stock: int) -> None:
        item = {"pk": {"S": product_id}, "price_cents": {"N": str(price)}, "stock": {"N": str(stock)}}
        self.dynamodb.put_item(TableName=PRODUCTS, Item=item)

    def stock(self, product_id: str) -> int:
        item = self.dynamodb.get_item(TableName=PRODUCTS, Key={"pk": {"S": product_id}}, ConsistentRead=True)[
            "Item"
        ]
        return int(item["stock"]["N"])

    def step(self, checkout: str, step: str) -> str | None:
        key = {"pk": {"S": checkout}, "sk": {"S": step}}
        found = self.dynamodb.get_item(TableName=CHECKOUTS, Key=key, ConsistentRead=True)
        return found["Item"]["status"]["S"] if "Item" in found else None

    def money(self) -> Money:
        """Add up the ledger; raises AssertionError where an amount comes from nowhere."""
        found = dict.fromkeys(("held", "captured", "refunded", "let_go", "ordered"), 0)
        for item in self._items(CHECKOUTS):
            status, step = item.get("status", {"S": ""})["S"], item["sk"]["S"]
            if step == "order" and status == "done":
                lines = LINES.validate_json(item["lines"]["S"])
                found["ordered"] += sum(line.quantity * line.price_cents for line in lines)
            if step == "payment" and "amount_cents" in item:
                amount = int(item["amount_cents"]["N"])
                captured = int(item.get("captured_cents", {"N": "0"})["N"])
                refunded = int(item.get("refunded_cents", {"N": "0"})["N"])
                assert captured in (0, amount)
                assert refunded in (0, captured)
                assert (status == "done", status == "settled") == (
                    status != "undone" and captured == 0,
                    captured > refunded,
                )
                found["held"] += amount if status == "done" else 0
                found["let_go"] += amount if status == "undone" and captured == 0 else 0
                found["captured"] += captured
                found["refunded"] += refunded
        return Money(**found)

    def _items(self, table: str) -> list[dict[str, Any]]:
        if isinstance(self.dynamodb, MemoryDynamoDB):
            return list(self.dynamodb.tables[table].values())
        found: list[dict[str, Any]] = self.dynamodb.scan(TableName=table)["Items"]
        return found

    def messages(self, queue: str) -> list[str]:
        url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        received = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in received]

    def attention(self) -> list[str]:
        return self.messages(ATTENTION)

    def notices(self) -> list[str]:
        return self.messages(NOTICES)


@contextmanager
def open_shop() -> Iterator[Shop]:
    """Open a shop with two products: `tea` at 350 cents, 10 in stock, and `mug` at 900 cents, 1 in stock."""
    with mock_aws():
        shop = Shop(boto3.client("dynamodb", **FAKE), boto3.client("sqs", **FAKE))
        fill(shop)
        yield shop


def quick_shop() -> Shop:
    """Give the same shop in memory, without moto."""
    shop = Shop(MemoryDynamoDB(), MemoryQueues())
    fill(shop)
    return shop


def fill(shop: Shop) -> None:
    """Make tables, queues and products."""
    create_tables(shop.dynamodb, shop.sqs)
    shop.put_product("tea", price=350, stock=10)
    shop.put_product("mug", price=900, stock=1)
