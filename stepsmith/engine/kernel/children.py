"""What an execution, its Map Runs and their child executions know of one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from stepsmith.engine.history.records import History
from stepsmith.expressions.types import Json, Undefined
from stepsmith.frozen import frozen


@frozen
class Tolerance:
    """ToleratedFailureCount and ToleratedFailurePercentage; None where absent.

    To AWS, 0 is as good as absent: the other one alone counts (machines/sfnx/tolerated-1of3-count0-percent50).
    """

    count: int | None
    percentage: float | None

    def exceeded(self, failed: int, total: int) -> bool:
        """Tell whether so many failures among so many items are too many."""
        if not self.count and not self.percentage:
            return failed > 0
        if self.count and failed > self.count:
            return True
        return bool(self.percentage) and total > 0 and failed * 100 > self.percentage * total


class Child(Protocol):
    """A child execution of a distributed Map, as its Map Run sees it."""

    name: str
    history: History
    input: Json
    output: Json | Undefined
    error: str | None
    cause: str | None
    started: float
    stopped: float | None
    now: float
    redrive_count: int

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        ...

    @property
    def machine_arn(self) -> str:
        """The ARN of its state machine, which is a part of its parent's."""
        ...

    @property
    def status(self) -> str:
        """How it stands, or how it ended."""
        ...

    def abandon(self) -> None:
        """End it without a word to the Map Run."""
        ...

    def redo(self, now: float, on_end: Callable[[Child], None]) -> None:
        """Run it again from the states that did not succeed, and say when it has ended."""
        ...


class DescribedMapRun(Protocol):
    """A Map Run as DescribeMapRun shows it."""

    arn: str
    label: str
    status: str
    started: float
    stopped: float | None
    redrive_count: int
    max_concurrency: int
    tolerance: Tolerance
    redriven: float | None

    @property
    def known_children(self) -> tuple[Child, ...]:
        """Children in the order of their start, where they are kept."""
        ...

    def items_of(self, child: Child) -> int:
        """Return how many items a child has."""
        ...

    def update(self, concurrency: int | None, count: int | None, percentage: float | None) -> None:
        """Change what bounds it; None changes nothing."""
        ...

    @property
    def execution_counts(self) -> dict[str, int]:
        """Children by status."""
        ...

    @property
    def item_counts(self) -> dict[str, int]:
        """Items by the status of their child."""
        ...
