"""The workflow, as plain Python and compiled: PT-03, PT-05, PT-08, PT-09, W-04, W-05 and W-07."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.authoring.calls.clients import using_clients
from stepsmith.service import Machine
from tasks.errors import Forbidden, Throttled
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import ModelCall, ModelOutcome
from tasks.power_tuning.local.performance_model import PerformanceModel
from tasks.power_tuning.prices import TRANSITION_PRICES
from tests.tasks.power_tuning.worlds import (
    ARN,
    NO_S3,
    FaultyLambda,
    Objects,
    anywhere,
    throttled,
    used_function,
)
from workflows.power_tuning import local_clients, power_tuning

INPUT: dict[str, Any] = {"lambdaARN": ARN, "num": 5, "powerValues": [128, 512, 1024]}
MACHINE = Machine(power_tuning.definition, name="power_tuning")


def run(lambda_: Any, s3: Any = NO_S3, **fields: Any) -> Any:
    clients = {"lambda": lambda_, "s3": s3 or Objects()}
    return MACHINE.run({**INPUT, **fields}, tasks=power_tuning.tasks, clients=clients)


def run_with(lambda_: Any, failures: dict[str, Exception], **fields: Any) -> Any:
    """Run with tasks that fail once, before they do anything."""

    def once(name: str) -> Callable[[Any], Any]:
        def task(payload: Any) -> Any:
            if name in failures:
                raise failures.pop(name)
            with using_clients({"lambda": lambda_, "s3": Objects()}.__getitem__):
                return power_tuning.tasks[name].handle(payload)

        return task

    return MACHINE.run({**INPUT, **fields}, tasks={name: once(name) for name in power_tuning.tasks})


def plainly(lambda_: Any, **fields: Any) -> Any:
    with using_clients({"lambda": lambda_, "s3": Objects()}.__getitem__):
        return power_tuning(**{**INPUT, **fields})


def ended(call: Callable[[], Any]) -> tuple[Any, str | None]:
    """The result as JSON, or the name of the error."""
    try:
        result = call()
    except Exception as error:
        return None, type(error).__name__
    return None if result is None else json.loads(result.model_dump_json(by_alias=True)), None


def failing(method: str, error: Exception, *, times: int = 10**9) -> Callable[[int, str], Exception | None]:
    left = [times]

    def fault(number: int, called: str) -> Exception | None:
        if called != method or left[0] == 0:
            return None
        left[0] -= 1
        return error

    return fault


def test_the_best_size_is_recommended_and_everything_is_as_before() -> None:
    lambda_ = FaultyLambda(run=PerformanceModel(noise=0).run)
    before = lambda_.state()

    execution = run(lambda_, strategy="speed")

    assert execution.status == "SUCCEEDED"
    assert execution.output["power"] == 1024
    assert lambda_.state() == before


def test_it_goes_from_planning_to_recommending() -> None:
    execution = run(FaultyLambda(), powerValues=[128])

    assert execution.path == [
        "Plan tuning",
        "Each power",
        "Publish versions",
        "Restore function",
        "Each size",
        "Measure power",
        "Clean up",
        "Dry run?",
        "Recommend",
        "Auto optimize?",
        "Return",
    ]


@pytest.mark.parametrize("is_optimised", [False, True])
def test_the_transitions_in_the_history_are_the_ones_in_the_report(is_optimised: bool) -> None:
    execution = run(FaultyLambda(), autoOptimize=is_optimised)

    cost = execution.output["stateMachine"]["executionCost"]
    assert cost == pytest.approx(len(execution.path) * TRANSITION_PRICES["default"])


def test_the_input_of_the_reference_is_taken_as_it_is() -> None:
    lambda_ = FaultyLambda()
    given = {
        "lambdaARN": ARN,
        "powerValues": "ALL",
        "num": 10,
        "payload": [{"payload": {"a": 1}, "weight": 1}, {"payload": "b", "weight": 9}],
        "parallelInvocation": True,
        "strategy": "balanced",
        "balancedWeight": 0.3,
        "discardTopBottom": 0.1,
        "includeOutputResults": True,
        "disablePayloadLogs": True,
        "allowedExceptions": ["E"],
    }

    execution = run(lambda_, **given)

    assert execution.status == "SUCCEEDED"
    assert len(execution.output["stats"]) == 46


def test_a_dry_run_tries_each_size_once_and_recommends_nothing() -> None:
    lambda_ = FaultyLambda()
    before = lambda_.state()

    execution = run(lambda_, dryRun=True)

    assert (execution.status, execution.output) == ("SUCCEEDED", None)
    assert len(lambda_.made("invoke")) == 3
    assert lambda_.state() == before


def test_the_best_size_is_set_on_request() -> None:
    lambda_ = FaultyLambda()

    execution = run(lambda_, autoOptimize=True)

    assert lambda_.function.memory == execution.output["power"]
    assert list(lambda_.function.versions) == ["7"]


def test_the_best_size_is_published_under_an_alias_on_request() -> None:
    lambda_ = FaultyLambda()

    execution = run(lambda_, autoOptimize=True, autoOptimizeAlias="best")

    number = lambda_.function.aliases["best"]
    assert lambda_.function.versions[number].memory == execution.output["power"]
    assert lambda_.function.memory == 512


def test_a_size_that_fails_is_reported_beside_the_others() -> None:
    """PT-05."""
    execution = run(FaultyLambda(run=PerformanceModel(needs_mb=256).run))

    assert execution.status == "SUCCEEDED"
    assert [failure["power"] for failure in execution.output["failed"]] == [128]
    assert execution.output["power"] in (512, 1024)


def test_failed_means_failed() -> None:
    """PT-05."""
    lambda_ = FaultyLambda(run=PerformanceModel(timeout_ms=1).run)
    before = lambda_.state()

    execution = run(lambda_)

    assert (execution.status, execution.error) == ("FAILED", "Rejected")
    assert "no memory size could be measured" in str(execution.cause)
    assert lambda_.state() == before


def test_a_size_that_cannot_be_measured_for_now_does_not_lose_the_others() -> None:
    def fault(number: int, method: str) -> Exception | None:
        called = lambda_.calls[-1][1]
        return throttled() if method == "invoke" and called["Qualifier"] == "8" else None

    lambda_ = FaultyLambda(fault=fault)

    execution = run(lambda_)

    assert execution.status == "SUCCEEDED"
    assert [(one["power"], "Rate exceeded" in one["failure"]) for one in execution.output["failed"]] == [
        (128, True)
    ]


@pytest.mark.parametrize(
    "method", ["update_function_configuration", "publish_version", "invoke", "delete_function", "get_waiter"]
)
def test_what_passes_with_time_is_tried_again(method: str) -> None:
    """W-05."""
    lambda_ = FaultyLambda(fault=failing(method, throttled(), times=3))
    before = lambda_.state()

    execution = run(lambda_)

    assert execution.status == "SUCCEEDED"
    assert lambda_.state() == before


@pytest.mark.parametrize("name", sorted(power_tuning.tasks.keys() - {"recommend"}))
def test_each_task_that_is_throttled_is_tried_again(name: str) -> None:
    """W-05."""
    lambda_ = FaultyLambda()

    execution = run_with(lambda_, {name: Throttled("Rate exceeded")}, autoOptimize=True)

    assert execution.status == "SUCCEEDED"
    assert execution.retries(name) == 1
    assert lambda_.state()[0] == execution.output["power"]


def test_what_was_made_is_cleaned_up_although_the_first_attempt_fails() -> None:
    """W-05."""
    lambda_ = FaultyLambda()
    before = lambda_.state()

    execution = run_with(
        lambda_, {"clean_up": Throttled("Rate exceeded"), "publish_versions": Forbidden("not allowed")}
    )

    assert (execution.status, execution.error) == ("FAILED", "Forbidden")
    assert execution.retries("clean_up") == 1
    assert lambda_.state() == before


ERRORS = [
    ("AccessDeniedException", "Forbidden"),
    ("ResourceNotFoundException", "NotFound"),
    ("ResourceConflictException", "Conflict"),
    ("ServiceException", "Unavailable"),
    ("TooManyRequestsException", "Throttled"),
    ("CodeStorageExceededException", "TooLarge"),
]


@pytest.mark.parametrize(("code", "name"), ERRORS)
@pytest.mark.parametrize("method", ["get_function_configuration", "publish_version"])
def test_an_error_that_stays_fails_the_run_by_its_name_and_leaves_nothing_behind(
    method: str, code: str, name: str
) -> None:
    """W-05."""
    lambda_ = FaultyLambda(fault=failing(method, ServiceError(code, "no"), times=6))
    before = lambda_.state()

    execution = run(lambda_)

    assert (execution.status, execution.error) == ("FAILED", name)
    assert lambda_.state() == before


def test_a_function_that_cannot_be_changed_is_left_as_it_is() -> None:
    refused = ServiceError(
        "AccessDeniedException", "not allowed to perform lambda:UpdateFunctionConfiguration"
    )
    lambda_ = FaultyLambda(fault=failing("update_function_configuration", refused))
    before = lambda_.state()

    execution = run(lambda_)

    assert (execution.status, execution.error) == ("FAILED", "Forbidden")
    assert lambda_.state() == before


@settings(max_examples=40, deadline=None)
@given(
    failing_call=st.integers(1, 70), is_cold=st.booleans(), code=st.sampled_from([code for code, _ in ERRORS])
)
@pytest.mark.slow
def test_after_a_fault_anywhere_everything_is_as_before(failing_call: int, is_cold: bool, code: str) -> None:
    """PT-03: one call fails once, anywhere; the run goes on or fails, and leaves the function as it was."""

    def fails(number: int, method: str) -> bool:
        # That a version is gone already, or that an alias refers to it, is an answer to deleting it.
        is_answer = method == "delete_function" and code in (
            "ResourceNotFoundException",
            "ResourceConflictException",
        )
        return number == failing_call and not is_answer

    lambda_ = FaultyLambda(
        function=used_function(memory=128),
        fault=lambda number, method: ServiceError(code, "no") if fails(number, method) else None,
    )
    before = lambda_.state()

    run(lambda_, powerValues=[128, 1024], onlyColdStarts=is_cold)

    assert lambda_.state() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("num", 4),
        ("powerValues", [64]),
        ("powerValues", "all"),
        ("lambdaARN", ARN + ":live"),
        ("strategy", "fast"),
    ],
)
def test_bad_input_fails_before_the_function_is_touched(field: str, value: Any) -> None:
    """PT-08, W-07."""
    lambda_ = FaultyLambda()

    execution = run(lambda_, **{field: value})

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert field in str(execution.cause)
    assert lambda_.calls == []


@pytest.mark.parametrize(
    "changes",
    [
        {"num": "many"},
        {"num": None},
        {"lambdaARN": 5},
        {"powerValues": {}},
        {"dryRun": "perhaps"},
        {"dryRun": "true"},
        {"autoOptimize": 1},
        {"num": True},
        {"sleepBetweenRunsMs": 1.5},
        {"balancedWeight": "0.5"},
        {"discardTopBottom": False},
        {"unknown": 1},
    ],
)
def test_input_of_another_type_is_refused_before_anything_starts(changes: dict[str, Any]) -> None:
    """W-07."""
    from stepsmith import InvalidInput

    with pytest.raises(InvalidInput, match=next(iter(changes))):
        power_tuning.check_input({**INPUT, **changes})


def test_a_second_run_does_not_disturb_one_that_is_measuring() -> None:
    """W-04: the event comes twice; both runs end, and neither deletes what the other made."""
    starts, second = [True], list[Any]()

    def start_another(call: ModelCall) -> ModelOutcome:
        if call.memory == 512 and starts:
            starts.clear()
            second.append(run(lambda_))
        return model.run(call)

    model = PerformanceModel()
    lambda_ = FaultyLambda(run=start_another)
    before = lambda_.state()

    first = run(lambda_)

    assert [one.status for one in (first, *second)] == ["SUCCEEDED", "SUCCEEDED"]
    assert [one.output["failed"] for one in (first, *second)] == [[], []]
    assert lambda_.state() == before


def test_a_second_run_is_refused_while_the_first_changes_the_function() -> None:
    """W-04."""
    second: list[Any] = []

    def start_another(number: int, method: str) -> Exception | None:
        if method == "publish_version" and not second:
            second.append(run(lambda_))
        return None

    lambda_ = FaultyLambda(fault=start_another)
    before = lambda_.state()

    first = run(lambda_)

    assert (first.status, second[0].status, second[0].error) == ("SUCCEEDED", "FAILED", "Conflict")
    assert lambda_.state() == before


def test_an_aborted_run_is_cleaned_up_with_the_plan_in_its_history() -> None:
    lambda_ = FaultyLambda(fault=failing("delete_function", ServiceError("AccessDeniedException", "no")))
    before = lambda_.state()
    execution = run(lambda_)
    (plan,) = [
        json.loads(event["stateExitedEventDetails"]["assignedVariables"]["plan"])
        for event in execution.history
        if event.get("stateExitedEventDetails", {}).get("name") == "Plan tuning"
    ]
    lambda_.fault = lambda number, method: None

    power_tuning.tasks["clean_up"].handle({"plan": plan}, lambda_in=anywhere(lambda_))

    assert execution.status == "FAILED"
    assert lambda_.state() == before


def test_a_version_that_somebody_points_an_alias_at_is_kept_and_mentioned() -> None:
    def adopt(call: ModelCall) -> ModelOutcome:
        lambda_.function.aliases["canary"] = "8"
        return PerformanceModel().run(call)

    lambda_ = FaultyLambda(run=adopt)

    execution = run(lambda_)

    assert list(lambda_.function.versions) == ["7", "8"]
    assert "version 8 stays, because an alias refers to it" in execution.output["warnings"]


@pytest.mark.parametrize("needs_mb", [256, 99_999], ids=["one size fails", "all sizes fail"])
@pytest.mark.parametrize("is_parallel", [False, True])
def test_w_08_no_payload_is_in_messages_when_that_is_asked_for(needs_mb: int, is_parallel: bool) -> None:
    """What is known of the payload afterwards is what the input and the plan made of it say."""

    def told(**fields: Any) -> str:
        lambda_ = FaultyLambda(run=PerformanceModel(needs_mb=needs_mb).run)
        execution = run(lambda_, payload={"name": "Ada"}, parallelInvocation=is_parallel, **fields)
        later = json.dumps(
            [
                event["stateExitedEventDetails"]["output"]
                for event in execution.history.of("TaskStateExited", "MapStateExited")
                if event["stateExitedEventDetails"]["name"] != "Plan tuning"
            ]
        )
        return f"{execution.output} {execution.cause} {later}"

    assert "Ada" in told()
    assert "Ada" not in told(disablePayloadLogs=True)


def test_a_function_that_cannot_be_restored_before_it_is_measured_is_restored_by_cleaning() -> None:
    """PT-03."""
    lambda_ = FaultyLambda(function=used_function(memory=256))
    before = lambda_.state()

    execution = run_with(lambda_, {"restore_function": Forbidden("not allowed")})

    assert (execution.status, execution.error) == ("FAILED", "Forbidden")
    assert lambda_.state() == before


CASES = st.fixed_dictionaries(
    {
        "num": st.integers(5, 8),
        "powerValues": st.none()
        | st.lists(st.sampled_from([128, 512, 1024, 1769, 3008]), min_size=1, max_size=3, unique=True),
        "strategy": st.sampled_from(["cost", "speed", "balanced", "fast"]),
        "balancedWeight": st.floats(0, 1),
        "autoOptimize": st.booleans(),
        "dryRun": st.booleans(),
        "onlyColdStarts": st.booleans(),
        "includeOutputResults": st.booleans(),
        "discardTopBottom": st.floats(-1, 1),
        "allowedExceptions": st.none() | st.just(["Runtime.OutOfMemory"]),
    }
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(fields=CASES, needs_mb=st.sampled_from([0, 256, 5000]), fault=st.none() | st.integers(1, 40))
def test_the_compiled_workflow_does_what_plain_python_does(
    fields: dict[str, Any], needs_mb: int, fault: int | None
) -> None:
    def world() -> FaultyLambda:
        broken = ServiceError("AccessDeniedException", "no")
        return FaultyLambda(
            run=PerformanceModel(needs_mb=needs_mb, noise=0).run,
            fault=lambda number, method: broken if number == fault else None,
        )

    compiled, plain = world(), world()

    execution = run(compiled, **fields)
    expected, error = ended(lambda: plainly(plain, **fields))

    assert execution.error == error
    assert execution.output == expected
    assert compiled.state() == plain.state()


def test_a_local_run_says_that_it_is_a_model() -> None:
    execution = run(local_clients()["lambda"])

    assert execution.output["measuredBy"] == "a performance model"
    assert "the figures come from a performance model, not from AWS Lambda" in execution.output["warnings"]


def test_a_local_handler_is_run_and_marked_as_such() -> None:
    clients = local_clients("tests.tasks.power_tuning.local_handlers:echo")

    execution = run(clients["lambda"])

    assert execution.status == "SUCCEEDED"
    assert execution.output["measuredBy"].startswith("the local handler tests.tasks")


def test_a_function_in_another_region_is_tuned_there_and_priced_as_there() -> None:
    """The machine runs in us-east-1; what it calls and what runs cost is of the region in the ARN."""
    arn = ARN.replace("eu-west-1", "ap-east-1")
    lambda_ = FaultyLambda(run=PerformanceModel(noise=0).run)
    lambda_.model.functions[arn] = used_function()
    near = run(FaultyLambda(run=PerformanceModel(noise=0).run), strategy="speed").output

    far = run(lambda_, lambdaARN=arn, strategy="speed").output

    assert {call["FunctionName"] for call in lambda_.made("invoke")} == {arn}
    assert (far["region"], far["duration"]) == ("ap-east-1", near["duration"])
    assert far["cost"] == pytest.approx(near["cost"] * 2.9 / 2.1, rel=0.01)
    assert far["stateMachine"]["executionCost"] == near["stateMachine"]["executionCost"]
