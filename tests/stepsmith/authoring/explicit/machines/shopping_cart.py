"""Check a cart out: reserve, charge, ship; undo what was done when a later step fails (a saga)."""

# pyright: strict

from pydantic import BaseModel

from stepsmith import Retry, WorkflowError, task
from stepsmith.references import expression, is_none, length, not_, state_input, text, variable
from stepsmith.states import Choice, ErrorOutput, Fail, Map, Parallel, Pass, StateMachine, Succeed

FREE_SHIPPING_FROM = 5000
SHIPPING_CENTS = 490


class CartLine(BaseModel):
    sku: str
    quantity: int
    unit_cents: int


class Cart(BaseModel):
    id: str
    customer_id: str
    lines: list[CartLine]
    coupon: str | None = None


class Payment(BaseModel):
    id: str
    amount_cents: int


class Order(BaseModel):
    cart_id: str
    total_cents: int
    payment_id: str
    tracking: str


class CheckoutError(WorkflowError): ...


class EmptyCart(CheckoutError): ...


class OutOfStock(CheckoutError): ...


class PaymentDeclined(CheckoutError): ...


class CarrierUnavailable(WorkflowError): ...


@task
def reserve_line(line: CartLine) -> str:
    if line.quantity > 10:
        raise OutOfStock(f"only 10 of {line.sku} left")
    return f"res-{line.sku}"


@task
def release_reservations(reservations: list[str]) -> None: ...


@task
def coupon_discount(coupon: str, subtotal: int) -> int:
    return subtotal // 10 if coupon == "TEN" else 0


@task
def charge(customer_id: str, amount_cents: int) -> Payment:
    if amount_cents > 100_000:
        raise PaymentDeclined("over the limit")
    return Payment(id=f"pay-{customer_id}", amount_cents=amount_cents)


@task
def refund(payment: Payment) -> None: ...


@task(retry=[Retry.on(CarrierUnavailable, max_attempts=2)])
def book_shipment(cart: Cart) -> str:
    if cart.customer_id == "island":
        raise CarrierUnavailable("no carrier goes there")
    return f"track-{cart.id}"


@task
def send_receipt(customer_id: str, total_cents: int) -> None: ...


def shopping_cart() -> StateMachine:
    cart = variable("cart", Cart)
    subtotal = variable("subtotal", int)
    discount = variable("discount", int)
    total = variable("total", int)
    reservations = variable("reservations", list[str])
    payment = variable("payment", Payment)
    tracking = variable("tracking", str)
    error = variable("error", ErrorOutput)

    raise_again = Fail("Checkout failed", error["Error"], error["Cause"])
    undo_reservations = release_reservations.state("Release reservations", reservations) >> raise_again
    undo_everything = (
        Parallel(
            "Undo payment and reservations",
            refund.state("Refund", payment),
            release_reservations.state("Release reservations after refund", reservations),
        )
        >> raise_again
    )
    definition = (
        Pass("Start").let(cart, state_input("cart", Cart))
        >> Choice("Empty?").when(
            length(cart.lines) == 0,
            Fail("Empty cart", EmptyCart, text("cart {} has no lines", cart.id)),
        )
        >> Pass("Add up")
        .let(subtotal, expression("$sum($cart.lines.(quantity * unit_cents))", int))
        .let(discount, 0)
        >> Choice("Coupon?").when(
            not_(is_none(cart.coupon)),
            coupon_discount.state("Coupon discount", expression("$cart.coupon", str), subtotal).assign(
                discount
            ),
        )
        >> Pass("Total").let(
            total,
            subtotal
            - discount
            + expression(f"$subtotal >= {FREE_SHIPPING_FROM} ? 0 : {SHIPPING_CENTS}", int),
        )
        >> Map("Reserve lines", cart.lines, lambda line: reserve_line.state("Reserve line", line)).assign(
            reservations
        )
        >> charge.state("Charge", cart.customer_id, total)
        .assign(payment)
        .catch(PaymentDeclined, then=undo_reservations, error=error)
        >> book_shipment.state("Book shipment", cart)
        .assign(tracking)
        .catch(then=undo_everything, error=error)
        >> send_receipt.state("Send receipt", cart.customer_id, total)
        >> Succeed("Done").output(
            {
                "cart_id": cart.id,
                "total_cents": total,
                "payment_id": payment.id,
                "tracking": tracking,
            }
        )
    )
    return StateMachine("shopping-cart", definition)
