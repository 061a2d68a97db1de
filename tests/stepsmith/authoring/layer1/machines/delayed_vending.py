"""Delayed vending as explicit states."""

# pyright: strict

from datetime import timedelta

from stepsmith.references import message, state_input, variable
from stepsmith.states import ErrorOutput, Pass, StateMachine, Succeed, Wait
from tasks import vending


def delayed_vending() -> StateMachine:
    purchase = variable("purchase", vending.Purchase)
    authorisation = variable("authorisation", str)
    error = variable("error", ErrorOutput)

    refused = vending.void_payment.state("Void payment", authorisation, message(error)) >> Succeed(
        "Not delivered"
    ).output({"authorisation": authorisation, "delivered": False})
    definition = (
        Pass("Start").let(purchase, state_input("purchase", vending.Purchase))
        >> vending.authorise_payment.state("Authorise payment", purchase).assign(authorisation)
        >> Wait("Wait 90 seconds", seconds=timedelta(seconds=90))
        >> vending.release_product.state("Release product", purchase.machine_id, purchase.product).catch(
            vending.MachineJammed, then=refused, error=error
        )
        >> vending.capture_payment.state("Capture payment", authorisation)
        >> Succeed("Delivered").output({"authorisation": authorisation, "delivered": True})
    )
    return StateMachine("delayed-vending", definition)
