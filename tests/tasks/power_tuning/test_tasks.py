"""A whole run, task by task, as the workflow orders them."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith import ClientRegistry, Task, WorkflowError, using_clients
from tasks.errors import Conflict, InvalidInput, NotFound
from tasks.power_tuning import tasks
from tasks.power_tuning.aws.control_plane import LambdaClient
from tasks.power_tuning.local.model_plane import ModelFunction
from tasks.power_tuning.local.performance_model import PerformanceModel, modelled_lambda
from tasks.power_tuning.models import TuningPlan, TuningReport
from tests.tasks.power_tuning.worlds import (
    ARN,
    NO_S3,
    POST,
    PRE,
    RUN,
    START,
    FaultyLambda,
    Objects,
    anywhere,
    throttled,
    used_function,
)


def run(plan: TuningPlan, lambda_: LambdaClient) -> TuningReport:
    """The order of the workflow, without its retries."""
    try:
        published = [
            tasks.publish_versions(plan, power, lambda_in=anywhere(lambda_)) for power in plan.powers
        ]
        tasks.restore_function(plan, lambda_in=anywhere(lambda_))
        measurements = [
            tasks.measure_power(plan, one, lambda_in=anywhere(lambda_), s3=NO_S3) for one in published
        ]
    except Exception:
        tasks.clean_up(plan, lambda_in=anywhere(lambda_))
        raise
    cleaned = tasks.clean_up(plan, lambda_in=anywhere(lambda_))
    report = tasks.recommend(plan, measurements, 20, cleaned.kept)
    if plan.request.auto_optimize:
        tasks.optimise_function(plan, report.power, lambda_in=anywhere(lambda_))
    return report


def test_a_run_finds_the_size_that_the_model_favours() -> None:
    lambda_ = modelled_lambda(PerformanceModel(cpu_ms=400, wait_ms=0, init_ms=0, noise=0))
    plan = tasks.plan_tuning(
        ARN, 10, [128, 1769, 3008], strategy="speed", **START, lambda_in=anywhere(lambda_), s3=NO_S3
    )

    report = run(plan, lambda_)

    assert (report.power, report.duration, report.is_tie) == (1769, 400, True)
    assert report.tied_with == [3008]


def test_a_plan_has_what_is_needed_to_put_everything_back() -> None:
    plan = tasks.plan_tuning(ARN, 10, **START, lambda_in=anywhere(FaultyLambda()), s3=NO_S3)

    assert (plan.memory, plan.description, plan.last_version) == (512, "the user's", 7)
    assert (plan.region, plan.architecture, plan.versions_per_power) == ("eu-west-1", "x86_64", 1)


def test_every_call_of_a_run_is_made_in_the_region_of_the_function() -> None:
    abroad, at_home = FaultyLambda(), FaultyLambda()
    of = {"eu-west-1": abroad, "us-east-1": at_home}
    plan = tasks.plan_tuning(ARN, 5, [128], **START, lambda_in=of.__getitem__, s3=NO_S3)

    published = tasks.publish_versions(plan, 128, lambda_in=of.__getitem__)
    tasks.restore_function(plan, lambda_in=of.__getitem__)
    tasks.measure_power(plan, published, lambda_in=of.__getitem__, s3=NO_S3)
    tasks.clean_up(plan, lambda_in=of.__getitem__)
    tasks.optimise_function(plan, 128, lambda_in=of.__getitem__)

    assert (plan.region, plan.home) == ("eu-west-1", "us-east-1")
    assert len(abroad.made("invoke")) == 5
    assert at_home.calls == []


def test_processors_are_invoked_in_the_regions_that_their_arns_name() -> None:
    of = {region: FaultyLambda() for region in ("eu-west-1", "us-west-2", "ap-south-1")}
    before, after = (PRE.replace("eu-west-1", "us-west-2"), POST.replace("eu-west-1", "ap-south-1") + ":live")
    for region, arn in (("us-west-2", before), ("ap-south-1", after)):
        of[region].model.functions[arn] = ModelFunction()
    plan = tasks.plan_tuning(
        ARN,
        5,
        [128],
        preProcessorARN=before,
        postProcessorARN=after,
        **START,
        lambda_in=of.__getitem__,
        s3=NO_S3,
    )
    published = tasks.publish_versions(plan, 128, lambda_in=of.__getitem__)

    measured = tasks.measure_power(plan, published, lambda_in=of.__getitem__, s3=NO_S3)

    assert measured.samples == 5
    invoked = {region: {call["FunctionName"] for call in one.made("invoke")} for region, one in of.items()}
    assert invoked == {"eu-west-1": {ARN}, "us-west-2": {before}, "ap-south-1": {after}}


def test_a_function_that_is_not_there_is_named_before_anything_is_changed() -> None:
    lambda_ = FaultyLambda()

    with pytest.raises(NotFound, match="Function not found"):
        tasks.plan_tuning(ARN + "2", 10, **START, lambda_in=anywhere(lambda_), s3=NO_S3)
    assert len(lambda_.calls) == 1


def test_planning_changes_nothing() -> None:
    lambda_ = FaultyLambda()

    tasks.plan_tuning(ARN, 10, **START, lambda_in=anywhere(lambda_), s3=NO_S3)

    assert {method for method, _ in lambda_.calls} == {
        "get_function_configuration",
        "list_versions_by_function",
    }


def test_after_an_aborted_run_the_plan_from_its_history_cleans_up() -> None:
    lambda_ = FaultyLambda()
    before = lambda_.state()
    from_history = tasks.plan_tuning.handle(
        {**START, "started": "2026-03-01T12:00:00Z", "lambdaARN": ARN, "num": 5},
        lambda_in=anywhere(lambda_),
        s3=NO_S3,
    )
    tasks.publish_versions.handle({"plan": from_history, "power": 128}, lambda_in=anywhere(lambda_))
    with pytest.raises(Conflict):
        tasks.plan_tuning(ARN, 10, **START, lambda_in=anywhere(lambda_), s3=NO_S3)

    tasks.clean_up.handle({"plan": from_history}, lambda_in=anywhere(lambda_))

    assert lambda_.state() == before


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    failing=st.integers(3, 90),
    fields=st.fixed_dictionaries(
        {
            "onlyColdStarts": st.booleans(),
            "parallelInvocation": st.booleans(),
            "autoOptimize": st.booleans(),
            "powerValues": st.sampled_from([[512, 128], [128, 1024], [640]]),
        }
    ),
)
def test_after_any_run_only_what_was_asked_for_is_different(failing: int, fields: dict[str, Any]) -> None:
    """PT-03: one call fails for good, anywhere after planning; cleaning itself is tried again."""
    lambda_ = FaultyLambda(fault=lambda number, method: throttled() if number == failing else None)
    memory, description, aliases, versions = lambda_.state()
    plan = tasks.planned(RUN, {"lambdaARN": ARN, "num": 5, **fields}, anywhere(lambda_), NO_S3)
    best: int | None = None

    try:
        best = run(plan, lambda_).power
    except WorkflowError:
        tasks.clean_up(plan, lambda_in=anywhere(lambda_))

    after = lambda_.state()
    assert after[1:] == (description, aliases, versions)
    if not plan.request.auto_optimize:
        assert after[0] == memory
    elif best is not None:
        assert after[0] == best


@settings(max_examples=60, deadline=None)
@given(failing=st.integers(3, 60))
def test_an_alias_that_was_asked_for_is_the_only_thing_left(failing: int) -> None:
    """PT-03, with autoOptimizeAlias: its version carries the user's description, and $LATEST is as before."""
    lambda_ = FaultyLambda(fault=lambda number, method: throttled() if number == failing else None)
    _, description, aliases, versions = lambda_.state()
    asked: dict[str, Any] = {"autoOptimize": True, "autoOptimizeAlias": "best", "powerValues": [128, 1024]}
    plan = tasks.planned(RUN, {"lambdaARN": ARN, "num": 5, **asked}, anywhere(lambda_), NO_S3)

    try:
        run(plan, lambda_)
    except WorkflowError:
        tasks.clean_up(plan, lambda_in=anywhere(lambda_))

    after = lambda_.state()
    made = {number: version for number, version in after[3].items() if number not in versions}
    assert after[1] == description
    assert {name: number for name, number in after[2].items() if name != "best"} == aliases
    assert all(
        version.description == description and version.memory in (128, 1024) for version in made.values()
    )
    assert len(made) <= 1


def test_tasks_take_and_give_json() -> None:
    lambda_ = FaultyLambda()
    plan: Any = tasks.plan_tuning.handle(
        {**START, "started": "2026-03-01T12:00:00Z", "lambdaARN": ARN, "num": 5, "powerValues": [256]},
        lambda_in=anywhere(lambda_),
        s3=NO_S3,
    )

    published = tasks.publish_versions.handle({"plan": plan, "power": 256}, lambda_in=anywhere(lambda_))
    measured = tasks.measure_power.handle(
        {"plan": plan, "published": published}, lambda_in=anywhere(lambda_), s3=NO_S3
    )
    report: Any = tasks.recommend.handle(
        {"plan": plan, "measurements": [measured], "transitions": 20, "kept": []}
    )

    assert published == {"power": 256, "versions": ["8"], "failure": None}
    assert report["power"] == 256


@pytest.fixture
def moto_lambda(monkeypatch: pytest.MonkeyPatch) -> Any:
    import boto3
    from moto import mock_aws

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("index.py", "def handler(event, context):\n    return event\n")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        role = boto3.client("iam", region_name="eu-west-1").create_role(
            RoleName="role", AssumeRolePolicyDocument="{}", Path="/"
        )["Role"]["Arn"]
        client: Any = boto3.client("lambda", region_name="eu-west-1")
        client.create_function(
            FunctionName="target",
            Runtime="python3.12",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": content.getvalue()},
            MemorySize=512,
            Description="the user's",
            Publish=True,
        )
        client.create_alias(FunctionName="target", Name="live", FunctionVersion="1")
        client.meta.events.register("provide-client-params.lambda.ListVersionsByFunction", by_name)
        yield client


def by_name(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Moto lists the versions of a function only by its name, the service also by its ARN."""
    return {**params, "FunctionName": params["FunctionName"].split(":")[-1]}


def seen(client: Any) -> Any:
    latest = client.get_function_configuration(FunctionName="target")
    versions = client.list_versions_by_function(FunctionName="target")["Versions"]
    aliases = client.list_aliases(FunctionName="target")["Aliases"]
    return (
        (latest["MemorySize"], latest["Description"]),
        sorted((one["Version"], one["MemorySize"]) for one in versions if one["Version"] != "$LATEST"),
        sorted((one["Name"], one["FunctionVersion"]) for one in aliases),
    )


@pytest.mark.slow
def test_versions_are_published_and_removed_through_boto3(moto_lambda: Any) -> None:
    """PT-10: moto lets a version be deleted that an alias refers to, and its invocations leave no report."""
    before = seen(moto_lambda)
    arn = moto_lambda.get_function(FunctionName="target")["Configuration"]["FunctionArn"]
    plan = tasks.plan_tuning(arn, 5, [512, 1024], **START, lambda_in=anywhere(moto_lambda), s3=NO_S3)

    published = [
        tasks.publish_versions(plan, power, lambda_in=anywhere(moto_lambda)) for power in plan.powers
    ]
    during = seen(moto_lambda)
    tasks.restore_function(plan, lambda_in=anywhere(moto_lambda))
    measured = tasks.measure_power(plan, published[0], lambda_in=anywhere(moto_lambda), s3=NO_S3)
    tasks.clean_up(plan, lambda_in=anywhere(moto_lambda))

    assert during[1] == [("1", 512), ("2", 512), ("3", 1024)]
    assert measured.failure == "no invocation left a report in its log"
    assert seen(moto_lambda) == before


@pytest.mark.slow
def test_a_function_is_looked_for_in_the_region_that_its_arn_names(moto_lambda: Any) -> None:
    clients = ClientRegistry.local(region="us-east-1")
    with using_clients(clients):
        plan = tasks.plan_tuning(ARN, 5, **START)
        with pytest.raises(NotFound):
            tasks.plan_tuning(ARN.replace("eu-west-1", "us-east-1"), 5, **START)

    assert (plan.region, plan.memory, plan.description) == ("eu-west-1", 512, "the user's")


@pytest.mark.slow
def test_the_best_size_is_published_through_boto3(moto_lambda: Any) -> None:
    arn = moto_lambda.get_function(FunctionName="target")["Configuration"]["FunctionArn"]
    asked: dict[str, Any] = {"autoOptimize": True, "autoOptimizeAlias": "live"}
    plan = tasks.plan_tuning(arn, 5, [1024], **asked, **START, lambda_in=anywhere(moto_lambda), s3=NO_S3)

    tasks.optimise_function(plan, 1024, lambda_in=anywhere(moto_lambda))

    assert seen(moto_lambda) == ((512, "the user's"), [("1", 512), ("2", 1024)], [("live", "2")])


def test_no_task_takes_longer_than_lambda_lets_it() -> None:
    minutes = {
        name: task.timeout.total_seconds() / 60
        for name, task in vars(tasks).items()
        if isinstance(task, Task) and task.timeout is not None
    }

    assert minutes == {
        "plan_tuning": 1,
        "publish_versions": 15,
        "restore_function": 5,
        "measure_power": 15,
        "clean_up": 15,
        "recommend": 1,
        "optimise_function": 5,
    }


def test_more_weighted_payloads_in_s3_than_runs_are_refused_before_anything_is_called() -> None:
    lambda_ = FaultyLambda()
    payloads = Objects(k=json.dumps([{"payload": 1, "weight": 1}] * 6).encode())

    with pytest.raises(InvalidInput, match="6 weighted payloads need num of at least 6"):
        tasks.plan_tuning(ARN, 5, payloadS3="s3://b/k", **START, lambda_in=anywhere(lambda_), s3=payloads)
    assert lambda_.calls == []


def test_an_unused_function_is_left_without_versions() -> None:
    lambda_ = FaultyLambda(function=used_function(aliases={}))
    lambda_.function.versions.clear()
    plan = tasks.plan_tuning(ARN, 5, [512], **START, lambda_in=anywhere(lambda_), s3=NO_S3)

    run(plan, lambda_)

    assert lambda_.function.versions == {}
