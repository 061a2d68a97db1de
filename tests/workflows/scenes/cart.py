"""Checkouts that go through, are declined, or break on their way."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy

from tasks.cart.lines import add_line
from tasks.cart.models import CartRef
from tests.tasks.cart.shop import NOW, Money, quick_shop
from tests.workflows.scenes.scene import Ran, Scene, World
from workflows.shopping_cart import shopping_cart


def checkout(method: str, *broken: str, stock: int = 10) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        shop = quick_shop()
        cart = CartRef(id="cart-of-melusine", signed_in=True)
        add_line(cart, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
        shop.put_product("tea", price=350, stock=stock)

        def check(ran: Ran) -> None:
            money, reserved = shop.money(), stock - shop.stock("tea")
            if ran.execution.status == "SUCCEEDED":
                assert (money, reserved) == (Money(captured=700, ordered=700), 2)
                assert shop.step("k1", "outcome") == "SUCCEEDED" or shop.attention()
            elif ran.execution.error == "CompensationFailed":
                assert shop.attention() != [] or ran.task == "call_attention"
                unrecorded = "record_outcome" in (*broken, ran.task)
                unheard = "nobody was told" in (ran.execution.cause or "")
                told = "REJECTED" if unheard else "COMPENSATION_FAILED"
                assert unrecorded or shop.step("k1", "outcome") == told
            else:
                assert money in (Money(), Money(let_go=700), Money(captured=700, refunded=700))
                assert reserved == 0
                assert shop.step("k1", "outcome") == "REJECTED"

        yield World(
            clients={"dynamodb": shop.dynamodb, "sqs": shop.sqs},
            input={
                "checkout": {
                    "cart": {"id": cart.id, "signed_in": True},
                    "customer_id": "customer-melusine",
                    "payment_method": method,
                    "idempotency_key": "k1",
                }
            },
            check=check,
            records=lambda: deepcopy(shop.dynamodb.tables),
            attention=lambda: len(shop.attention()),
            secrets=("cart-of-melusine", "customer-melusine", "pm_4242424242"),
            responders={"confirm_payment": lambda payload: {"approved": True}},
            failing=broken,
        )

    return open_world


CART = Scene(
    workflow=shopping_cart,
    routes={
        "bought": checkout("pm_4242424242"),
        "confirmed": checkout("secure"),
        "declined": checkout("declined"),
        "out of stock": checkout("pm_4242424242", stock=1),
        "stuck": checkout("declined", "release_stock"),
        "not recorded": checkout("pm_4242424242", "record_outcome"),
        "refusal not recorded": checkout("declined", "record_outcome"),
        "not cleared": checkout("pm_4242424242", "clear_cart"),
        "not told": checkout("pm_4242424242", "notify_customer"),
    },
)
