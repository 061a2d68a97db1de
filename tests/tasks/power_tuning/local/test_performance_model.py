import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.power_tuning.aws.logs import report_in
from tasks.power_tuning.local.model_plane import ModelCall
from tasks.power_tuning.local.performance_model import PerformanceModel, modelled_lambda, scaled_cpu
from tests.tasks.power_tuning.worlds import ARN


def call(memory: int = 512, is_first: bool = False) -> ModelCall:
    return ModelCall(ARN, "1", memory, "null", is_first)


@given(st.integers(128, 10_240), st.integers(0, 5000))
def test_more_memory_is_never_slower(memory: int, more: int) -> None:
    model = PerformanceModel()

    assert model.duration_at(memory + more) <= model.duration_at(memory)


def test_half_a_cpu_takes_twice_as_long_and_a_second_cpu_does_not_help() -> None:
    assert scaled_cpu(100, 1769) == 100
    assert scaled_cpu(100, 1769 // 2) == pytest.approx(200, rel=0.01)
    assert scaled_cpu(100, 10_240) == 100


def test_a_run_leaves_the_log_that_lambda_writes() -> None:
    report = report_in(PerformanceModel(cpu_ms=0, wait_ms=100, noise=0).run(call()).log)

    assert report is not None
    assert (report.duration, report.init, report.billed) == (100, 0, 100)


def test_a_first_run_starts_cold_and_is_billed_for_it() -> None:
    report = report_in(
        PerformanceModel(cpu_ms=0, wait_ms=100, init_ms=50.5, noise=0).run(call(is_first=True)).log
    )

    assert report is not None
    assert (report.init, report.billed) == (50.5, 151)


def test_noise_stays_within_its_share_and_the_seed_repeats_it() -> None:
    runs = [[PerformanceModel(noise=0.1, seed="s").run(call()).log for _ in range(1)] for _ in range(2)]
    model = PerformanceModel(cpu_ms=0, wait_ms=100, noise=0.1)
    durations = [
        report.duration for report in map(report_in, (model.run(call()).log for _ in range(50))) if report
    ]

    assert runs[0] == runs[1]
    assert 90 <= min(durations) < max(durations) <= 110


@pytest.mark.parametrize(
    ("model", "error_type"),
    [
        (PerformanceModel(needs_mb=1024), "Runtime.OutOfMemory"),
        (PerformanceModel(timeout_ms=1), "Sandbox.Timedout"),
    ],
)
def test_a_size_that_is_too_small_fails(model: PerformanceModel, error_type: str) -> None:
    outcome = model.run(call(memory=128))

    assert outcome.function_error == "Unhandled"
    assert json.loads(outcome.payload)["errorType"] == error_type


def test_every_arn_is_a_modelled_function() -> None:
    answer = modelled_lambda().get_function_configuration(FunctionName="anything")

    assert answer["MeasuredBy"] == "a performance model"


def test_the_usual_function_computes_for_400_ms_waits_for_60_and_starts_in_250() -> None:
    outcome = PerformanceModel(noise=0).run(call(memory=1769, is_first=True))

    report = report_in(outcome.log)
    assert report is not None
    assert (report.duration, report.init) == (460, 250)


def test_noise_goes_both_ways() -> None:
    model = PerformanceModel(cpu_ms=0, wait_ms=100, noise=0.1)
    found = [report.duration for report in (report_in(model.run(call()).log) for _ in range(60)) if report]

    assert min(found) < 95
    assert max(found) > 105


def test_runs_are_the_same_in_every_process() -> None:
    model = PerformanceModel()

    durations = [report_in(model.run(call(memory=1769)).log) for _ in range(2)]

    assert [report and report.duration for report in durations] == [458.41, 463.47]


def test_enough_memory_and_time_is_what_a_function_needs_and_no_more() -> None:
    assert PerformanceModel(needs_mb=512).run(call(memory=512)).function_error is None
    assert PerformanceModel(needs_mb=512).run(call(memory=511)).function_error == "Unhandled"
    exact = PerformanceModel(cpu_ms=0, wait_ms=100, timeout_ms=100, noise=0)
    assert exact.run(call()).function_error is None


def test_a_function_without_enough_memory_dies_after_10_ms() -> None:
    report = report_in(PerformanceModel(needs_mb=1024).run(call()).log)

    assert report is not None
    assert report.duration == 10
