import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith import client, integration, task, workflow
from stepsmith.deploy import handler
from stepsmith.deploy.application import Application
from stepsmith.deploy.names import give_names, names_of, renamed, renamed_calls
from stepsmith.deploy.stacks.deployer import Deployer
from stepsmith.deploy.template.assembly import render_template
from stepsmith.resources import Bucket, Queue, Table, Topic, allow
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tests.stepsmith.deploy.accounts import moto_account, put_package
from tests.stepsmith.deploy.applications import PACKAGE

ORDERS, NOTICES, PICTURES, NEWS = Table("orders"), Queue("notices"), Bucket("pictures"), Topic("news")
NAMES = {"TableName": {"orders": "shop-orders"}, "Bucket": {"pictures": "shop-pictures"}}


@task(
    policies=[
        allow("dynamodb:PutItem", "dynamodb:BatchGetItem", on=ORDERS),
        allow("s3:PutObject", on=PICTURES),
        allow("sqs:GetQueueUrl", "sqs:SendMessage", on=NOTICES),
    ]
)
def keep(
    number: str,
    *,
    dynamodb: Any = client("dynamodb"),
    s3: Any = client("s3"),
    sqs: Any = client("sqs"),
) -> list[str]:
    """Keep an order in every way there is."""
    dynamodb.put_item(TableName="orders", Item={"pk": {"S": number}})
    s3.put_object(Bucket="pictures", Key=number, Body=b"x")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="notices")["QueueUrl"], MessageBody=number)
    answer = dynamodb.batch_get_item(RequestItems={"orders": {"Keys": [{"pk": {"S": number}}]}})
    return [item["pk"]["S"] for item in answer["Responses"]["orders"]]


@integration("dynamodb:putItem")
def put(TableName: str, Item: dict[str, Any], *, dynamodb: Any = client("dynamodb")) -> dict[str, Any]:
    return dynamodb.put_item(TableName=TableName, Item=Item)


@workflow(policies=[allow("dynamodb:PutItem", on=ORDERS)])
def keeping(number: str) -> list[str]:
    """Keep an order."""
    put(TableName="orders", Item={"pk": {"S": number}})
    return keep(number)


def template() -> Any:
    return render_template(Application((keeping,)), lambda task: PACKAGE)


def test_a_definition_has_the_table_of_its_own_stack() -> None:
    properties = template()["Resources"]["KeepingMachine"]["Properties"]

    state = json.loads(properties["DefinitionString"])["States"]["Put"]
    assert state["Arguments"]["TableName"] == "${OrdersTable}"
    assert properties["DefinitionSubstitutions"]["OrdersTable"] == {"Ref": "OrdersTable"}


def test_the_definition_that_is_committed_keeps_the_name_and_runs_here() -> None:
    from stepsmith.integrations import ClientRegistry
    from stepsmith.resources import creation

    clients = ClientRegistry.local()
    clients.client("dynamodb").create_table(**creation(ORDERS))
    clients.client("s3").create_bucket(Bucket="pictures")
    clients.client("sqs").create_queue(QueueName="notices")

    execution = run_workflow(keeping, {"number": "42"}, local(clients=clients))

    assert '"TableName": "orders"' in keeping.definition.to_json()
    item = clients.client("dynamodb").get_item(TableName="orders", Key={"pk": {"S": "42"}})["Item"]
    assert item == {"pk": {"S": "42"}}
    assert execution.output == ["42"]


def test_a_machine_may_write_to_the_table_of_its_own_stack_only() -> None:
    reasons = template()["Resources"]["KeepingMachineRole"]["Metadata"]["Reasons"]

    assert "may dynamodb:PutItem on {OrdersTable.Arn}" in reasons


def test_no_resource_has_a_name_that_a_second_stack_would_want_too() -> None:
    named = ("TableName", "QueueName", "TopicName", "BucketName", "FunctionName", "RoleName", "AlarmName")

    for name, resource in template()["Resources"].items():
        fixed = [key for key in named if isinstance(resource["Properties"].get(key), str)]
        assert fixed == [], name


@pytest.mark.slow
def test_two_stacks_of_one_project_keep_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_account(monkeypatch) as account:
        stacks: dict[str, dict[str, str]] = {}
        for name in ("staging", "production"):
            deployer = Deployer(account, name, say=lambda text: None, sleep=lambda seconds: None)
            put_package(deployer)
            made = template()
            stacks[name] = deployer.deploy(deployer.plan(made), made, [], lambda surprises: False)

        result = called(monkeypatch, account, stacks["staging"])

        assert result == ["7"]
        tables = {name: found["OrdersTable"] for name, found in stacks.items()}
        counts = {
            name: account.client("dynamodb").scan(TableName=table)["Count"] for name, table in tables.items()
        }
        assert counts == {"staging": 1, "production": 0}
        queue = account.client("sqs").receive_message(QueueUrl=stacks["staging"]["NoticesQueue"])
        assert [each["Body"] for each in queue["Messages"]] == ["7"]
        assert "Messages" not in account.client("sqs").receive_message(
            QueueUrl=stacks["production"]["NoticesQueue"]
        )


def called(monkeypatch: pytest.MonkeyPatch, account: Any, stack: dict[str, str]) -> Any:
    """Call the handler with the environment that the function was deployed with."""
    (function,) = [name for key, name in stack.items() if key.endswith("KeepFunction")]
    deployed = account.client("lambda").get_function_configuration(FunctionName=function)
    for name, value in deployed["Environment"]["Variables"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", account.region)
    monkeypatch.setenv("STEPSMITH_TASK", f"{__name__}:keep")
    handler._made.cache_clear()
    handler._registry.cache_clear()
    handler.load.cache_clear()
    monkeypatch.setattr(handler, "load", lambda entry_point: keep)
    return handler.handle({"number": "7"})


def test_names_of_other_things_are_left_alone() -> None:
    request = {"TableName": "others", "Key": "orders", "Item": {"TableName": {"S": "orders"}}}

    assert renamed(request, NAMES) == request


def test_every_place_of_a_name_in_a_request_is_found() -> None:
    request = {
        "TransactItems": [{"Put": {"TableName": "orders"}}, {"Update": {"TableName": "others"}}],
        "RequestItems": {"orders": [{"PutRequest": {}}], "others": []},
        "CopySource": {"Bucket": "pictures", "Key": "orders"},
    }

    assert renamed(request, NAMES) == {
        "TransactItems": [{"Put": {"TableName": "shop-orders"}}, {"Update": {"TableName": "others"}}],
        "RequestItems": {"shop-orders": [{"PutRequest": {}}], "others": []},
        "CopySource": {"Bucket": "shop-pictures", "Key": "orders"},
    }


def test_what_a_function_is_given_is_not_what_a_service_is_sent() -> None:
    invoke = {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"Payload": {"Bucket": "pictures"}}}
    read = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "pictures"}}
    definition = {"States": {"A": invoke, "B": {"ItemReader": read, "Output": {"Bucket": "pictures"}}}}

    found = renamed_calls(definition, NAMES)

    assert found["States"]["A"] == invoke
    assert found["States"]["B"]["ItemReader"]["Arguments"] == {"Bucket": "shop-pictures"}
    assert found["States"]["B"]["Output"] == {"Bucket": "pictures"}


JSON: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["orders", "pictures"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["TableName", "Bucket", "RequestItems", "x"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(JSON)
def test_a_renamed_request_renames_back(request: Any) -> None:
    back = {member: {new: old for old, new in names.items()} for member, names in NAMES.items()}

    assert renamed(renamed(request, NAMES), back) == request


def test_each_kind_of_thing_has_its_name_in_templates() -> None:
    assert names_of(
        {"OrdersTable": ORDERS, "NoticesQueue": NOTICES, "PicturesBucket": PICTURES, "NewsTopic": NEWS}
    ) == {
        "TableName": {"orders": "${OrdersTable}"},
        "QueueName": {"notices": "${NoticesQueue.QueueName}"},
        "QueueUrl": {"notices": "${NoticesQueue}"},
        "Bucket": {"pictures": "${PicturesBucket}"},
        "TopicArn": {"news": "${NewsTopic}"},
    }


def test_a_presigned_address_leads_to_the_bucket_of_the_stack() -> None:
    import boto3

    s3: Any = boto3.client("s3", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    give_names(s3, NAMES)

    address = s3.generate_presigned_url("get_object", {"Bucket": "pictures", "Key": "k"})

    assert address.startswith("https://shop-pictures.s3.")
