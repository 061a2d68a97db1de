"""How many failed items a Map state puts up with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from stepsmith.asl.model import Map
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.values.failures import runtime
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.engine.kernel.frames import Frame
    from stepsmith.engine.kernel.run import Run


@frozen
class Tolerance:
    """ToleratedFailureCount and ToleratedFailurePercentage; None where absent."""

    count: int | None
    percentage: float | None

    def exceeded(self, failed: int, total: int) -> bool:
        """Tell whether so many failures among so many items are too many."""
        if self.count is None and self.percentage is None:
            return failed > 0
        if self.count is not None and failed > self.count:
            return True
        return self.percentage is not None and total > 0 and failed * 100 > self.percentage * total


ToleranceOf: TypeAlias = "Callable[[Run, Frame], Tolerance]"


def compile_tolerance(state: Map, *, query: bool) -> ToleranceOf | None:
    """Compile the fields of tolerated failures; None where there are none."""
    count_of = compile_number(
        "ToleratedFailureCount",
        state.tolerated_failure_count,
        state.tolerated_failure_count_path,
        query=query,
    )
    percentage_of = compile_number(
        "ToleratedFailurePercentage",
        state.tolerated_failure_percentage,
        state.tolerated_failure_percentage_path,
        query=query,
        whole=False,
    )
    if count_of is None and percentage_of is None:
        return None

    def tolerance(run: Run, frame: Frame) -> Tolerance:
        count = None if count_of is None else count_of(run, frame)
        percentage = None if percentage_of is None else percentage_of(run, frame)
        if count is not None and count < 0:
            raise runtime("ToleratedFailureCount cannot be negative.")
        if percentage is not None and not 0 <= percentage <= 100:
            raise runtime("ToleratedFailurePercentage must be between 0 and 100.")
        return Tolerance(count, percentage)

    return tolerance
