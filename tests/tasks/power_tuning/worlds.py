"""A Lambda in memory with one function in it, calls noted, and faults where a test wants them."""

import copy
import io
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tasks.power_tuning.aws.control_plane import LambdaIn
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import (
    InMemoryLambda,
    ModelCall,
    ModelFunction,
    ModelOutcome,
    ModelVersion,
)
from tasks.power_tuning.local.performance_model import PerformanceModel
from tasks.power_tuning.models import TuningPlan
from tasks.power_tuning.tasks import Start, planned

if TYPE_CHECKING:

    class _Anything(Any): ...  # FaultyLambda has the methods of what it wraps
else:
    _Anything = object

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:target"
PRE = "arn:aws:lambda:eu-west-1:123456789012:function:before"
POST = "arn:aws:lambda:eu-west-1:123456789012:function:after"

NO_S3: Any = None

RUN: Final = Start(
    "run-1",
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    "arn:aws:states:us-east-1:123456789012:execution:tuning:one",
)
START: Final[dict[str, Any]] = asdict(RUN)
"""The same, as `plan_tuning` takes it."""


def used_function(**changes: Any) -> ModelFunction:
    """A function with a published version that an alias refers to, and no change since."""
    version = ModelVersion(changes.get("memory", 512), changes.get("description", "the user's"))
    return ModelFunction(
        memory=version.memory,
        description=version.description,
        aliases=changes.get("aliases", {"live": "7"}),
        versions={"7": version},
        counter=7,
        last_published="7",
    )


class FaultyLambda(_Anything):
    """Passes calls on to a Lambda in memory, and first asks `fault` whether this one fails."""

    def __init__(
        self,
        run: Callable[[ModelCall], ModelOutcome] | None = None,
        function: ModelFunction | None = None,
        fault: Callable[[int, str], Exception | None] | None = None,
    ) -> None:
        functions = {arn: function or used_function() for arn in (ARN,)} | {
            PRE: ModelFunction(),
            POST: ModelFunction(),
        }
        self.model = InMemoryLambda(functions, run or PerformanceModel().run)
        self.fault = fault or (lambda number, method: None)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sleep = self.model.sleep
        self._lock = threading.Lock()

    def __getattr__(self, method: str) -> Callable[..., Any]:
        target = getattr(self.model, method)

        def call(*names: str, **parameters: Any) -> Any:
            with self._lock:
                self.calls.append((method, parameters))
                number = len(self.calls)
            error = self.fault(number, method)
            if error is not None:
                raise error
            return target(*names, **parameters)

        return call

    @property
    def function(self) -> ModelFunction:
        return self.model.functions[ARN]

    def made(self, method: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == method]

    def state(self) -> tuple[int, str | None, dict[str, str], dict[str, ModelVersion]]:
        """What a run must leave as it found it."""
        function = copy.deepcopy(self.function)
        return function.memory, function.description, function.aliases, function.versions


class Objects:
    """An S3 that holds texts; None is an object that may not be read."""

    def __init__(self, **objects: bytes | None) -> None:
        self.objects = objects
        self.asked: list[tuple[str, str]] = []

    def get_object(self, *, Bucket: str, Key: str) -> Any:
        self.asked.append((Bucket, Key))
        if Key not in self.objects:
            raise ServiceError("NoSuchKey", "The specified key does not exist.")
        content = self.objects[Key]
        if content is None:
            raise ServiceError("AccessDenied", "Access Denied")
        return {"Body": io.BytesIO(content)}


def anywhere(lambda_: Any) -> LambdaIn:
    """One Lambda for all regions."""
    return lambda region: lambda_


def plan_for(lambda_: Any, run_id: str = "run-1", *, s3: Any = NO_S3, **fields: Any) -> TuningPlan:
    given = {"lambdaARN": ARN, "num": 5, "powerValues": [128, 512, 1024], **fields}
    return planned(replace(RUN, run_id=run_id), given, anywhere(lambda_), s3)


def throttled() -> ServiceError:
    return ServiceError("TooManyRequestsException", "Rate exceeded")
