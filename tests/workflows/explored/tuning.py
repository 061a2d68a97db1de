"""Power tuning: the function is as it was, whatever went wrong."""

from typing import Any

from stepsmith.testing import Ending, Mishap
from tasks.power_tuning.local.performance_model import PerformanceModel
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda, Objects
from tests.workflows.explored.cases import Case
from workflows.power_tuning import power_tuning


class Account:
    """A function that somebody uses."""

    def __init__(self) -> None:
        self.lambda_ = FaultyLambda(run=PerformanceModel(noise=0).run)
        self.before = self.lambda_.state()

    @property
    def clients(self) -> dict[str, Any]:
        return {"lambda": self.lambda_, "s3": Objects()}

    def snapshot(self) -> object:
        return self.lambda_.state(), self.lambda_.function.counter


def the_function_is_as_it_was(ending: Ending[Account]) -> None:
    [execution] = ending.executions
    given: Any = execution.input
    if given.get("autoOptimize") and execution.status != "ABORTED":
        return
    assert ending.world.lambda_.state() == ending.world.before


def somebody_cleans_up(mishap: Mishap) -> bool:
    """Leave out after what `clean_up` is run by hand: an abort, and a failure of the cleaning itself.

    So is that versions are published later: Lambda stops a function before its state gives up.
    """
    late = mishap.does in ("works when it has timed out", "works again later")
    if mishap.at.startswith("Clean up"):
        return mishap.does.startswith(("is aborted", "keeps", "fails with Forbidden", "fails with NotFound"))
    return mishap.does.startswith("is aborted") or (late and mishap.at == "Publish versions")


def tuned(**fields: Any) -> Case:
    given = {"lambdaARN": ARN, "num": 5, "powerValues": [128, 512], **fields}
    return Case(
        workflow=power_tuning,
        inputs=[given],
        world=Account,
        holds=the_function_is_as_it_was,
        skip=somebody_cleans_up,
    )


CASES = {"a function": tuned()}
