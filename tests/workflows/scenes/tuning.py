"""Functions that are tuned, too small for the smallest size, and tried only."""

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tasks.power_tuning.local.performance_model import PerformanceModel
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda, Objects, anywhere
from tests.workflows.scenes.scene import Ran, Scene, World
from workflows.power_tuning import power_tuning


def tuning(*broken: str, needs_mb: int = 0, **fields: Any) -> Callable[[], AbstractContextManager[World]]:
    """A function with a version of its own and an alias, which must be there afterwards as they were before."""

    @contextmanager
    def open_world() -> Generator[World]:
        lambda_ = FaultyLambda(run=PerformanceModel(needs_mb=needs_mb, noise=0, init_ms=0).run)
        before = lambda_.state()

        def check(ran: Ran) -> None:
            if "clean_up" in (ran.task, *broken):
                _clean_up(ran, lambda_)
            memory, *rest = lambda_.state()
            assert rest == list(before[1:])
            if fields.get("autoOptimize") and ran.execution.status == "SUCCEEDED":
                assert memory == ran.execution.output["power"]
            elif ran.task != "optimise_function":
                assert memory == before[0]

        yield World(
            clients={"lambda": lambda_, "s3": Objects()},
            input={"lambdaARN": ARN, "num": 5, "powerValues": [128, 1024], **fields},
            check=check,
            records=lambda_.state,
            failing=broken,
        )

    return open_world


def _clean_up(ran: Ran, lambda_: FaultyLambda) -> None:
    """Do what the workflow tells people to do where cleaning failed for good."""
    for event in ran.execution.history:
        details: Any = event.get("stateExitedEventDetails", {})
        if details.get("name") == "Plan tuning" and "plan" in details.get("assignedVariables", {}):
            plan = json.loads(details["assignedVariables"]["plan"])
            power_tuning.tasks["clean_up"].handle({"plan": plan}, lambda_in=anywhere(lambda_))


TUNING = Scene(
    workflow=power_tuning,
    routes={
        "optimised": tuning(autoOptimize=True),
        "recommended": tuning(strategy="speed"),
        "tried": tuning(dryRun=True),
        "too small": tuning(needs_mb=256),
        "not published": tuning("publish_versions"),
        "not cleaned up": tuning("clean_up"),
    },
)
