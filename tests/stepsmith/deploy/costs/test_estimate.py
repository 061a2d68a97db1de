"""What a thousand executions cost, reckoned by hand from list prices."""

import re
from typing import Any

import pytest

from stepsmith import task, workflow
from stepsmith.deploy.application import Application
from stepsmith.deploy.costs.demand import Demand
from stepsmith.deploy.costs.estimate import Bill, Costs, estimate
from stepsmith.deploy.costs.runs import Runs
from stepsmith.deploy.options import FunctionChoice, Options
from stepsmith.prices import OTHERS_OF, PRICES_OF, REQUESTS, TRANSITION, TRANSITIONS
from stepsmith.resources import Bucket, Table, allow
from tests.stepsmith.deploy.applications import PROJECT, project_template


@task(
    memory=1024,
    policies=[
        allow("dynamodb:PutItem", on=Table("orders")),
        allow("s3:GetBucketTagging", on=Bucket("files")),
    ],
)
def keep(number: int) -> int:
    """Keep an order."""
    return number


@workflow
def ordering(number: int) -> int:
    """Take an order."""
    return keep(number)


def costs(
    runs: Runs | None = None, *, region: str = "us-east-1", template: Any = None, **options: Any
) -> Costs:
    found = {} if runs is None else {"ordering": runs}
    return estimate(
        Application((ordering,)), Options(**options), region=region, runs=found, template=template or {}
    )


def bill(*given: Any, **named: Any) -> Bill:
    (found,) = costs(*given, **named).estimates
    assert found.least == found.most
    return found.most


def test_an_execution_is_reckoned_by_its_definition() -> None:
    found = bill()

    assert (found.transitions, found.calls) == (2000, 1000)
    assert found.machine == pytest.approx(2000 * 0.000025)
    assert found.gb_seconds == pytest.approx(100)  # 1000 calls of 0.1 s and 1 GB
    assert found.functions == pytest.approx(1000 * 0.0000002 + 100 * 0.0000133334)
    assert found.services == pytest.approx(1000 * 0.000000625)
    assert found.logs == pytest.approx(1000 * 0.7 / 1024 / 1024 * 0.5)
    assert (found.stored_kb, found.kept) == (1000, pytest.approx(1000 / 1024 / 1024 * 0.25))
    assert found.dollars == pytest.approx(found.machine + found.functions + found.services + found.logs)


def test_an_execution_is_reckoned_by_the_runs_where_there_are_some() -> None:
    found = bill(Runs(4, Demand(3.5, {"keep": 1.5}), {"keep": 2.0}, 60.0))

    assert (found.transitions, found.calls, found.gb_seconds) == (3500, 1500, 2000)
    assert found.requests == {"dynamodb:PutItem": 1500, "s3:GetBucketTagging": 1500}


def test_a_call_that_took_no_time_here_takes_some_on_aws() -> None:
    found = bill(Runs(1, Demand(2, {"keep": 1.0}), {"keep": 0.0}, 0.0))

    assert found.gb_seconds == pytest.approx(100)


def test_a_region_and_a_stage_have_their_own_prices() -> None:
    assert TRANSITIONS["cn-north-1"] != TRANSITION
    assert bill(region="cn-north-1").machine == pytest.approx(2000 * TRANSITIONS["cn-north-1"])
    assert bill(functions={"keep": FunctionChoice(memory=512)}).gb_seconds == pytest.approx(50)


@pytest.mark.parametrize(("seconds", "billed"), [(0.0, 0.1), (0.1, 0.1), (0.11, 0.2), (60.0, 60.0)])
def test_express_executions_pay_for_requests_and_for_time_in_steps(seconds: float, billed: float) -> None:
    found = bill(Runs(1, Demand(2, {"keep": 1.0}), {}, seconds), express=frozenset(["ordering"]))

    assert found.machine == pytest.approx(1000 * (0.000001 + billed * 64 / 1024 * 0.00001667))


def test_what_has_no_price_here_is_named() -> None:
    (found,) = costs().estimates

    assert found.unknown == ["s3:GetBucketTagging"]
    assert "    without s3:GetBucketTagging, whose prices are not known here" in list(found.lines())


def test_what_a_stack_costs_by_itself_is_said() -> None:
    alarm, other = {"Type": "AWS::CloudWatch::Alarm"}, {"Type": "AWS::Lambda::Function"}
    template: Any = {"Resources": {"A": alarm, "B": alarm, "C": other}}

    found = costs(template=template)

    assert found.standing == {"alarms": (2, 0.2)}
    assert "  each month, whatever runs: 2 alarms  $0.2000" in found.lines()


def test_text_and_json_say_the_same_and_how_old_the_prices_are() -> None:
    found = costs()

    written = found.to_json()
    (ordering,) = found.estimates

    assert PRICES_OF in found.lines()[0]
    assert OTHERS_OF in str(written["prices"])
    assert written["estimates"] == [ordering.to_json()]
    assert "    2,000 state transitions  $0.0500" in found.lines()
    assert "    1,000 calls of functions, 100 GB-s  $0.0015" in found.lines()
    assert "    0.98 MB stored in tables  $0.0002 a month" in found.lines()


def test_the_least_is_never_more_than_the_most_in_a_project() -> None:
    found = estimate(PROJECT, Options(), region="eu-west-1", runs={}, template=project_template())

    assert {each.workflow for each in found.estimates} == PROJECT.workflows.keys()
    assert all(0 < each.least.dollars <= each.most.dollars for each in found.estimates)
    assert [each.unknown for each in found.estimates if each.unknown] == [["lambda:InvokeFunction"]]
    assert not any(re.search(r"\$-|nan|inf", line) for line in found.lines())


def test_no_request_costs_less_than_nothing() -> None:
    assert all(0 <= price < 0.01 for price in REQUESTS.values())
