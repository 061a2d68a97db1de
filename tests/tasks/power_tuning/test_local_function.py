import itertools
import json
from typing import Any

import pytest

from tasks.errors import InvalidInput, NotFound
from tasks.power_tuning.local_function import LocalContext, LocalFunction, handler_named, local_lambda
from tasks.power_tuning.logs import report_in
from tasks.power_tuning.model_plane import ModelCall
from tests.tasks.power_tuning.worlds import ARN


def echo(event: Any, context: LocalContext) -> Any:
    """What the reference `module:function` names in these tests."""
    return {"event": event, "memory": context.memory_limit_in_mb, "name": context.function_name}


def call(memory: int = 1769, payload: str = '{"a": 1}') -> ModelCall:
    return ModelCall(ARN, "1", memory, payload, is_first=False)


def ticking(step: float) -> Any:
    ticks = itertools.count()
    return lambda: next(ticks) * step


def test_a_handler_gets_the_event_and_a_context() -> None:
    outcome = LocalFunction(echo).run(call(memory=256))

    assert json.loads(outcome.payload) == {"event": {"a": 1}, "memory": 256, "name": "target"}


@pytest.mark.parametrize(("memory", "expected"), [(1769, 100), (3538, 100), (884, 60 + 40 * 1769 / 884)])
def test_cpu_time_is_scaled_to_the_memory_size_and_waiting_is_not(memory: int, expected: float) -> None:
    function = LocalFunction(echo, elapsed=ticking(0.1), cpu=ticking(0.04))

    report = report_in(function.run(call(memory)).log)

    assert report is not None
    assert report.duration == pytest.approx(expected, abs=0.01)


def test_a_handler_that_raises_is_a_failed_function() -> None:
    def broken(event: Any, context: LocalContext) -> Any:
        raise ValueError("no such colour")

    outcome = LocalFunction(broken).run(call())
    error = json.loads(outcome.payload)

    assert outcome.function_error == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such colour")
    assert "broken" in error["stackTrace"][0]
    assert report_in(outcome.log) is not None


def test_a_result_that_is_no_json_is_a_failed_function() -> None:
    assert LocalFunction(lambda event, context: float("nan")).run(call()).function_error == "Unhandled"


def test_a_handler_is_found_by_module_and_name() -> None:
    assert handler_named("json:dumps") is json.dumps


@pytest.mark.parametrize("reference", ["", "json", "json:", ":dumps", "json:a b", "json:dumps:x"])
def test_another_form_of_reference_is_refused(reference: str) -> None:
    with pytest.raises(InvalidInput, match="module:function"):
        handler_named(reference)


@pytest.mark.parametrize(
    ("reference", "told"),
    [("no_such_module:f", "no module 'no_such_module'"), ("json:no_such", "no function 'no_such'")],
)
def test_a_handler_that_is_not_there_is_named(reference: str, told: str) -> None:
    with pytest.raises(NotFound, match=told):
        handler_named(reference)


def test_a_thing_that_cannot_be_called_is_no_handler() -> None:
    with pytest.raises(InvalidInput, match="is not a function"):
        handler_named("json:__name__")


def test_its_measurements_are_marked_as_a_model() -> None:
    configuration = local_lambda("json:dumps").get_function_configuration(FunctionName=ARN)

    assert configuration["MeasuredBy"] == "the local handler json:dumps, scaled to memory sizes by a model"
