"""A world for each workflow, the routes through it, and what must hold however a run of it ends.

A scene knows nothing of single tasks: which of its routes goes through a task is found out by running them, so a new
task is in every test over scenes without a line here, or fails because no route goes through it.
"""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.integrations import ClientRegistry
from stepsmith.service import Execution
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart.lines import add_line
from tasks.cart.models import CartRef
from tasks.image_recognition.models import Status
from tasks.image_recognition.records import create_table, end_record
from tasks.vending import ATTENTION
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.tasks.cart.shop import NOW, quick_shop
from tests.tasks.image_recognition.made_pictures import jpeg, tiff, with_exif
from tests.tasks.image_recognition.studio import BUCKET, Studio
from tests.tasks.onboarding.office import quick_office
from tests.workflows.faults import FaultyTasks, failing
from workflows.customer_onboarding import customer_onboarding
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.shopping_cart import shopping_cart
from workflows.vending_pass import vending_pass

Plan = Callable[[str], str | None]
Responders = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True)
class World:
    """Where one run takes place."""

    clients: Mapping[str, Any]
    input: dict[str, Any]
    check: Callable[["Ran"], None]
    """Asserts that nothing is left half done, and that whoever asked can find out how it ended."""
    records: Callable[[], Any] = lambda: None
    """Gives what is stored, without what says which execution asked whom."""
    attention: Callable[[], int] = lambda: 0
    """Counts what lies in the attention queue."""
    secrets: tuple[str, ...] = ()
    """What personal fields hold in this world."""
    responders: Responders = field(default_factory=dict[str, Callable[[Any], Any]])
    failing: tuple[str, ...] = ()
    """The tasks that fail on this route anyway."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run, and what was made to fail in it."""

    execution: Execution[Any]
    tasks: FaultyTasks
    task: str | None = None
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A workflow and its routes."""

    workflow: Workflow[..., Any]
    routes: Mapping[str, Callable[[], AbstractContextManager[World]]]

    @property
    def name(self) -> str:
        return self.workflow.name


def play(
    scene: Scene,
    world: World,
    task: str | None = None,
    fault: str = "",
    times: int | None = None,
    *,
    seed: int = 0,
    plan: Plan = lambda name: None,
) -> Ran:
    """Run a scene in its world, with one task failing in one way."""
    usual = failing(*world.failing)
    planned = failing(task, fault=fault, times=times) if task is not None else lambda name: None
    tasks = FaultyTasks(
        scene.workflow, lambda name: planned(name) or plan(name) or usual(name), world.clients
    )
    options = local(clients=world.clients, tasks=tasks.tasks, responders=world.responders, seed=seed)
    checked = scene.workflow.check_input(world.input)
    return Ran(execution=run_workflow(scene.workflow, checked, options), tasks=tasks, task=task, fault=fault)


@cache
def route_through(scene_name: str, task: str) -> str:
    """Give the first route on which a task is called."""
    scene = SCENES[scene_name]
    for name, calls in _calls(scene_name).items():
        if task in calls:
            return name
    raise AssertionError(f"no route of {scene.name} goes through {task}")


@cache
def _calls(scene_name: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, open_world in SCENES[scene_name].routes.items():
        with open_world() as world:
            found[name] = frozenset(play(SCENES[scene_name], world).tasks.calls)
    return found


# -- customer onboarding ---------------------------------------------------------------------

PERSON = {
    "first_name": "Xanthippe",
    "last_name": "Quillfeather",
    "email": "xanthippe.quillfeather@mail.example",
    "tax_id": "219-09-9999",
    "address": {
        "street": "77 Zwetschgenweg",
        "city": "Oberammergau",
        "region": "Oberbayern",
        "postcode": "82487",
        "country": "DE",
    },
    "interests": [{"category": "tea", "note": "allergic to bergamot"}],
}
PERSONAL_FACTS = (
    "Xanthippe",
    "Quillfeather",
    "xanthippe.quillfeather@mail.example",
    "219-09-9999",
    "219099999",
    "900-12-3456",
    "900123456",
    "Zwetschgenweg",
    "Oberammergau",
    "Oberbayern",
    "82487",
    "bergamot",
    "reviewer-hildegard",
)
CONFIRMED: Responders = {"verify_email": lambda payload: {"verified": True}}


def decided(choice: str) -> Responders:
    return {
        **CONFIRMED,
        "request_review": lambda payload: {"choice": choice, "reviewer": "reviewer-hildegard"},
    }


def onboarding(
    changes: dict[str, Any], responders: Responders, *broken: str
) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        office = quick_office()
        address = {**PERSON["address"], **changes.get("address", {})}  # type: ignore[dict-item]  # texts
        office.submit(**{**PERSON, **changes, "address": address})

        def check(ran: Ran) -> None:
            item, account = office.item(), office.account(str(PERSON["email"]))
            is_open = account is not None and account["status"] == {"S": "ACTIVE"}
            if ran.execution.status == "SUCCEEDED":
                assert item["status"] == {"S": ran.execution.output["status"]} or ran.fault.endswith(
                    " notfound"
                )
                # an account that was opened cannot be in conflict with itself
                assert is_open == (ran.execution.output["status"] == "COMPLETED") or (
                    (ran.task, ran.fault) == ("create_account", "after conflict")
                )
            elif ran.execution.error == "CompensationFailed":
                assert office.attention() != [] or ran.task == "call_attention"
            elif ran.task != "call_attention":
                assert item["status"] == {"S": "FAILED"}
                assert not is_open
            assert [subject for _, subject in office.mails()].count("Welcome") <= 1
            assert [subject for _, subject in office.mails()].count("Your application") <= 1

        yield World(
            clients={"dynamodb": office.dynamodb, "sqs": office.sqs, "ses": office.ses},
            input={"application_id": "a1"},
            check=check,
            records=lambda: (
                office.item().get("outcome"),
                office.account(str(PERSON["email"])),
                office.mails(),
            ),
            attention=lambda: len(office.attention()),
            secrets=PERSONAL_FACTS,
            responders=responders,
            failing=broken,
        )

    return open_world


_DOUBTFUL = {"address": {"street": "Zwetschgenweg"}}
ONBOARDING = Scene(
    workflow=customer_onboarding,
    routes={
        "approved": onboarding({}, CONFIRMED),
        "denied": onboarding({"tax_id": "900-12-3456"}, CONFIRMED),
        "approved by hand": onboarding(_DOUBTFUL, decided("APPROVE")),
        "rejected by hand": onboarding(_DOUBTFUL, decided("REJECT")),
        "escalated": onboarding(_DOUBTFUL, CONFIRMED),
        "expired": onboarding({}, {}),
        "no consent": onboarding({"consent": False}, CONFIRMED),
        "broken": onboarding({}, CONFIRMED, "send_welcome"),
        "broken, not told": onboarding({}, CONFIRMED, "send_welcome", "send_notice"),
        "stuck": onboarding({}, CONFIRMED, "send_welcome", "deactivate_account"),
        "not told": onboarding({}, CONFIRMED, "send_notice"),
    },
)


# -- shopping cart ---------------------------------------------------------------------------


def checkout(method: str, *broken: str, stock: int = 10) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        shop = quick_shop()
        cart = CartRef(id="cart-of-melusine", signed_in=True)
        add_line(cart, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
        shop.put_product("tea", price=350, stock=stock)

        def check(ran: Ran) -> None:
            taken = shop.step("k1", "payment") == "settled"
            ordered = shop.step("k1", "order") == "done"
            reserved = stock - shop.stock("tea")
            if ran.execution.status == "SUCCEEDED":
                assert (taken, ordered, reserved) == (True, True, 2)
                assert shop.step("k1", "outcome") == "SUCCEEDED" or shop.attention()
            elif ran.execution.error == "CompensationFailed":
                assert shop.attention() != [] or ran.task == "call_attention"
                unrecorded = "record_outcome" in (*broken, ran.task)
                assert unrecorded or shop.step("k1", "outcome") == "COMPENSATION_FAILED"
            else:
                assert (taken, ordered, reserved) == (False, False, 0)
                assert shop.step("k1", "outcome") == "REJECTED"

        yield World(
            clients={"dynamodb": shop.dynamodb, "sqs": shop.sqs},
            input={
                "checkout": {
                    "cart": {"id": cart.id, "signed_in": True},
                    "customer_id": "customer-melusine",
                    "payment_method": method,
                    "idempotency_key": "k1",
                }
            },
            check=check,
            records=lambda: deepcopy(shop.dynamodb.tables),
            attention=lambda: len(shop.attention()),
            secrets=("cart-of-melusine", "customer-melusine", "pm_4242424242"),
            responders={"confirm_payment": lambda payload: {"approved": True}},
            failing=broken,
        )

    return open_world


CART = Scene(
    workflow=shopping_cart,
    routes={
        "bought": checkout("pm_4242424242"),
        "confirmed": checkout("secure"),
        "declined": checkout("declined"),
        "out of stock": checkout("pm_4242424242", stock=1),
        "stuck": checkout("declined", "release_stock"),
        "not recorded": checkout("pm_4242424242", "record_outcome"),
        "refusal not recorded": checkout("declined", "record_outcome"),
        "not cleared": checkout("pm_4242424242", "clear_cart"),
        "not told": checkout("pm_4242424242", "notify_customer"),
    },
)


# -- vending ---------------------------------------------------------------------------------


def swiping(*broken: str, machine_works: bool = True) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        dynamodb: Any = MemoryDynamoDB()
        queues = MemoryQueues()
        create_tables(dynamodb)
        queues.create_queue(QueueName=ATTENTION)
        for kind in ("pending", "shown"):
            item = {"pk": {"S": f"{kind}#participant-ottilie"}, "points": {"N": "40"}}
            dynamodb.put_item(TableName=PASS, Item=item)
        if not machine_works:
            dynamodb.put_item(
                TableName=PASS, Item={"pk": {"S": "machine#m1"}, "status": {"S": "OUT_OF_ORDER"}}
            )

        def status(key: str) -> str | None:
            item = dynamodb.get_item(TableName=PASS, Key={"pk": {"S": key}}).get("Item", {})
            return item.get("status", {}).get("S")

        def check(ran: Ran) -> None:
            if ran.execution.status == "SUCCEEDED":
                assert status("swipe#s1") == ran.execution.output["status"]
                assert (status("voucher#s1") == "VALID") == ran.execution.output["free_drink"]
            elif ran.execution.error == "CompensationFailed":
                assert queues.sent[ATTENTION] != [] or ran.task == "call_attention"
                assert status("swipe#s1") == "FLAGGED" or ran.task == "record_swipe"
            else:
                assert status("swipe#s1") == "FAILED"
                assert status("voucher#s1") in (None, "WITHDRAWN")

        yield World(
            clients={"dynamodb": dynamodb, "sqs": queues},
            input={
                "swipe": {
                    "swipe_id": "s1",
                    "participant": "participant-ottilie",
                    "machine": "m1",
                    "product": "cola",
                },
                "execution_id": "e1",
            },
            check=check,
            records=lambda: deepcopy(dynamodb.tables),
            attention=lambda: len(queues.sent[ATTENTION]),
            secrets=("participant-ottilie",),
            failing=broken,
        )

    return open_world


PASSING = Scene(
    workflow=vending_pass,
    routes={
        "free drink": swiping(),
        "machine refuses": swiping(machine_works=False),
        "broken": swiping("count_points"),
        "stuck": swiping("tell_machine", "withdraw_free_drink"),
    },
)


def selling(product: str, *broken: str) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        queues = MemoryQueues()
        queues.create_queue(QueueName=ATTENTION)

        def check(ran: Ran) -> None:
            done = [call.function for call in ran.execution.task_calls() if call.error is None]
            went_back = "void_payment" in done or "give_money_back" in done
            if ran.execution.status == "SUCCEEDED":
                delivered = ran.execution.output["delivered"]
                assert ("capture_payment" in done, went_back) == (delivered, not delivered)
            elif ran.execution.error == "CompensationFailed":
                assert queues.sent[ATTENTION] != [] or ran.task == "call_attention"
            else:
                assert went_back

        yield World(
            clients={"sqs": queues},
            input={"purchase": {"machine_id": "m1", "product": product, "price_cents": 150}},
            check=check,
            attention=lambda: len(queues.sent[ATTENTION]),
            failing=broken,
        )

    return open_world


VENDING = Scene(
    workflow=delayed_vending,
    routes={
        "sold": selling("cola"),
        "jammed": selling("stuck"),
        "broken": selling("cola", "release_product"),
        "stuck": selling("cola", "release_product", "give_money_back"),
    },
)


# -- image recognition -----------------------------------------------------------------------

TAKEN = tiff(
    photo={0x9003: "1999:08:07 06:05:04"},
    gps={
        1: "N",
        2: [(515001, 10000), (0, 1), (0, 1)],
        3: "E",
        4: [(74601, 10000), (0, 1), (0, 1)],
        6: [(123456, 1000)],
    },
)
NUMBERS = count(1)


@cache
def studio() -> Studio:
    """Give one studio for all worlds, which differ by their keys: a new one would take longer than what is tested."""
    clients = ClientRegistry.local()
    opened = Studio(clients)
    opened.s3.create_bucket(Bucket=BUCKET)
    create_table(opened.dynamodb)
    return opened


def photographing(body: bytes | None, *broken: str) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        clients = studio().clients
        key = f"familie-hohenstein/{next(NUMBERS)}/uploads/taufe-der-kleinen-ludmilla.jpg"
        if body is not None:
            studio().upload(body, key)

        def check(ran: Ran) -> None:
            if (ran.task or "").startswith("record_"):
                _end_by_event(studio().dynamodb, ran.execution)
            record = studio().record(key)
            if ran.fault.endswith(" conflict"):
                return  # somebody else has the record then, and ends it
            if ran.execution.status == "SUCCEEDED":
                assert record is not None
                assert record.status == ran.execution.output["status"]
            else:
                assert record is None or record.status != Status.RUNNING

        yield World(
            clients={name: clients.client(name) for name in ("s3", "dynamodb", "sns", "rekognition")},
            input={
                "bucket": BUCKET,
                "key": key,
                "topic": clients.client("sns").create_topic(Name="image-recognition")["TopicArn"],
                "execution": "run-1",
            },
            check=check,
            records=lambda: studio().record(key),
            secrets=(
                "familie-hohenstein",
                "ludmilla",
                "51.5001",
                "515001",
                "123.456",
                "7.4601",
                "1999-08-07T06:05:04",
                "1999:08:07",
            ),
            failing=broken,
        )

    return open_world


def _end_by_event(dynamodb: Any, execution: Execution[Any]) -> None:
    """Do what EventBridge's event about a failed execution leads to."""
    detail = {"status": execution.status, "input": json.dumps(execution.input), "cause": execution.cause}
    end_record(detail, dynamodb=dynamodb)


IMAGES = Scene(
    workflow=image_recognition,
    routes={
        "recognised": photographing(with_exif(jpeg(), TAKEN)),
        "not registered": photographing(with_exif(jpeg(), TAKEN), "register"),
        "gone": photographing(None),
        "bomb": photographing(b"\xff\xd8"),
        "broken": photographing(jpeg(), "store"),
        "no analysis": photographing(jpeg(), "detect_labels", "make_thumbnail"),
    },
)

SCENES: Mapping[str, Scene] = {scene.name: scene for scene in (ONBOARDING, CART, PASSING, VENDING, IMAGES)}
