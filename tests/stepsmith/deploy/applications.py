"""The project's own workflows, and what is made of them."""

from functools import cache

from stepsmith.deploy.application import Application
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.assembly import render_template
from stepsmith.expressions.types import Json
from workflows.customer_onboarding import customer_onboarding
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.image_recognition_ended import image_recognition_ended
from workflows.power_tuning import power_tuning
from workflows.shopping_cart import shopping_cart
from workflows.vending_pass import vending_pass

WORKFLOWS = {
    each.name: each
    for each in (
        customer_onboarding,
        delayed_vending,
        image_recognition,
        image_recognition_ended,
        power_tuning,
        shopping_cart,
        vending_pass,
    )
}
PACKAGE = "packages/0123456789abcdef.zip"


@cache
def project_template() -> dict[str, Json]:
    """The template of all of them."""
    return template_of(*WORKFLOWS)


def template_of(*names: str, options: Options | None = None) -> dict[str, Json]:
    """The template of some of them."""
    application = Application(tuple(WORKFLOWS[name] for name in names))
    return render_template(application, lambda task: PACKAGE, options)
