"""Take the money, wait until the machine has settled, then drop the can - or give the money back.

Started by the machine with a purchase. Gives the receipt, which says whether the product was delivered: where the
machine jams, the money that was held is let go of. Stores nothing; the payment provider keeps the authorisation. Fails
with States.Timeout or whatever broke, after the money went back, although nobody may know whether the product dropped:
better a can for nothing than money for nothing. Where the money does not go back either, fails with
CompensationFailed, and somebody finds the machine and the price in the attention queue. Has no time limit of its own:
it waits 90 seconds once, and every task has a timeout. Where it is aborted, `delayed_vending_ended` gives the money
back. `vending_pass` is the same idea with stored swipes.
"""

from datetime import timedelta

from stepsmith import compensation, context, wait, workflow
from tasks.errors import InvalidInput
from tasks.vending import (
    MachineJammed,
    Purchase,
    Receipt,
    authorise_payment,
    capture_payment,
    release_product,
    void_payment,
)
from workflows.delayed_vending_ended import delayed_vending_ended, give_back

SETTLE = timedelta(seconds=90)


@workflow(checked=True, ended=delayed_vending_ended, refusals=(InvalidInput,))
def delayed_vending(purchase: Purchase) -> Receipt:
    """Sell one product from a vending machine that reports its stock late."""
    with compensation() as undo:
        undo(give_back, purchase, context.execution.name, undo.error)
        authorisation = authorise_payment(purchase, context.execution.name)
        wait(SETTLE)
        try:
            release_product(purchase.machine_id, purchase.product)
        except MachineJammed as error:
            void_payment(authorisation, str(error))
            return Receipt(authorisation=authorisation, delivered=False)
        capture_payment(authorisation)
    return Receipt(authorisation=authorisation, delivered=True)
