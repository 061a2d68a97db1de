"""The handlers in the words of the reference; their answers are held against its recordings elsewhere."""

from typing import Any

import pytest

from tasks.errors import InvalidInput, Throttled
from tasks.power_tuning import handlers
from tasks.power_tuning.handlers import Settings
from tasks.power_tuning.local.model_plane import ModelVersion
from tests.tasks.power_tuning.worlds import ARN, NO_S3, FaultyLambda, throttled, used_function

START = {"lambdaARN": ARN, "num": 5, "powerValues": [128, 1024]}


def test_a_run_is_planned_with_the_way_back_as_its_last_step() -> None:
    planned: Any = handlers.initializer(START, lambda_=FaultyLambda(), settings=Settings())

    assert planned["initConfigurations"] == [
        {"powerValue": 128, "alias": "RAM128"},
        {"powerValue": 1024, "alias": "RAM1024"},
        {"powerValue": 512, "description": "the user's"},
    ]
    assert planned["iterator"] == {"index": 0, "count": 3, "continue": True}


def test_every_cold_start_gets_an_alias_and_a_description_of_its_own() -> None:
    planned: Any = handlers.initializer(
        {**START, "powerValues": [128], "onlyColdStarts": True}, lambda_=FaultyLambda(), settings=Settings()
    )

    assert planned["initConfigurations"][4] == {
        "powerValue": 128,
        "alias": "RAM128-4",
        "description": "the user's - RAM128-4",
    }


@pytest.mark.parametrize(("given", "count"), [("ALL", 46), ([], 6), (None, 6)])
def test_powers_are_all_or_the_default(given: Any, count: int) -> None:
    planned: Any = handlers.initializer(
        {**START, "powerValues": given}, lambda_=FaultyLambda(), settings=Settings()
    )

    assert len(planned["powerValues"]) == count


def test_the_publisher_works_through_the_plan() -> None:
    lambda_ = FaultyLambda()
    state: Any = dict(START)
    state["lambdaConfigurations"] = handlers.initializer(state, lambda_=lambda_, settings=Settings())

    while state["lambdaConfigurations"]["iterator"]["continue"]:
        state["lambdaConfigurations"] = handlers.publisher(state, lambda_=lambda_)

    assert lambda_.function.aliases == {"live": "7", "RAM128": "8", "RAM1024": "9"}
    assert lambda_.function.memory == 512


@pytest.mark.parametrize(
    "configurations",
    [
        None,
        {},
        {"iterator": {"index": 0, "count": 1}},
        {"iterator": {"index": 3, "count": 4}, "initConfigurations": [{"powerValue": 1}], "powerValues": []},
        {"iterator": {"index": 0, "count": 1}, "initConfigurations": [None], "powerValues": []},
        {"iterator": {"index": 0, "count": 1}, "initConfigurations": [{}], "powerValues": []},
    ],
)
def test_a_plan_without_a_next_step_is_refused(configurations: Any) -> None:
    lambda_ = FaultyLambda()

    with pytest.raises(InvalidInput, match="lambdaConfigurations"):
        handlers.publisher({"lambdaARN": ARN, "lambdaConfigurations": configurations}, lambda_=lambda_)
    assert lambda_.calls == []


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({}, "input"),
        ({"input": {"num": 5}, "value": 128}, "lambdaARN"),
        ({"input": {"lambdaARN": ARN, "num": "x"}, "value": 128}, "num"),
        ({"input": {"lambdaARN": ARN, "num": 5}, "value": "x"}, "value"),
    ],
)
def test_an_executor_without_something_to_do_is_refused(event: Any, told: str) -> None:
    lambda_ = FaultyLambda()

    with pytest.raises(InvalidInput, match=told):
        handlers.executor(event, lambda_=lambda_, s3=NO_S3, settings=Settings(), sleep=lambda_.sleep)
    assert lambda_.calls == []


@pytest.mark.parametrize(("pause", "slept"), [(100, True), (None, False), ("x", False)])
def test_an_executor_pauses_between_runs_where_it_is_asked_to(pause: Any, slept: bool) -> None:
    lambda_ = FaultyLambda()
    lambda_.function.versions |= {"8": ModelVersion(128)}
    lambda_.function.aliases |= {"RAM128": "8"}
    event = {"input": {**START, "sleepBetweenRunsMs": pause}, "value": 128}

    handlers.executor(event, lambda_=lambda_, s3=NO_S3, settings=Settings(), sleep=lambda_.sleep)

    assert (lambda_.model.slept > 0) == slept


def test_the_cleaner_goes_on_after_a_failure_and_reports_it() -> None:
    lambda_ = FaultyLambda(fault=lambda number, method: throttled() if number == 3 else None)
    lambda_.function.versions |= {"8": ModelVersion(128), "9": ModelVersion(1024)}
    lambda_.function.aliases |= {"RAM128": "8", "RAM1024": "9"}

    with pytest.raises(Throttled):
        handlers.cleaner({**START, "lambdaConfigurations": {"powerValues": [128, 1024]}}, lambda_=lambda_)

    assert lambda_.function.aliases == {"live": "7"}
    assert list(lambda_.function.versions) == ["7", "8"]


def test_a_power_without_figures_is_left_out_of_the_analysis() -> None:
    stats = [
        None,
        {"value": 999, "averageDuration": 0},
        {"value": 128, "averagePrice": 1, "averageDuration": 2, "totalCost": 3},
    ]

    analysis: Any = handlers.analyzer({"stats": stats, "includeOutputResults": True}, settings=Settings())

    assert (analysis["power"], analysis["stateMachine"]["lambdaCost"]) == (128, 3)
    assert analysis["stats"] == [
        {"value": 999, "averageDuration": 0},
        {"value": 128, "averagePrice": 1, "averageDuration": 2},
    ]


def test_a_size_is_named_as_javascript_writes_it() -> None:
    event = {"lambdaARN": ARN, "num": "5.0", "powerValues": [128.0, "256"]}

    planned: Any = handlers.initializer(event, lambda_=FaultyLambda(), settings=Settings())

    assert [one.get("alias") for one in planned["initConfigurations"]] == ["RAM128", "RAM256", None]


@pytest.mark.parametrize(
    "event", [{"stats": [None]}, {"stats": [{"value": 1, "averageDuration": 2}], "strategy": "x"}, {}]
)
def test_an_analysis_of_nothing_has_a_clear_error(event: Any) -> None:
    with pytest.raises(InvalidInput):
        handlers.analyzer(event, settings=Settings())


def test_the_optimizer_does_nothing_unless_asked_to() -> None:
    lambda_ = FaultyLambda()

    assert handlers.optimizer({"lambdaARN": ARN, "analysis": {"power": 256}}, lambda_=lambda_) is None
    assert lambda_.calls == []


def test_the_optimizer_sets_the_memory_size() -> None:
    lambda_ = FaultyLambda()

    handlers.optimizer({"lambdaARN": ARN, "analysis": {"power": 256}, "autoOptimize": True}, lambda_=lambda_)

    assert lambda_.function.memory == 256


def test_a_single_run_waits_for_the_alias_that_it_invokes() -> None:
    lambda_ = FaultyLambda(function=used_function(aliases={"live": "7", "RAM512": "7"}))
    lambda_.function.state = "Pending"
    waited: list[str] = []

    class Waiter:
        def wait(self, *, FunctionName: str, Qualifier: str) -> None:
            waited.append(Qualifier)

    lambda_.get_waiter = lambda name: Waiter()  # type: ignore[method-assign]  # it stands in for that of boto3
    event = {"value": 512, "input": {"lambdaARN": ARN, "num": 1}}
    handlers.executor(event, lambda_=lambda_, s3=NO_S3, settings=Settings(), sleep=lambda_.sleep)

    assert waited == ["RAM512"]
