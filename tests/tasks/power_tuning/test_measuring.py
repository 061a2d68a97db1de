"""PT-05, PT-09 and what a measurement says."""

import base64
import json
import threading
from typing import Any

import pytest

from tasks.errors import Throttled, Unavailable
from tasks.power_tuning import changes, measuring
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import ModelCall, ModelOutcome
from tasks.power_tuning.local.performance_model import PerformanceModel, report_log
from tasks.power_tuning.models import PowerMeasurement, PowerStatus, PowerVersions
from tests.tasks.power_tuning.worlds import NO_S3, FaultyLambda, Objects, anywhere, plan_for, throttled


def measured(lambda_: FaultyLambda, power: int = 512, *, s3: Any = NO_S3, **fields: Any) -> PowerMeasurement:
    plan = plan_for(lambda_, s3=s3, **fields)
    published = changes.publish(plan, power, lambda_)
    lambda_.calls.clear()
    return measuring.measure(plan, published, anywhere(lambda_), s3, lambda_.sleep)


def lasting(*durations: float) -> Any:
    left = list(durations)
    return lambda call: ModelOutcome("null", report_log("r", call.memory, left.pop(0)))


def test_a_measurement_has_the_figures_of_its_runs() -> None:
    lambda_ = FaultyLambda(run=lasting(10, 20, 30, 40, 1000))

    one = measured(lambda_)

    assert (one.status, one.power, one.samples) == (PowerStatus.MEASURED, 512, 5)
    assert one.average_duration == 30
    assert (one.p50, one.p95, one.p99) == (30, 1000, 1000)
    assert one.average_price == pytest.approx(0.0000166667 / 2 * 0.03 + 0.0000002)
    assert one.total_cost == pytest.approx(0.0000166667 / 2 * 1.1 + 5 * 0.0000002)


def test_cold_starts_are_one_run_for_each_version_and_all_count() -> None:
    lambda_ = FaultyLambda(run=PerformanceModel(cpu_ms=0, wait_ms=100, init_ms=50, noise=0).run)

    one = measured(lambda_, onlyColdStarts=True)

    assert one.average_duration == 150
    assert len({call["Qualifier"] for call in lambda_.made("invoke")}) == 5


def test_pt_09_the_slowest_and_the_fastest_cold_start_count_like_the_others() -> None:
    one = measured(FaultyLambda(run=lasting(10, 10, 10, 10, 110)), onlyColdStarts=True)

    assert one.average_duration == 30


def test_runs_of_one_version_are_warm_after_the_first() -> None:
    lambda_ = FaultyLambda(run=PerformanceModel(cpu_ms=0, wait_ms=100, init_ms=50, noise=0).run)

    assert measured(lambda_, discardTopBottom=0).average_duration == 110


def test_a_dry_run_invokes_once() -> None:
    lambda_ = FaultyLambda()

    measured(lambda_, dryRun=True)

    assert len(lambda_.made("invoke")) == 1


def test_weighted_payloads_are_shared_out() -> None:
    lambda_ = FaultyLambda()

    measured(lambda_, num=10, payload=[{"payload": "rare", "weight": 1}, {"payload": "usual", "weight": 99}])

    assert [json.loads(call["Payload"]) for call in lambda_.made("invoke")] == ["rare"] + ["usual"] * 9


def test_a_payload_comes_from_s3() -> None:
    lambda_ = FaultyLambda()

    measured(lambda_, s3=Objects(k=b'{"a": 1}'), payloadS3="s3://b/k", payload="not this")

    assert {call["Payload"] for call in lambda_.made("invoke")} == {'{"a":1}'}


@pytest.mark.parametrize("is_parallel", [False, True])
def test_a_function_that_fails_at_a_size_is_a_failed_measurement(is_parallel: bool) -> None:
    """PT-05."""
    lambda_ = FaultyLambda(run=PerformanceModel(needs_mb=256).run)

    one = measured(lambda_, power=128, parallelInvocation=is_parallel)

    assert one.status == PowerStatus.FAILED
    assert one.failure is not None
    assert "Runtime.OutOfMemory" in one.failure


def test_errors_that_are_allowed_are_measured() -> None:
    lambda_ = FaultyLambda(run=PerformanceModel(needs_mb=256).run)

    one = measured(lambda_, power=128, allowedExceptions=["Runtime.OutOfMemory"])

    assert (one.status, one.average_duration) == (PowerStatus.MEASURED, 10)


def test_runs_without_a_report_do_not_count_as_0_milliseconds() -> None:
    left = [True, False, True, False, True]

    def run(call: ModelCall) -> ModelOutcome:
        return ModelOutcome("null", report_log("r", call.memory, 100) if left.pop() else "cut off")

    one = measured(FaultyLambda(run=run))

    assert (one.samples, one.unreported, one.average_duration) == (3, 2, 100)


def test_runs_without_a_report_are_paid_for_as_requests() -> None:
    left = [True, False, True, False, True]

    def run(call: ModelCall) -> ModelOutcome:
        return ModelOutcome("null", report_log("r", call.memory, 100) if left.pop() else "")

    one = measured(FaultyLambda(run=run))

    assert one.total_cost == pytest.approx(0.0000166667 / 2 * 0.3 + 5 * 0.0000002, rel=1e-9)


def test_without_any_report_there_is_nothing_to_compare() -> None:
    one = measured(FaultyLambda(run=lambda call: ModelOutcome("null", "")))

    assert (one.status, one.failure) == (PowerStatus.FAILED, "no invocation left a report in its log")


def test_an_answer_without_a_log_has_no_report() -> None:
    lambda_ = FaultyLambda()
    answer = {"Payload": "null", "LogResult": base64.b64encode(b"\xff").decode()}
    lambda_.model.invoke = lambda **_: answer  # pyright: ignore[reportAttributeAccessIssue] - an odd answer

    assert measured(lambda_).status == PowerStatus.FAILED


def test_each_version_is_waited_for() -> None:
    lambda_ = FaultyLambda()

    measured(lambda_, onlyColdStarts=True)

    assert len(lambda_.made("get_waiter")) == 5


def test_pauses_between_runs_are_kept() -> None:
    lambda_ = FaultyLambda()

    measured(lambda_, sleepBetweenRunsMs=100)

    assert lambda_.model.slept == pytest.approx(0.5)


def test_a_busy_lambda_is_asked_again_and_given_up_after_a_while() -> None:
    lambda_ = FaultyLambda(fault=lambda number, method: throttled() if method == "invoke" else None)

    with pytest.raises(Throttled):
        measured(lambda_)
    assert lambda_.model.slept == 1 + 2 + 4 + 8


def test_an_outage_is_not_blamed_on_the_memory_size() -> None:
    outage = ServiceError("ServiceException", "try later")
    lambda_ = FaultyLambda(fault=lambda number, method: outage if method == "invoke" else None)

    with pytest.raises(Unavailable):
        measured(lambda_)


@pytest.mark.slow
def test_a_thousand_cold_starts_do_not_throttle_a_limited_control_plane() -> None:
    """PT-09: 10 powers x 100 versions, at most 50 invocations and one change at a time, no large state."""
    under_way, lock = [0], threading.Lock()
    model = PerformanceModel()

    def run(call: ModelCall) -> ModelOutcome:
        with lock:
            under_way[0] += 1
            if under_way[0] > 50:
                raise throttled()
        outcome = model.run(call)
        with lock:
            under_way[0] -= 1
        return outcome

    lambda_ = FaultyLambda(run=run)
    plan = plan_for(
        lambda_,
        num=100,
        powerValues=[*range(128, 1280, 128), 1769],
        onlyColdStarts=True,
        parallelInvocation=True,
    )

    published = [changes.publish(plan, power, lambda_) for power in plan.powers]
    measurements = [
        measuring.measure(plan, one, anywhere(lambda_), NO_S3, lambda_.sleep) for one in published
    ]
    done = changes.clean_up(plan, lambda_)

    state = [plan, *published, *measurements, done]
    assert sum(len(one.model_dump_json(by_alias=True)) for one in state) < 256 * 1024
    assert {one.samples for one in measurements} == {100}
    assert len(done.deleted) == 1000
    assert lambda_.model.slept == 0


def test_pt_09_ten_invocations_of_a_size_are_under_way_at_once_and_never_more() -> None:
    ten, lock, active, most = threading.Barrier(10, timeout=20), threading.Lock(), [0], [0]

    def run(call: ModelCall) -> ModelOutcome:
        with lock:
            active[0] += 1
            most[0] = max(most[0], active[0])
        ten.wait()
        with lock:
            active[0] -= 1
        ten.wait()
        return ModelOutcome("null", report_log("r", call.memory, 10))

    one = measured(FaultyLambda(run=run), num=40, parallelInvocation=True)

    assert (one.samples, most) == (40, [10])


def test_pt_05_a_size_that_the_function_cannot_have_is_not_invoked() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)

    one = measuring.measure(
        plan,
        PowerVersions(power=10240, versions=[], failure="too much"),
        anywhere(lambda_),
        NO_S3,
        lambda_.sleep,
    )

    assert (one.status, one.failure) == (PowerStatus.FAILED, "too much")
    assert lambda_.made("invoke") == []


def test_what_could_not_be_measured_has_no_figures() -> None:
    failed = PowerMeasurement(power=512, status=PowerStatus.FAILED)

    figures = failed.model_dump(exclude={"power", "status", "failure"})

    assert len(figures) == 10
    assert set(figures.values()) == {0}
