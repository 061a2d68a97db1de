"""Running a local Python handler as if it were the Lambda function that is tuned.

The handler really runs, and its time is measured; what it would take with another memory size is a model:
its CPU time grows as the share of a CPU shrinks, its waiting stays.
"""

import json
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final, cast

from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput, NotFound
from tasks.power_tuning.ecmascript import parse_json, to_json
from tasks.power_tuning.model_plane import InMemoryLambda, ModelCall, ModelFunction, ModelOutcome
from tasks.power_tuning.performance_model import failed_outcome, report_log, scaled_cpu

REQUEST_ID: Final = "00000000-0000-0000-0000-000000000000"

Handler = Callable[[Json, "LocalContext"], Json]
Clock = Callable[[], float]
"""Gives seconds."""


@dataclass(frozen=True, slots=True)
class LocalContext:
    """What a handler gets as its context."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str = REQUEST_ID
    invoked_function_arn: str = ""
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the handler may still run; local runs have no limit but the one of Lambda."""
        return 900_000


@dataclass(frozen=True, slots=True)
class LocalFunction:
    """A handler and the clocks that it is measured with: elapsed time, and CPU time of the thread."""

    handler: Handler
    elapsed: Clock = time.perf_counter
    cpu: Clock = time.thread_time

    def run(self, call: ModelCall) -> ModelOutcome:
        """Run the handler and report what it takes here, scaled to the memory size."""
        context = LocalContext(call.arn.split(":")[-1], call.memory, invoked_function_arn=call.arn)
        started, busy = self.elapsed(), self.cpu()
        try:
            payload = to_json(self.handler(parse_json(call.payload), context))
        except Exception as error:
            duration = self._scaled(started, busy, call.memory)
            return _raised(call, duration, error)
        return ModelOutcome(
            payload, report_log(REQUEST_ID, call.memory, self._scaled(started, busy, call.memory))
        )

    def _scaled(self, started: float, busy: float, memory: int) -> float:
        elapsed = max(0.0, self.elapsed() - started) * 1000
        cpu = min(elapsed, max(0.0, self.cpu() - busy) * 1000)
        return elapsed - cpu + scaled_cpu(cpu, memory)


def handler_named(reference: str) -> Handler:
    """Return the handler that `module:function` names.

    Raises InvalidInput for another form, NotFound when there is no such module or function.
    """
    module, _, name = reference.partition(":")
    if not module or not name.isidentifier():
        raise InvalidInput(f"{reference[:200]!r} is not of the form module:function")
    try:
        found: object = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise NotFound(f"there is no module {error.name!r} to import {name!r} from") from error
    except AttributeError:
        raise NotFound(f"the module {module!r} has no function {name!r}") from None
    if not callable(found):
        raise InvalidInput(f"{name!r} in {module!r} is not a function")
    return cast("Handler", found)


def local_lambda(reference: str) -> InMemoryLambda:
    """Return a Lambda client in memory, where every ARN is the handler that `module:function` names."""
    run = LocalFunction(handler_named(reference)).run
    measured_by = f"the local handler {reference}, scaled to memory sizes by a model"
    return InMemoryLambda({}, run, measured_by=measured_by, unknown=ModelFunction)


def _raised(call: ModelCall, duration: float, error: Exception) -> ModelOutcome:
    outcome = failed_outcome(REQUEST_ID, call, duration, type(error).__name__, str(error))
    trace = traceback.format_tb(error.__traceback__)[1:]
    payload: Json = {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": list(trace)}
    return ModelOutcome(json.dumps(payload), outcome.log, outcome.function_error)
