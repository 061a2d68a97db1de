"""One thing that is explored: executions of a workflow on a world, and what must hold of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.service import Execution
from stepsmith.testing import Ending, Exploration, Mishap, explore


@dataclass(frozen=True, kw_only=True)
class Case:
    """Executions on one world, and what must hold however they end."""

    workflow: Workflow[..., Any]
    inputs: Sequence[Mapping[str, Any]]
    world: Callable[[], Any]
    holds: Callable[[Ending[Any]], None]
    always: Callable[[Any], None] | None = None
    answers: Any = None
    skip: Callable[[Mishap], bool] | None = None
    """What no workflow can survive, with the reason in the docstring of the function."""
    most: int | None = None
    """How many plans the tests of every day play, where each takes long."""

    def explored(
        self,
        depth: int,
        *,
        seconds: float | None = None,
        plans: int | None = None,
        skip: Callable[[Mishap], bool] | None = None,
    ) -> Exploration:
        """Try everything that can go wrong, except for what `skip` leaves out besides."""
        left_out = [each for each in (inputs_are_good, self.skip, skip) if each is not None]
        return explore(
            self.workflow,
            self.inputs,
            holds=self.holds,
            always=self.always,
            world=self.world,
            answers=self.answers,
            skip=lambda mishap: any(each(mishap) for each in left_out),
            depth=depth,
            plans=plans,
            seconds=seconds,
        )


def inputs_are_good(mishap: Mishap) -> bool:
    """Leave out that an input or an event does not fit: those here do, and what does not stores nothing."""
    return mishap.does.endswith("with InvalidInput") and mishap.at != "Validate application"


NAMES_ALIKE = ("Lambda.", "Sandbox.", "Unavailable")


def is_for_the_night(mishap: Mishap) -> bool:
    """Leave out the names of faults that every task here retries as it does Throttled."""
    return any(f"with {name}" in mishap.does for name in NAMES_ALIKE)


def is_about_order(mishap: Mishap) -> bool:
    """Say whether a mishap is another order or an end, and no failure."""
    return "first" in mishap.does or "starts" in mishap.does or mishap.does.startswith("is aborted")


def given(execution: Execution[Any]) -> Any:
    """Give the input of an execution."""
    return execution.input


def answer(execution: Execution[Any]) -> Any:
    """Give the output of an execution."""
    return execution.output
