"""Delayed vending as explicit states, in both query languages."""

# pyright: strict

from stepsmith.references import message, state_input, variable
from stepsmith.states import ErrorOutput, Pass, StateMachine, Succeed, Wait
from tasks import vending
from workflows.delayed_vending import SETTLE

purchase = variable("purchase", vending.Purchase)
authorisation = variable("authorisation", str)
error = variable("error", ErrorOutput)


def delayed_vending() -> StateMachine:
    refused = vending.void_payment.state("Void payment", authorisation, message(error)) >> Succeed(
        "Not delivered"
    ).output({"authorisation": authorisation, "delivered": False})
    definition = (
        Pass("Start").let(purchase, state_input("purchase", vending.Purchase))
        >> vending.authorise_payment.state("Authorise payment", purchase).assign(authorisation)
        >> Wait("Wait 90 seconds", seconds=SETTLE)
        >> vending.release_product.state("Release product", purchase.machine_id, purchase.product).catch(
            vending.MachineJammed, then=refused, error=error
        )
        >> vending.capture_payment.state("Capture payment", authorisation)
        >> Succeed("Delivered").output({"authorisation": authorisation, "delivered": True})
    )
    return StateMachine("delayed-vending", definition)


def delayed_vending_in_jsonpath() -> StateMachine:
    """The same with what JSONPath can say: the cause instead of the message, and outputs made by Pass states."""
    refused = (
        vending.void_payment.state("Void payment", authorisation, error["Cause"])
        >> Pass("Not delivered").output({"authorisation": authorisation, "delivered": False})
        >> Succeed("Done")
    )
    definition = (
        Pass("Start").let(purchase, state_input("purchase", vending.Purchase))
        >> vending.authorise_payment.state("Authorise payment", purchase).assign(authorisation)
        >> Wait("Wait 90 seconds", seconds=SETTLE)
        >> vending.release_product.state("Release product", purchase.machine_id, purchase.product).catch(
            vending.MachineJammed, then=refused, error=error
        )
        >> vending.capture_payment.state("Capture payment", authorisation)
        >> Pass("Delivered").output({"authorisation": authorisation, "delivered": True})
    )
    return StateMachine("delayed-vending", definition, query_language="JSONPath")
