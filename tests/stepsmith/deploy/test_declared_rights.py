"""What tasks declare is what they can call: every call of a run is allowed, and nothing that no call needs."""

from typing import Any

import pytest

from stepsmith.authoring.tasks.provisions import Policy, Table, creation
from stepsmith.integrations import ClientRegistry
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart import rights as cart
from tasks.cart.lines import add_line
from tasks.image_recognition import rights as images
from tasks.image_recognition.records import create_table
from tasks.onboarding import rights as onboarding
from tasks.power_tuning.local.performance_model import modelled_lambda
from tasks.vending_pass.tables import create_tables
from tests.stepsmith.deploy.applications import TASKS
from tests.stepsmith.deploy.rights_reach import reachable
from tests.stepsmith.deploy.rights_watch import Watched, remember_tasks
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB
from tests.tasks.cart.shop import CART, NOW, Shop, quick_shop
from tests.tasks.onboarding.office import Office, quick_office
from tests.tasks.pictures.made_pictures import jpeg
from tests.workflows.faults import failing
from tests.workflows.test_customer_onboarding import ROUTES, onboard
from tests.workflows.test_shopping_cart import check_out
from tests.workflows.test_vending_pass import break_machine, swipe
from workflows.image_recognition import image_recognition
from workflows.power_tuning import power_tuning

OF_VERSIONS = {
    **{key: {"s3:GetObjectVersion"} for key in ("extract_metadata", "detect_labels", "make_thumbnail")},
    "delete_photograph": {"s3:DeleteObjectVersion"},
}
"""What a call needs because of its parameters: an object of a bucket that keeps versions."""
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:resize"


@pytest.fixture(autouse=True)
def _tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    remember_tasks(monkeypatch)


@pytest.mark.parametrize("broken", [None, "capture_payment", "create_order"])
def test_a_checkout_needs_no_right_that_is_not_declared(broken: str | None) -> None:
    seen: set[str] = set()
    shop = quick_shop()
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    watched = Shop(Watched(shop.dynamodb, "dynamodb", seen), Watched(shop.sqs, "sqs", seen))

    execution, _ = check_out(watched, method="confirm", plan=failing(broken) if broken else lambda name: None)

    assert execution.error == ("Crash" if broken else None), execution.cause
    assert "reserve_stock dynamodb:UpdateItem" in seen


@pytest.mark.parametrize("route", ROUTES)
def test_onboarding_needs_no_right_that_is_not_declared(route: str) -> None:
    seen: set[str] = set()
    office = quick_office()
    changes, responders, status = ROUTES[route]
    office.submit(**changes)
    watched = Office(
        Watched(office.dynamodb, "dynamodb", seen),
        Watched(office.sqs, "sqs", seen),
        Watched(office.ses, "ses", seen),
    )

    execution, _ = onboard(watched, responders)

    assert execution.result().status == status
    assert seen


@pytest.mark.slow
@pytest.mark.parametrize("body", [jpeg(), b"no photograph"])
def test_image_recognition_needs_no_right_that_is_not_declared(body: bytes) -> None:
    seen: set[str] = set()
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="photographs")
    versioning: Any = {"Status": "Enabled"}
    registry.client("s3").put_bucket_versioning(Bucket="photographs", VersioningConfiguration=versioning)
    create_table(registry.client("dynamodb"))
    registry.client("s3").put_object(Bucket="photographs", Key="a/uploads/b.jpg", Body=body)
    services = ("s3", "dynamodb", "sns", "rekognition")
    clients = {name: Watched(registry.client(name), name, seen) for name in services}

    execution = run_workflow(
        image_recognition, {"bucket": "photographs", "key": "a/uploads/b.jpg"}, local(clients=clients)
    )

    assert "AssertionError" not in str(execution.cause) + str(execution.output)
    assert {"register dynamodb:UpdateItem", "extract_metadata s3:GetObjectVersion"} <= seen


def test_power_tuning_needs_no_right_that_is_not_declared() -> None:
    seen: set[str] = set()
    clients = {"lambda": Watched(modelled_lambda(), "lambda", seen)}
    input: dict[str, Any] = {"lambdaARN": FUNCTION, "num": 5, "powerValues": [128, 256], "autoOptimize": True}

    execution = run_workflow(power_tuning, input, local(clients=clients))

    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert "clean_up lambda:DeleteFunction" in seen


@pytest.mark.parametrize("broken", [False, True])
def test_the_vending_pass_needs_no_right_that_is_not_declared(broken: bool) -> None:
    seen: set[str] = set()
    dynamodb: Any = MemoryDynamoDB()
    create_tables(dynamodb)
    if broken:
        break_machine(dynamodb)
    watched = Watched(dynamodb, "dynamodb", seen)

    ends = [swipe(watched, f"s{number}") for number in range(5)]

    assert [end.error for end in ends if end.error == "AssertionError"] == []
    assert "tell_machine dynamodb:GetItem" in seen
    assert ("withdraw_free_drink dynamodb:PutItem" in seen) == broken


def test_the_tables_deployed_are_those_that_local_runs_make() -> None:
    registry = ClientRegistry.local()
    create_table(registry.client("dynamodb"))

    found = registry.client("dynamodb").describe_table(TableName="images")["Table"]

    declared: dict[str, Any] = creation(images.IMAGES)
    assert found["KeySchema"] == declared["KeySchema"]
    assert sorted(map(str, found["AttributeDefinitions"])) == sorted(
        map(str, declared["AttributeDefinitions"])
    )
    assert (
        found["GlobalSecondaryIndexes"][0]["KeySchema"] == declared["GlobalSecondaryIndexes"][0]["KeySchema"]
    )


@pytest.mark.parametrize(("module", "fill"), [(cart, quick_shop), (onboarding, quick_office)])
def test_every_table_of_local_runs_is_declared(module: Any, fill: Any) -> None:
    made = set(fill().dynamodb.list_tables()["TableNames"])

    policies = [each for value in vars(module).values() if isinstance(value, list) for each in value]
    declared = {each.on.name for each in policies if isinstance(each, Policy) and isinstance(each.on, Table)}

    assert declared == made


@pytest.mark.parametrize("name", TASKS)
def test_a_task_declares_every_call_that_its_code_can_make_and_no_other(name: str) -> None:
    task = TASKS[name]

    declared = {action for policy in task.deployment.policies for action in policy.actions}

    wanted = reachable(task.function) | OF_VERSIONS.get(task.function_name, set())
    assert declared == wanted
