"""All that is explored, by workflow and case."""

from tests.workflows.explored import cart, images, onboarding, passes, tuning, vending
from tests.workflows.explored.cases import Case

CASES: dict[str, Case] = {
    f"{each.workflow.name}: {name}": each
    for module in (cart, onboarding, passes, vending, images, tuning)
    for name, each in module.CASES.items()
}

BROKEN = frozenset(
    {
        "shopping_cart: a checkout",
        "shopping_cart: a checkout that the bank confirms",
        "shopping_cart: a checkout that the bank declines",
        "shopping_cart: one key with another payment method",
        "shopping_cart: one key with another cart",
        "shopping_cart: one key of another customer",
        "shopping_cart: one cart under two keys",
        "shopping_cart: two carts",
        "customer_onboarding: an application",
        "customer_onboarding: an application that is looked at",
        "customer_onboarding: two applications with one address",
        "vending_pass: a swipe",
        "vending_pass: a swipe at a broken machine",
        "vending_pass: the same swipe in another execution",
        "vending_pass: the same swipe twice",
        "vending_pass: two swipes",
        "delayed_vending: a can",
        "delayed_vending: a can that is stuck",
        "image_recognition: an upload",
        "image_recognition: the same event twice",
        "image_recognition: two events of one upload",
        "power_tuning: a function",
    }
)
"""Cases in which something is known not to hold yet; `make explore` shows with which plan."""
