"""The history of an execution as a list of events in AWS's shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, overload

from stepsmith.engine.history.events import events
from stepsmith.engine.history.records import History
from stepsmith.errors import InvalidInput, nearest
from stepsmith.expressions.types import Json

EVENT_TYPES: Final = frozenset(
    [
        *(
            f"Execution{each}"
            for each in ("Started", "Succeeded", "Failed", "TimedOut", "Aborted", "Redriven")
        ),
        *(
            f"{kind}State{each}"
            for kind in ("Pass", "Task", "Choice", "Wait", "Succeed", "Parallel", "Map")
            for each in ("Entered", "Exited")
        ),
        *("FailStateEntered", "TaskStateAborted", "WaitStateAborted", "EvaluationFailed"),
        *(
            f"{kind}State{each}"
            for kind in ("Parallel", "Map")
            for each in ("Started", "Succeeded", "Failed", "Aborted")
        ),
        *(f"MapIteration{each}" for each in ("Started", "Succeeded", "Failed", "Aborted")),
        *(f"MapRun{each}" for each in ("Started", "Succeeded", "Failed", "Aborted", "Redriven")),
        *(
            f"{kind}{each}"
            for kind in ("Activity", "LambdaFunction", "Task")
            for each in ("Scheduled", "Started", "Succeeded", "Failed", "TimedOut")
        ),
        *("ActivityScheduleFailed", "LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed"),
        *("TaskSubmitted", "TaskSubmitFailed", "TaskStartFailed"),
    ]
)
"""The types of events that AWS has."""
Event = dict[str, Json]
"""One event, as GetExecutionHistory gives it; the timestamp is in seconds since 1970."""


class Events(Sequence[Event]):
    """The events of one execution, rendered when they are looked at."""

    def __init__(self, history: History) -> None:
        self._history = history

    def __len__(self) -> int:
        return len(self._history)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return events(self._history, start=start + 1, limit=max(0, stop - start))
            return [self[each] for each in range(start, stop, step)]
        place = index if index >= 0 else len(self) + index
        if not 0 <= place < len(self):
            raise IndexError(f"event {index} of {len(self)}")
        return events(self._history, start=place + 1, limit=1)[0]

    def of(self, *types: str) -> list[Event]:
        """Return the events of types such as `TaskStateEntered`; raises InvalidInput for a type that AWS lacks."""
        for type in types:
            if type not in EVENT_TYPES:
                hint = nearest(type, EVENT_TYPES, otherwise="they are")
                raise InvalidInput(f"there are no events of the type {type!r}{hint}")
        return [event for event in self if event["type"] in types]

    def __repr__(self) -> str:
        return f"<{len(self)} events>"
