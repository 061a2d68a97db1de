"""Take the money, wait until the machine has settled, then drop the can - or give the money back.

Started by the machine with a purchase. Gives the receipt, which says whether the product was delivered: where the
machine jams, the money that was held is let go of. Stores nothing; the payment provider keeps the authorisation. Fails
with States.Timeout or whatever broke when a call does not come back; the authorisation then is neither captured nor
voided, since nobody knows whether the product dropped, and lapses at the provider. Has no time limit of its own: it
waits 90 seconds once, and every task has a timeout. `vending_pass` is the same idea with stored swipes.
"""

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
