"""All that is explored, by workflow and case."""

from tests.workflows.explored import cart, images, onboarding, passes, tuning, vending
from tests.workflows.explored.cases import Case

CASES: dict[str, Case] = {
    f"{each.workflow.name}: {name}": each
    for module in (cart, onboarding, passes, vending, images, tuning)
    for name, each in module.CASES.items()
}
