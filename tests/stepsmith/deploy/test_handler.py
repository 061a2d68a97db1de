import json
from typing import Any

import pytest

from stepsmith import task
from stepsmith.deploy import handler
from stepsmith.deploy.template import functions
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.types import Json
from stepsmith.http import route
from tasks.vending import MachineJammed


@route("GET", "/twice/{number}")
def twice(number: int) -> int:
    return 2 * number


def regions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    handler._registry.cache_clear()
    handler._made.cache_clear()


def test_a_client_is_made_once_for_each_region_and_its_own_is_the_usual_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    regions(monkeypatch)
    source = handler._Clients()

    own: Any = source("lambda")
    abroad: Any = source.in_region("us-west-2")("lambda")

    assert (own.meta.region_name, abroad.meta.region_name) == ("eu-west-1", "us-west-2")
    assert source.in_region("eu-west-1")("lambda") is own
    assert source.in_region("us-west-2")("lambda") is abroad


def test_lambda_calls_the_task_that_its_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPSMITH_TASK", "tasks.vending:authorise_payment")

    result = handler.handle({"purchase": {"machine_id": "m", "product": "p", "price_cents": 5}})

    assert result == "auth-m-itself"


def test_a_function_whose_environment_names_no_task_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPSMITH_TASK", "tasks.vending:Purchase")

    with pytest.raises(NotFound, match="no task"):
        handler.prepare()


def test_what_a_task_raises_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPSMITH_TASK", "tasks.vending:release_product")

    with pytest.raises(MachineJammed):
        handler.handle({"machine_id": "m", "product": "stuck"})


@task
def stumble(kind: str) -> None:
    """Fail as no workflow expects, or as one may."""
    if kind == "fault":
        raise KeyError("lost")
    if kind == "refusal":
        raise MachineJammed("stuck")


@pytest.mark.parametrize(
    ("kind", "stack", "counted"), [("fault", "shop", 1), ("refusal", "shop", 0), ("fault", None, 0)]
)
def test_only_what_no_workflow_expects_is_counted_as_a_fault(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    stack: str | None,
    counted: int,
) -> None:
    monkeypatch.setenv("STEPSMITH_TASK", f"{__name__}:stumble")
    if stack is not None:
        monkeypatch.setenv("STEPSMITH_STACK", stack)

    with pytest.raises((KeyError, MachineJammed)):
        handler.handle({"kind": kind})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == counted
    for line in lines:
        (metric,) = line["_aws"]["CloudWatchMetrics"]
        assert metric == {"Namespace": "stepsmith/shop", "Dimensions": [[]], "Metrics": [{"Name": "Faults"}]}
        assert line["Faults"] == 1
        assert (line["task"], line["error"]) == (f"{__name__}:stumble", "KeyError")
        assert "lost" not in json.dumps(line)


def test_a_payload_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPSMITH_TASK", "tasks.vending:release_product")

    with pytest.raises(InvalidInput, match="product is missing"):
        handler.handle({"machine_id": "m"})


@pytest.mark.parametrize("entry_point", ["", "tasks.vending", "tasks.vending:Purchase"])
def test_something_that_is_no_task_is_not_called(entry_point: str) -> None:
    with pytest.raises(NotFound):
        handler.load(entry_point)


def test_lambda_calls_an_http_function_with_the_event_of_an_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPSMITH_TASK", f"{__name__}:twice")
    http: Json = {"method": "GET", "path": "/twice/4"}
    event: Json = {"requestContext": {"http": http}, "pathParameters": {"number": "4"}}
    handler.prepare()

    answer = handler.handle(event)

    assert answer == {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": "8",
        "isBase64Encoded": False,
    }


def test_functions_are_configured_for_this_handler() -> None:
    assert f"{handler.__name__}.{handler.handle.__name__}" == functions.HANDLER
    assert handler.ENTRY_POINT == functions.ENTRY_POINT
