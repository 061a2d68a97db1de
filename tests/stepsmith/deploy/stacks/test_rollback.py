import json
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.stacks.rollback import check_still, plan_rollback, roll_back
from stepsmith.integrations.clients.account import AwsAccount
from tests.stepsmith.cli.conftest import Call, stepsmith  # noqa: F401 - a fixture
from tests.stepsmith.deploy.accounts import FaultyCloudFormation
from tests.stepsmith.service.answered import Refused, answered_account

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-ordering"
PUBLISHED = 1_893_456_000.0


class Published:
    """Step Functions with a state machine, its versions and its alias."""

    def __init__(self, versions: list[int], routes: list[tuple[int, int]] | None) -> None:
        self.versions = sorted(versions, reverse=True)
        self.routes = routes
        self.page = 2

    def __call__(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "DescribeStateMachineAlias":
                if self.routes is None:
                    raise Refused("ResourceNotFound")
                return {"stateMachineAliasArn": f"{MACHINE}:live", "routingConfiguration": self.routing()}
            case "ListStateMachineVersions":
                first = int(given.get("nextToken", "0"))
                found = self.versions[first : first + self.page]
                more = first + self.page < len(self.versions)
                made = [
                    {"stateMachineVersionArn": f"{MACHINE}:{n}", "creationDate": PUBLISHED + n} for n in found
                ]
                token = {"nextToken": str(first + self.page)} if more else {}
                return {"stateMachineVersions": made, **token}
            case "DescribeStateMachine":
                seconds = int(given["stateMachineArn"].rpartition(":")[2])
                wait = {"Type": "Wait", "Seconds": seconds, "End": True}
                text = json.dumps({"StartAt": "Settle", "States": {"Settle": wait}})
                made = {"roleArn": "r", "type": "STANDARD", "creationDate": PUBLISHED}
                return {"stateMachineArn": given["stateMachineArn"], "name": "m", "definition": text, **made}
            case "UpdateStateMachineAlias":
                self.routes = [
                    (int(each["stateMachineVersionArn"].rpartition(":")[2]), each["weight"])
                    for each in given["routingConfiguration"]
                ]
                return {"updateDate": PUBLISHED}
            case "ListStateMachines":
                made = {"stateMachineArn": MACHINE, "type": "STANDARD", "creationDate": PUBLISHED}
                return {"stateMachines": [{"name": "shop-ordering", **made}]}
            case _:
                raise Refused("UnknownOperationException")

    def routing(self) -> list[dict[str, Any]]:
        return [
            {"stateMachineVersionArn": f"{MACHINE}:{number}", "weight": weight}
            for number, weight in self.routes or []
        ]


Make = Callable[..., AwsAccount]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Make:
    return lambda published: answered_account(published, monkeypatch)


def test_going_back_leads_to_the_version_before_and_says_what_changes(account: Make) -> None:
    published = Published([1, 2, 3, 7], [(7, 100)])
    here = account(published)

    rollback = plan_rollback(here, MACHINE)
    roll_back(here, rollback)

    assert rollback.lines() == [
        "alias live of shop-ordering leads to version 7 (100 %), and will lead to version 3, "
        "published 2030-01-01 00:00 UTC",
        "Definition",
        "  ~ state 'Settle': Seconds 7 becomes 3",
        "Executions that have started go on as they are.",
    ]
    assert published.routes == [(3, 100)]


def test_while_executions_move_it_goes_back_to_where_they_come_from(account: Make) -> None:
    published = Published([2, 3, 4], [(4, 10), (3, 90)])
    here = account(published)

    roll_back(here, plan_rollback(here, MACHINE))

    assert published.routes == [(3, 100)]


def test_going_back_twice_goes_back_further(account: Make) -> None:
    published = Published([1, 2, 3], [(3, 100)])
    here = account(published)

    for _ in range(2):
        roll_back(here, plan_rollback(here, MACHINE))

    assert published.routes == [(1, 100)]


def test_another_version_is_named_by_its_number(account: Make) -> None:
    published = Published([1, 2, 3], [(1, 100)])
    here = account(published)

    roll_back(here, plan_rollback(here, MACHINE, to=3))

    assert published.routes == [(3, 100)]


@pytest.mark.parametrize(
    ("versions", "routes", "to", "message"),
    [
        (
            [4],
            [(4, 100)],
            None,
            "there is no version of shop-ordering before version 4: nothing to go back to",
        ),
        ([4, 5], None, None, "shop-ordering has no alias live: deploy it with stepsmith, which makes one"),
        ([4, 5], [(5, 100)], 3, "shop-ordering has no version 3; its versions are 4, 5"),
        ([4, 5], [(5, 100)], 5, "alias live of shop-ordering leads to version 5 already"),
    ],
)
def test_where_there_is_nothing_to_go_back_to_that_is_said(
    account: Make, versions: list[int], routes: Any, to: int | None, message: str
) -> None:
    with pytest.raises(DeploymentError, match=message):
        plan_rollback(account(Published(versions, routes)), MACHINE, to=to)


def test_a_deployment_that_is_moving_executions_is_to_be_cancelled_instead(account: Make) -> None:
    here = account(Published([1, 2], [(2, 10), (1, 90)]))
    here._clients["cloudformation"] = FaultyCloudFormation("UPDATE_IN_PROGRESS", [])

    with pytest.raises(DeploymentError, match="cancel-update-stack --stack-name shop"):
        check_still(here, "shop")


@pytest.fixture
def published(account: Make, monkeypatch: pytest.MonkeyPatch) -> Published:
    found = Published([1, 2], [(2, 100)])
    here = account(found)
    here._clients["cloudformation"] = FaultyCloudFormation("UPDATE_COMPLETE", [])
    monkeypatch.setattr("stepsmith.cli.arguments.aws_options.account", lambda arguments: here)
    return found


def test_the_command_shows_what_it_does_and_does_it(published: Published, stepsmith: Call) -> None:  # noqa: F811
    outcome = stepsmith("rollback", "ordering", "--stack", "shop", "--yes")

    assert outcome.code == 0
    assert "will lead to version 1" in outcome.out
    assert outcome.err == "executions start with version 1 from now on\n"
    assert published.routes == [(1, 100)]


def test_the_command_asks_first(
    published: Published,
    stepsmith: Call,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "Nobody is there to answer" in stepsmith("rollback", "ordering", "--stack", "shop").err

    monkeypatch.setattr("stepsmith.cli.arguments.aws_options.confirmed", lambda question, yes: False)
    outcome = stepsmith("rollback", "ordering", "--stack", "shop")

    assert (outcome.code, outcome.err) == (1, "stopped; nothing was changed\n")
    assert published.routes == [(2, 100)]
