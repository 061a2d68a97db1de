"""Take the money, wait until the machine has settled, then drop the can - or give the money back."""

from datetime import timedelta

from stepsmith import wait, workflow
from tasks.vending import (
    MachineJammed,
    Purchase,
    Receipt,
    authorise_payment,
    capture_payment,
    release_product,
    void_payment,
)

SETTLE = timedelta(seconds=90)


@workflow
def delayed_vending(purchase: Purchase) -> Receipt:
    """Sell one product from a vending machine that reports its stock late."""
    authorisation = authorise_payment(purchase)
    wait(SETTLE)
    try:
        release_product(purchase.machine_id, purchase.product)
    except MachineJammed as error:
        void_payment(authorisation, str(error))
        return Receipt(authorisation=authorisation, delivered=False)
    capture_payment(authorisation)
    return Receipt(authorisation=authorisation, delivered=True)
