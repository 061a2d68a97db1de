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
        "image_recognition: an upload",
        "image_recognition: the same event twice",
        "image_recognition: two events of one upload",
        "power_tuning: a function",
    }
)
"""Cases in which something is known not to hold yet; `make explore` shows with which plan."""
