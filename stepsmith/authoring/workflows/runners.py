"""What runs compiled workflows, and what it gives back; the service registers itself here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json

R_co = TypeVar("R_co", covariant=True)
W_contra = TypeVar("W_contra", contravariant=True)


class Execution(Protocol[R_co]):
    """An execution that has ended."""

    @property
    def status(self) -> str:
        """SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
        ...

    @property
    def output(self) -> Json:
        """The output; None unless it succeeded."""
        ...

    @property
    def error(self) -> str | None:
        """The error name, when it failed."""
        ...

    @property
    def cause(self) -> str | None:
        """The cause, when it failed."""
        ...

    @property
    def history(self) -> Sequence[Mapping[str, Any]]:
        """The history events as AWS gives them."""
        ...

    @property
    def path(self) -> list[str]:
        """The names of the states entered, in order."""
        ...

    @property
    def elapsed(self) -> timedelta:
        """Virtual time from start to end."""
        ...

    @property
    def ending(self) -> Execution[Json] | None:
        """The execution of what its workflow names as `ended`; None where it has succeeded."""
        ...

    @property
    def failed_state(self) -> str | None:
        """The innermost state that made it fail."""
        ...

    @property
    def children(self) -> Sequence[Execution[Any]]:
        """The executions that its tasks have started, in the order of their start."""
        ...

    def child(self, name: str) -> Execution[Any]:
        """Return the latest execution that it has started of a machine, or under a name; raises NotFound."""
        ...

    def task_calls(self, task: Any = None) -> Sequence[Any]:
        """Give the attempts of a task, itself or by the name of its state or function, or of every task, in order."""
        ...

    def result(self) -> R_co:
        """Give the output as the annotated type, or raise what the workflow raised."""
        ...


class LiveExecution(Protocol[R_co]):
    """An execution that goes on."""

    def wait(self, timeout: float | None = None) -> Execution[R_co]:
        """Wait until it ends; `timeout` in seconds."""
        ...

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Stop it."""
        ...


class Runner(Protocol[W_contra]):
    """Runs compiled workflows, of the kind it is for."""

    def run(self, workflow: W_contra, input: Mapping[str, Json], options: Mapping[str, Any]) -> Any:
        """Run to the end and give the Execution."""
        ...

    def start(self, workflow: W_contra, input: Mapping[str, Json], backend: object) -> Any:
        """Start and give the LiveExecution."""
        ...

    def show(self, workflow: W_contra) -> dict[str, str]:
        """Give the pictures and texts of a workflow by MIME type."""
        ...


class Simulated(Protocol):
    """The figures of executions that were simulated."""

    @property
    def executions(self) -> int:
        """How many there were."""
        ...

    @property
    def succeeded(self) -> float:
        """The share of them that succeeded."""
        ...

    @property
    def cost_of_month(self) -> float:
        """Dollars for a month of arrivals at this rate."""
        ...

    def quantile(self, share: float) -> float:
        """Return the duration, in seconds, that a share of them does not exceed."""
        ...

    def text(self) -> str:
        """Return the figures for people."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON; times in seconds, money in dollars."""
        ...

    def svg(self) -> str:
        """Return the histogram as a picture."""
        ...


class Simulator(Protocol):
    """Simulates executions, of the kind of workflow it is for."""

    def __call__(
        self,
        target: Any,
        /,
        *,
        executions: int,
        model: Any,
        histories: Sequence[Any],
        change: Mapping[str, Json] | None,
        seed: int,
        region: str,
    ) -> Simulated:
        """Simulate so many."""
        ...


_simulators: list[Callable[[], Simulator]] = []


def register_simulator(load: Callable[[], Simulator]) -> None:
    """Name what gives the simulator; called when the first workflow is simulated."""
    _simulators[:] = [load]


def simulator() -> Simulator:
    """Give the registered simulator. Raises StepsmithError where there is none."""
    if not _simulators:
        raise StepsmithError("nothing is registered to simulate workflows; import stepsmith first")
    return _simulators[0]()


_runners: list[Callable[[], Runner[Any]]] = []


def register_runner(load: Callable[[], Runner[Any]]) -> None:
    """Name what gives the runner; called when the first workflow runs."""
    _runners[:] = [load]


def runner() -> Runner[Any]:
    """Give the registered runner. Raises StepsmithError where there is none."""
    if not _runners:
        raise StepsmithError("nothing is registered to run workflows; import stepsmith first")
    return _runners[0]()
