import json
from types import SimpleNamespace
from typing import Any

import pytest

from stepsmith.deploy.stacks.versions import prune_versions
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure
from tests.stepsmith.service.answered import Refused, answered_account

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-ordering"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:take"
TEMPLATE: Any = {
    "Resources": {
        "OrderingMachine": {"Type": "AWS::StepFunctions::StateMachine"},
        "TakeFunction": {"Type": "AWS::Lambda::Function"},
        "NotMadeFunction": {"Type": "AWS::Lambda::Function"},
    }
}
RESOURCES = {"OrderingMachine": MACHINE, "TakeFunction": "take"}


class Published:
    """A machine whose version N calls version 10·N of its function."""

    def __init__(self, versions: int, *, routes: tuple[int, ...], running: tuple[int, ...] = ()) -> None:
        self.machines = list(range(1, versions + 1))
        self.functions = [10 * number for number in self.machines]
        self.routes = routes
        self.running = running
        self.express = False
        self.said: list[str] = []

    def account(self, monkeypatch: pytest.MonkeyPatch) -> AwsAccount:
        account = answered_account(self, monkeypatch)
        account.client("lambda").meta.events.register("before-call.lambda", self.answer_for_lambda)
        return account

    def answer_for_lambda(self, model: Any, params: Any, **_: Any) -> Any:
        if model.name == "ListVersionsByFunction":
            found = [{"Version": "$LATEST"}, *({"Version": str(each)} for each in self.functions)]
            return SimpleNamespace(status_code=200), {"Versions": found}
        assert model.name == "DeleteFunction"
        self.functions.remove(int(params["query_string"]["Qualifier"]))
        return SimpleNamespace(status_code=204), {}

    def __call__(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        arn = str(given.get("stateMachineVersionArn") or given.get("stateMachineArn"))
        number = (
            max(self.machines) if arn == MACHINE else int(arn.rpartition(":")[2] if arn[-1].isdigit() else 0)
        )
        match name:
            case "ListStateMachineVersions":
                made = [
                    {"stateMachineVersionArn": f"{MACHINE}:{each}", "creationDate": 1.0}
                    for each in self.machines
                ]
                first = int(given.get("nextToken", "0"))
                more = {"nextToken": str(first + 2)} if first + 2 < len(made) else {}
                return {"stateMachineVersions": made[first : first + 2], **more}
            case "ListStateMachineAliases":
                return {
                    "stateMachineAliases": [{"stateMachineAliasArn": f"{MACHINE}:live", "creationDate": 1.0}]
                }
            case "DescribeStateMachineAlias":
                routes = [
                    {"stateMachineVersionArn": f"{MACHINE}:{each}", "weight": 50} for each in self.routes
                ]
                return {"routingConfiguration": routes}
            case "DescribeStateMachine":
                text = json.dumps({"Resource": f"{FUNCTION}:{10 * number}", "Other": f"{FUNCTION}x:1"})
                made = {"roleArn": "r", "type": "STANDARD", "creationDate": 1.0, "name": "m"}
                return {"stateMachineArn": MACHINE, "definition": text, **made}
            case "ListExecutions":
                if self.express:
                    raise Refused("StateMachineTypeNotSupported")
                run = {
                    "executionArn": "e",
                    "stateMachineArn": MACHINE,
                    "name": "n",
                    "status": "RUNNING",
                    "startDate": 1.0,
                }
                return {"executions": [run] if number in self.running else []}
            case "DeleteStateMachineVersion":
                if number in self.routes:
                    raise Refused("ConflictException")
                self.machines.remove(number)
                return {}
            case _:
                raise Refused("AccessDeniedException")


def prune(published: Published, monkeypatch: pytest.MonkeyPatch, keep: int) -> None:
    account = published.account(monkeypatch)
    prune_versions(account, TEMPLATE, RESOURCES, keep=keep, say=published.said.append)


def test_the_newest_versions_stay_and_the_versions_of_functions_that_they_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = Published(6, routes=(6,))

    prune(published, monkeypatch, keep=2)

    assert published.machines == [5, 6]
    assert published.functions == [50, 60]
    assert published.said == ["deleted 4 old versions of shop-ordering", "deleted 4 old versions of take"]


def test_what_an_alias_leads_to_or_an_execution_runs_with_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(6, routes=(2, 6), running=(3,))

    prune(published, monkeypatch, keep=1)

    assert published.machines == [2, 3, 6]
    assert published.functions == [20, 30, 60]


def test_the_newest_version_of_a_function_stays_although_no_machine_calls_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = Published(2, routes=(2,))
    published.functions += [5, 99]

    prune(published, monkeypatch, keep=1)

    assert published.functions == [20, 99]


def test_executions_of_express_machines_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(3, routes=(3,))
    published.express = True

    prune(published, monkeypatch, keep=1)

    assert published.machines == [3]


def test_nothing_is_said_where_nothing_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published(3, routes=(3,))

    prune(published, monkeypatch, keep=3)

    assert (published.machines, published.functions, published.said) == ([1, 2, 3], [10, 20, 30], [])


def test_what_may_not_be_looked_at_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    account = answered_account(
        lambda *_: (_ for _ in ()).throw(Refused("AccessDeniedException")), monkeypatch
    )

    with pytest.raises(AwsFailure, match="listing versions"):
        prune_versions(account, TEMPLATE, RESOURCES, keep=1, say=print)
