"""W-07: the eight kinds of bad input, for each field of everything that comes in from outside.

What comes in: inputs of workflows, applications, answers of people and banks, S3's events, operations on carts. Each
entry is one good example; its fields are found in it, so a new field is covered by putting it into the example.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from stepsmith import InvalidInput, Task
from stepsmith.authoring.workflows.workflow import Workflow
from tasks.cart.lines import add_line, cart_total, list_lines, migrate_cart, remove_line, set_line
from tasks.cart.models import Checkout, Confirmation
from tasks.image_recognition.events import Start
from tasks.onboarding.models import Answer, Application, Decision
from tasks.vending import Purchase
from tasks.vending_pass.models import Swipe
from tests.tasks.onboarding.office import application
from workflows.customer_onboarding import customer_onboarding
from workflows.image_recognition import image_recognition
from workflows.vending_pass import vending_pass

Path = tuple[str | int, ...]
Source = type[BaseModel] | Task[..., Any] | Workflow[..., Any]
CART: dict[str, Any] = {"id": "c1", "signed_in": False}
NOW = "2030-01-01T12:00:00Z"
GOOD: Mapping[str, tuple[Source, dict[str, Any]]] = {
    "application": (Application, application(interests=[{"category": "tea", "note": "green"}])),
    "decision": (Decision, {"choice": "APPROVE", "reviewer": "r1"}),
    "answer": (Answer, {"verified": True}),
    "confirmation": (Confirmation, {"approved": True}),
    "checkout": (
        Checkout,
        {"cart": CART, "customer_id": "u1", "payment_method": "card", "idempotency_key": "k1"},
    ),
    "purchase": (Purchase, {"machine_id": "m1", "product": "cola", "price_cents": 150}),
    "swipe": (Swipe, {"swipe_id": "s1", "participant": "p1", "machine": "m1", "product": "cola"}),
    "onboarding": (customer_onboarding, {"application_id": "a1"}),
    "swiping": (
        vending_pass,
        {
            "swipe": {"swipe_id": "s1", "participant": "p1", "machine": "m1", "product": "c"},
            "execution_id": "e1",
        },
    ),
    "photograph": (image_recognition, {"bucket": "photographs", "key": "uploads/a.jpg"}),
    "upload": (Start, {"bucket": "photographs", "key": "uploads/a.jpg", "object_id": "a", "execution": "e1"}),
    "adding": (add_line, {"cart": CART, "product_id": "tea", "quantity": 2, "request_id": "r1", "now": NOW}),
    "setting": (set_line, {"cart": CART, "product_id": "tea", "quantity": 2, "now": NOW}),
    "removing": (remove_line, {"cart": CART, "product_id": "tea", "now": NOW}),
    "listing": (list_lines, {"cart": CART, "now": NOW}),
    "adding up": (cart_total, {"cart": CART, "now": NOW}),
    "migrating": (migrate_cart, {"anonymous": CART, "customer": {"id": "u1", "signed_in": True}, "now": NOW}),
}
BAD: Mapping[str, Callable[[Any], Any]] = {
    "wrong type": lambda good: 5.5 if isinstance(good, dict | list) else [1],
    "empty": lambda good: {} if isinstance(good, dict) else "",
    "over-long": lambda good: [good[0]] * 1000 if isinstance(good, list) else "x" * 5000,
    "NUL": lambda good: "a\0b",
    "huge number": lambda good: 10**40,
    "huge fraction": lambda good: 1e308,
}
OPTIONAL = ("signed_in", "note", "interests")
ANY_TEXT = ("object_id", "execution")
"""Names that our own event adapter makes; the workflow does not ask what they look like."""


def check(source: Source, value: Any) -> None:
    """Read a value as the product does. Raises ValidationError or InvalidInput."""
    if isinstance(source, Workflow):
        source.check_input(value)
    elif isinstance(source, Task):
        source.boundary.from_json(value)
    else:
        source.model_validate_json(json.dumps(value))


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Give the path of every member and item."""
    members: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in members:
        yield (*path, name)
        yield from places(inner, (*path, name))


def at(value: Any, path: Path) -> Any:
    for name in path:
        value = value[name]
    return value


def changed(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    name, *rest = path
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[name] = changed(value[name], tuple(rest), change)  # type: ignore[index,call-overload]  # key or place
    return copied


FIELDS = [(name, path) for name, (_, good) in GOOD.items() for path in places(good)]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_example_is_taken(name: str) -> None:
    check(*GOOD[name])


@pytest.mark.parametrize(
    ("name", "path", "kind"),
    [
        (name, path, kind)
        for name, path in FIELDS
        for kind, change in BAD.items()
        if path[-1] not in ANY_TEXT or not isinstance(change(at(GOOD[name][1], path)), str)
    ],
)
def test_w_07_each_field_refuses_what_it_is_not(name: str, path: Path, kind: str) -> None:
    source, good = GOOD[name]

    with pytest.raises((ValidationError, InvalidInput)) as refused:
        check(source, changed(good, path, BAD[kind]))

    assert str(path[0]) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, path in FIELDS if isinstance(path[-1], str)]
)
def test_w_07_a_field_that_is_missing_is_named(name: str, path: Path) -> None:
    source, good = GOOD[name]
    without = changed(good, path[:-1], lambda members: {k: v for k, v in members.items() if k != path[-1]})

    if path[-1] in OPTIONAL:
        check(source, without)
        return
    with pytest.raises((ValidationError, InvalidInput), match=str(path[-1])):
        check(source, without)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (name, path)
        for name, (source, good) in GOOD.items()
        for path in [(), *places(good)]
        if isinstance(at(good, path), dict) and source is not Start
    ],
)
def test_w_07_a_field_that_is_unknown_is_named(name: str, path: Path) -> None:
    source, good = GOOD[name]

    with pytest.raises((ValidationError, InvalidInput), match="surprise"):
        check(source, changed(good, path, lambda members: {**members, "surprise": 1}))


@pytest.mark.parametrize("name", [name for name, (source, _) in GOOD.items() if isinstance(source, type)])
@pytest.mark.parametrize("broken", [b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80"])
def test_w_07_what_is_no_utf_8_is_refused(name: str, broken: bytes) -> None:
    source, good = GOOD[name]
    written = json.dumps(good, ensure_ascii=False).encode()
    first = next(text for text in [at(good, path) for path in places(good)] if isinstance(text, str | bool))
    place = written.index(json.dumps(first).encode()) + 1

    with pytest.raises(ValidationError):
        source.model_validate_json(written[:place] + broken + written[place:])  # type: ignore[union-attr]  # a model
