"""The project's own workflows, and what is made of them."""

from functools import cache

from stepsmith.deploy.application import Application
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.assembly import render_template
from stepsmith.expressions.types import Json
from tasks.cart import web as cart
from tasks.content.api import content, editing, readers, sources
from tasks.image_recognition.album import web as album
from tasks.media import http as media
from tasks.media import originals
from tasks.onboarding import web as onboarding
from workflows.content_ingest import content_ingest
from workflows.content_ingest_ended import content_ingest_ended
from workflows.content_refresh import content_refresh
from workflows.customer_onboarding import customer_onboarding
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.image_recognition_ended import image_recognition_ended
from workflows.media_transform import media_transform
from workflows.picture_likeness import picture_likeness
from workflows.power_tuning import power_tuning
from workflows.shopping_cart import shopping_cart
from workflows.vending_pass import vending_pass

WORKFLOWS = {
    each.name: each
    for each in (
        content_ingest,
        content_ingest_ended,
        content_refresh,
        customer_onboarding,
        delayed_vending,
        image_recognition,
        image_recognition_ended,
        media_transform,
        picture_likeness,
        power_tuning,
        shopping_cart,
        vending_pass,
    )
}
FUNCTIONS = (
    *(cart.show_cart, cart.add_to_cart, cart.set_in_cart, cart.remove_from_cart, cart.bring_cart),
    *(onboarding.apply, onboarding.ask_to_confirm, onboarding.confirm, onboarding.decide_on),
)
"""What no workflow calls."""
MEDIA = Application(
    (media_transform,),
    (
        *(media.get_transform, media.get_picture, media.get_render),
        *(originals.list_originals, originals.put_original),
    ),
)
CONTENT = Application(
    (content_ingest, content_refresh),
    (
        *(content.list_articles, content.read_article, content.show_picture, content.list_topics),
        *(editing.list_for_editors, editing.read_for_editors, editing.edit_article),
        *(readers.read_feed, readers.add_reader_touches, readers.read_profile, readers.change_profile),
        *(readers.erase_profile, readers.merge_reader),
        *(sources.upload_article, sources.upload_feed, sources.upload_picture, sources.read_run),
    ),
)
IMAGES = Application(
    (image_recognition, picture_likeness),
    (
        *(album.upload_photograph, album.list_photographs, album.show_photograph, album.show_thumbnail),
        *(album.show_picture, album.list_similar, album.delete_photograph),
    ),
)
APART = (MEDIA, CONTENT, IMAGES)
"""What has a stack of its own: one takes 500 resources."""
PROJECT = Application(
    tuple(
        each
        for each in WORKFLOWS.values()
        if not any(each.name in application.workflows for application in APART)
    ),
    FUNCTIONS,
)
"""What is deployed in one stack."""
TASKS = PROJECT.tasks | MEDIA.tasks | CONTENT.tasks | IMAGES.tasks
"""All functions that are deployed, by their logical names."""
PACKAGE = "packages/0123456789abcdef.zip"


@cache
def project_template() -> dict[str, Json]:
    """The template of what is deployed in one stack."""
    return render_template(PROJECT, lambda task: PACKAGE)


def template_of(*names: str, options: Options | None = None) -> dict[str, Json]:
    """The template of some workflows."""
    application = Application(tuple(WORKFLOWS[name] for name in names))
    return render_template(application, lambda task: PACKAGE, options)


@cache
def templates_apart() -> tuple[dict[str, Json], ...]:
    """The templates of the systems that have a stack of their own."""
    return tuple(render_template(application, lambda task: PACKAGE) for application in APART)
