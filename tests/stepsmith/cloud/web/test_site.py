"""The project's address in a local cloud: routes, functions and pages."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from stepsmith import client, task, workflow
from stepsmith.cloud.local import LocalCloud
from stepsmith.errors import InvalidInput
from stepsmith.http import Refused, Response, route
from stepsmith.resources import StateMachine, Table, allow
from stepsmith.service.pages import Page
from stepsmith.triggers import HttpRequest

ORDERS = Table("orders")
START = [allow("states:StartExecution", on=StateMachine("brew"))]


@task
def boil(cups: int) -> str:
    return f"{cups} cups"


@workflow(triggers=[HttpRequest(path="/orders")])
def brew(cups: int) -> str:
    return boil(cups)


@route(
    "PUT", "/orders/{id}", policies=[allow("dynamodb:PutItem", on=ORDERS)], environment={"SHOP_NAME": "tea"}
)
def keep(id: int, what: str, *, dynamodb: Any = client("dynamodb")) -> Response:
    dynamodb.put_item(TableName="orders", Item={"pk": {"S": str(id)}, "what": {"S": what}})
    return Response({"kept": id}, status=201)


@route("GET", "/orders/{id}", policies=[allow("dynamodb:GetItem", on=ORDERS)])
def find(id: int, *, dynamodb: Any = client("dynamodb")) -> dict[str, str]:
    found = dynamodb.get_item(TableName="orders", Key={"pk": {"S": str(id)}}).get("Item")
    if found is None:
        raise Refused(404, "there is no such order")
    return {"what": found["what"]["S"]}


@route("POST", "/brewing", policies=START)
def begin(cups: int, *, states: Any = client("stepfunctions")) -> str:
    given = json.dumps({"cups": cups})
    return states.start_execution(stateMachineArn="brew", input=given)["executionArn"]


@route("GET", "/broken")
def broken() -> str:
    raise KeyError("secret")


@route("GET", "/large")
def large() -> str:
    return "x" * 7_000_000


FUNCTIONS = (keep, find, begin, broken, large)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    folder = tmp_path / "shop" / "page"
    (folder / "parts").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>tea</h1>")
    (folder / "parts" / "app.js").write_text("1")
    (folder / "parts" / "index.html").write_text("parts")
    (folder / ".hidden").write_text("hidden")
    (tmp_path / "shop" / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "shop" / "secret.txt")
    return Page.of(tmp_path / "shop")


def test_functions_have_the_clouds_tables_and_clients() -> None:
    with LocalCloud(functions=FUNCTIONS) as cloud:
        kept = cloud.http("PUT", "/orders/7?what=green%20tea")
        found = cloud.http("GET", "/orders/7")
        missing = cloud.http("GET", "/orders/8")
        by_lambda = cloud.client("lambda").invoke(FunctionName="find", Payload=b"{}")

    assert (kept.status, kept.json()) == (201, {"kept": 7})
    assert (found.status, found.json()) == (200, {"what": "green tea"})
    assert (missing.status, missing.json()) == (404, {"message": "there is no such order"})
    assert json.loads(by_lambda["Payload"].read())["statusCode"] == 400


def test_a_function_starts_a_workflow_by_its_name() -> None:
    with LocalCloud(workflows=[brew], functions=FUNCTIONS) as cloud:
        started = cloud.http("POST", "/brewing?cups=3")
        cloud.settle()
        (execution,) = cloud.executions

    assert (started.status, started.json()) == (200, execution.arn)
    assert execution.result() == "3 cups"


def test_a_task_that_is_called_as_a_function_has_the_clouds_clients() -> None:
    @task
    def count(*, dynamodb: Any = client("dynamodb")) -> int:
        return len(dynamodb.list_tables()["TableNames"])

    @workflow
    def counting() -> int:
        return count()

    with LocalCloud(workflows=[counting]) as cloud:
        answer = cloud.client("lambda").invoke(FunctionName="count", Payload=b"{}")

    assert json.loads(answer["Payload"].read()) == 0


def test_a_route_of_a_workflow_and_one_of_a_function_share_an_address() -> None:
    with LocalCloud(workflows=[brew], functions=FUNCTIONS) as cloud:
        started = cloud.http("POST", "/orders", {"cups": 2})
        unknown = cloud.http("GET", "/nothing/here")
        wrong = cloud.http("DELETE", "/orders/7")
        wrong_of_workflow = cloud.http("GET", "/orders")

    assert started.status == 200
    assert (unknown.status, unknown.json()) == (404, {"message": "Not Found"})
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, PUT")
    assert wrong_of_workflow.status == 404


def test_what_a_function_raises_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), LocalCloud(functions=FUNCTIONS) as cloud:
        answers = [cloud.http("GET", path) for path in ("/broken", "/large")]

    assert [(each.status, each.json()) for each in answers] == [
        (500, {"message": "Internal Server Error"})
    ] * 2
    assert "KeyError" in caplog.text
    assert all("secret" not in each.body.decode() for each in answers)


@pytest.mark.parametrize("size", [5_000_000, 11_000_000])
def test_what_is_too_large_for_lambda_is_refused(size: int) -> None:
    with LocalCloud(functions=FUNCTIONS) as cloud:
        answer = cloud.http("PUT", "/orders/7?what=x", b"\0" * size)

    assert (answer.status, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_two_functions_of_one_route_are_refused() -> None:
    @route("GET", "/broken")
    def other() -> str:
        return ""

    @route("POST", "/orders")
    def ordering() -> str:
        return ""

    with pytest.raises(InvalidInput, match="two functions answer GET /broken"):
        LocalCloud(functions=(broken, other)).__enter__()
    with pytest.raises(InvalidInput, match="POST /orders starts a workflow already"):
        LocalCloud(workflows=[brew], functions=(ordering,)).__enter__()


def test_pages_are_sent_with_their_types_and_closed_to_others(page: Page) -> None:
    with LocalCloud(pages=[page]) as cloud:
        home, whole, script, below = (
            cloud.http("GET", path) for path in ("/", "/shop/", "/shop/parts/app.js", "/shop/parts/")
        )
        named = cloud.http("GET", "/shop")
        head = cloud.http("HEAD", "/shop/index.html")
        again = cloud.http("GET", "/shop/", headers={"If-None-Match": whole.headers["etag"]})

    assert (home.status, home.headers["location"]) == (302, "/shop/")
    assert (named.status, named.headers["location"]) == (302, "/shop/")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (
        200, b"<h1>tea</h1>", "text/html; charset=utf-8",
    )  # fmt: skip
    assert (script.body, script.headers["content-type"]) == (b"1", "text/javascript; charset=utf-8")
    assert below.body == b"parts"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in whole.headers["content-security-policy"]
    assert (head.status, head.body, again.status, again.body) == (200, b"", 304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/shop/../secret.txt", "/shop/%2e%2e/secret.txt", "/shop/..%2fsecret.txt", "/shop/.hidden",
        "/shop/link.txt", "/shop//index.html", "/shop/parts", "/shop/none.html", "/shop/%00", "//shop/index.html",
        "/shop/..\\secret.txt", "/other/", "/shop/index.html/",
    ],
)  # fmt: skip
def test_nothing_but_the_files_of_a_page_is_sent(path: str, page: Page) -> None:
    with LocalCloud(pages=[page]) as cloud:
        answer = cloud.http("GET", path)

    assert answer.status == 404
    assert b"secret" not in answer.body


def test_a_page_is_read_and_nothing_else(page: Page) -> None:
    with LocalCloud(pages=[page]) as cloud:
        assert cloud.http("POST", "/shop/").status == 404
