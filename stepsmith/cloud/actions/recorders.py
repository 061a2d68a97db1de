"""What writes executions down, as those see it that drive them; and what is refused here and now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import Status
from stepsmith.engine.ports import Answer, Command
from stepsmith.expressions.types import Json
from stepsmith.integrations.dispatch import refusal
from stepsmith.store import Refuse

if TYPE_CHECKING:
    from stepsmith.store import Input


class Recorder(Protocol):
    """Writes the steps of one execution to a journal, where there is one."""

    @property
    def number(self) -> int:
        """The number of the execution in the journal."""
        ...

    def step(self, at: float, inputs: Sequence[Input], told: Sequence[Input] = ()) -> list[Command]:
        """Tell the execution something and give what comes of it; `told` is what it has been told at this instant."""
        ...

    def ask(self, answer: Answer) -> int:
        """Keep an answer that somebody has sent until a step takes it; gives its number."""
        ...

    def take(self, asked: int) -> None:
        """Take an answer that was kept, with the next step."""
        ...


class Recorded(Protocol):
    """What a journal says of an execution before it is played back."""

    @property
    def arn(self) -> str:
        """Its ARN."""
        ...

    @property
    def status(self) -> Status:
        """How it stands, or how it has ended."""
        ...

    @property
    def stopped(self) -> float | None:
        """When it has ended."""
        ...

    def play(self) -> tuple[Run, Recorder]:
        """Play it back; raises StepsmithError where that cannot be done."""
        ...


class Refusals:
    """Says why a task cannot be scheduled, and says the same again when its execution is played back.

    Whether an activity is there is asked when a task is scheduled, and written down where it is not.
    """

    def __init__(self, ask: Callable[[str, Json], str | None]) -> None:
        self._ask = ask
        self._said: list[Refuse] = []
        self._known: dict[str, str] | None = None

    def __call__(self, resource: str, payload: Json) -> str | None:
        """Give the reason; None where there is none."""
        if ":activity:" not in resource:
            return refusal(resource, payload)
        if self._known is not None:
            return self._known.get(resource)
        cause = self._ask(resource, payload)
        if cause is not None:
            self._said.append(Refuse(resource, cause))
        return cause

    def repeat(self, inputs: Iterable[Input]) -> None:
        """Say what was said in a step that is taken again."""
        self._known = {each.resource: each.cause for each in inputs if isinstance(each, Refuse)}

    def go_on(self) -> None:
        """Ask again from now on."""
        self._known = None

    def take(self) -> list[Refuse]:
        """Give what was said since the last time."""
        said, self._said = self._said, []
        return said
