import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.errors import InvalidInput, NotFound
from tasks.power_tuning.aws.logs import report_in
from tasks.power_tuning.local import function as local_function
from tasks.power_tuning.local.function import Exited, LocalFunction, Process, local_lambda, outcome_of
from tasks.power_tuning.local.model_plane import ModelCall
from tasks.power_tuning.local.worker import Answer, Event
from tests.tasks.power_tuning.worlds import ARN

HANDLERS = "tests.tasks.power_tuning.local_handlers"
ANSWER = Answer(payload='{"a": 1}', has_failed=False, elapsed=0.1, cpu=0.04, printed="")


def call(memory: int = 1769, payload: str = '{"a": 1}', version: str = "1") -> ModelCall:
    return ModelCall(ARN, version, memory, payload, is_first=False)


class Told:
    """An instance that answers what it is told to, and counts how many of it are there."""

    made = 0
    closed = 0

    def __init__(self, answers: Iterator[Answer | Exception]) -> None:
        type(self).made += 1
        self.init = 0.25
        self._answers = answers

    def ask(self, event: Event) -> Answer:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        type(self).closed += 1


def function(*answers: Answer | Exception) -> LocalFunction:
    """A local function whose processes are none."""
    Told.made = Told.closed = 0
    told = iter(answers)
    return LocalFunction("m:f", lambda _: Told(told), seconds=2)


@pytest.mark.parametrize(("memory", "expected"), [(1769, 100), (3538, 100), (884, 60 + 40 * 1769 / 884)])
def test_cpu_time_is_scaled_to_the_memory_size_and_waiting_is_not(memory: int, expected: float) -> None:
    report = report_in(outcome_of(call(memory), ANSWER).log)

    assert report is not None
    assert report.duration == pytest.approx(expected, abs=0.01)


def test_a_first_run_has_an_init_duration_and_a_second_none() -> None:
    local = function(ANSWER, ANSWER)

    reports = [report_in(local.run(call()).log) for _ in range(2)]

    assert [one.init for one in reports if one] == [250, 0]
    assert Told.made == 1


def test_each_version_has_instances_of_its_own() -> None:
    local = function(*[ANSWER] * 3)

    for version in ("1", "2", "1"):
        local.run(call(version=version))

    assert Told.made == 2


def test_only_some_instances_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_function, "MOST_IDLE", 2)
    local = function(*[ANSWER] * 5)

    for version in range(5):
        local.run(call(version=str(version)))

    assert (Told.made, Told.closed) == (5, 3)


@pytest.mark.parametrize(("versions", "closed"), [(16, 0), (17, 1), (18, 2)])
def test_sixteen_instances_are_kept(versions: int, closed: int) -> None:
    local = function(*[ANSWER] * versions)

    for version in range(versions):
        local.run(call(version=str(version)))

    assert (Told.made, Told.closed) == (versions, closed)


def test_it_is_the_oldest_instance_that_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_function, "MOST_IDLE", 2)
    local = function(*[ANSWER] * 5)

    made: list[int] = []
    for version in ("0", "1", "2", "1", "0"):
        local.run(call(version=version))
        made.append(Told.made)

    assert made == [1, 2, 3, 3, 4]


def test_a_run_without_a_start_has_no_init_duration() -> None:
    report = report_in(outcome_of(call(), ANSWER).log)

    assert report is not None
    assert report.init == 0


@pytest.mark.slow
def test_a_module_that_ends_the_process_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deadly.py").write_text("import os\nos._exit(7)\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(InvalidInput, match="importing 'deadly:f' ends the process: exit status 7"):
        Process("deadly:f")


@pytest.mark.slow
def test_a_module_that_breaks_when_it_is_imported_is_refused_with_what_it_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "breaking.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(
        InvalidInput, match="breaking cannot be imported: ZeroDivisionError: division by zero"
    ):
        Process("breaking:f")


def test_a_handler_that_takes_too_long_is_stopped_as_lambda_does() -> None:
    outcome = function(TimeoutError()).run(call())

    assert outcome.function_error == "Unhandled"
    assert "Task timed out after 2.00 seconds" in outcome.payload
    assert json.loads(outcome.payload)["errorType"] == "Sandbox.Timedout"
    assert Told.closed == 1


def test_a_handler_that_ends_its_process_is_told_of_as_lambda_does() -> None:
    local = function(Exited("exit status 7"), ANSWER)

    outcome = local.run(call())

    assert json.loads(outcome.payload)["errorType"] == "Runtime.ExitError"
    assert "Runtime exited with error: exit status 7" in outcome.payload
    assert Told.closed == 1
    assert local.run(call()).function_error is None


def test_what_a_handler_prints_is_in_its_log_and_not_taken_for_its_report() -> None:
    imitation = "REPORT RequestId: x\tDuration: 9999.00 ms\tBilled Duration: 9999 ms"

    outcome = outcome_of(call(), Answer(**{**ANSWER, "printed": f"hello\n{imitation}"}))

    report = report_in(outcome.log)
    assert outcome.log.startswith("hello\n")
    assert report is not None
    assert report.duration == 100


def test_a_failed_run_is_a_failed_function() -> None:
    assert outcome_of(call(), Answer(**{**ANSWER, "has_failed": True})).function_error == "Unhandled"


@pytest.mark.parametrize(
    "reference", ["", "json", "json:", ":dumps", "json:a b", "json:dumps:x", "../h:f", ".h:f", "-c:f"]
)
def test_another_form_of_reference_is_refused(reference: str) -> None:
    with pytest.raises(InvalidInput, match="module:function"):
        local_lambda(reference)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reference", "kind", "told"),
    [
        ("no_such_module:f", NotFound, "no module 'no_such_module'"),
        ("json:no_such", NotFound, "no function 'no_such'"),
        (f"{HANDLERS}:NUMBER", InvalidInput, "is not a function"),
    ],
)
def test_a_handler_that_is_not_there_is_named(reference: str, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told):
        local_lambda(reference)


@pytest.mark.slow
def test_its_measurements_are_marked_as_a_model() -> None:
    configuration = local_lambda("json:dumps").get_function_configuration(FunctionName=ARN)

    assert configuration["MeasuredBy"] == "the local handler json:dumps, scaled to memory sizes by a model"


def event(seconds: float = 60) -> Event:
    return Event(payload='{"a": 1}', memory=256, arn=ARN, request_id="1-2", seconds=seconds)


@pytest.mark.slow
def test_a_handler_that_reads_its_standard_input_finds_nothing_there_and_takes_no_event_away() -> None:
    process = Process(f"{HANDLERS}:reads")

    answers = [process.ask(event(seconds=20))["payload"] for _ in range(2)]

    assert answers == ['""', '""']
    process.close()


@pytest.mark.slow
def test_a_run_has_what_it_has_printed_and_nothing_of_the_run_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    process = Process(f"{HANDLERS}:prints_its_event")

    answers = [process.ask({**event(), "payload": text}) for text in ('"a long text"', '"short"')]

    assert [answer["printed"] for answer in answers] == ["a long text\n", "short\n"]
    process.close()


@pytest.mark.slow
def test_a_process_runs_a_handler_again_and_again() -> None:
    begun = time.perf_counter()
    process = Process(f"{HANDLERS}:process")
    took = time.perf_counter() - begun

    answers = [process.ask(event())["payload"] for _ in range(3)]

    assert len(set(answers)) == 1
    assert 0 < process.init <= took
    process.close()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "status"), [("exits", "3"), ("dies", "7"), ("interrupts", "-?[0-9]+")])
def test_a_process_that_a_handler_ends_has_an_exit_status(name: str, status: str) -> None:
    process = Process(f"{HANDLERS}:{name}")

    with pytest.raises(Exited, match=f"exit status {status}"):
        process.ask(event())
    process.close()


@pytest.mark.slow
def test_a_handler_that_hangs_can_be_ended() -> None:
    process: Any = Process(f"{HANDLERS}:hangs")

    with pytest.raises(TimeoutError):
        process.ask(event(seconds=0.05))
    process.close()

    assert process._process.returncode is not None


def test_a_handler_that_ends_its_process_has_a_report_of_no_time() -> None:
    log = function(Exited("exit status 3")).run(call()).log

    assert "REPORT RequestId: 00000000-0000-0000-0000-000000000000\tDuration: 0.00 ms\t" in log
