"""What the workers of mappings have in common: calling the function, and coming back in time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stepsmith.cloud.agenda import Agenda, Reminder
from stepsmith.cloud.functions.calling import Outcome
from stepsmith.cloud.functions.function import Function, Version
from stepsmith.cloud.functions.service import Functions
from stepsmith.cloud.mappings.mapping import Mapping
from stepsmith.events.mappings import Answer, Raised, Returned
from stepsmith.expressions.types import Json

BUSY_SECONDS: Final = 1.0
"""When to ask again whether a function has time."""
_PROBLEM: Final = "PROBLEM: Function call failed"


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker works with."""

    agenda: Agenda
    functions: Functions
    give_up: Callable[[Mapping, str, dict[str, Json]], None]
    """Takes a mapping, the id of the shard and the record of what is given up."""


class Worker:
    """Carries out the calls of one mapping."""

    def __init__(self, mapping: Mapping, means: Means) -> None:
        self.mapping = mapping
        self.means = means
        self.is_closed = False
        self._reminder = Reminder(means.agenda, self.pull)

    def pull(self) -> None:
        """See what there is, and what is due."""
        raise NotImplementedError

    def close(self) -> None:
        """Call nothing any more."""
        self.is_closed = True

    @property
    def is_working(self) -> bool:
        """Whether the mapping is enabled."""
        return self.mapping.is_enabled and not self.is_closed

    def come_back(self, at: float | None) -> None:
        """Look again at an instant; sooner ones are kept."""
        self._reminder.at(at)

    def target(self) -> tuple[Function, Version] | None:
        """Find the function, and the version that is called."""
        return self.means.functions.find_version(self.mapping.function)

    def call(self, event: dict[str, Json], ended: Callable[[Answer, str], None]) -> None:
        """Call the function with an event; `ended` gets the answer and the id of the request."""
        found = self.target()
        if found is None:
            self.mapping.settings["LastProcessingResult"] = _PROBLEM
            self.means.agenda.soon(lambda: ended(Raised(), ""))
            return

        def end(outcome: Outcome) -> None:
            answer: Answer = Raised() if outcome.error else Returned(json.loads(outcome.payload))
            if self.mapping.is_stream:
                self.mapping.settings["LastProcessingResult"] = _PROBLEM if outcome.error else "OK"
            ended(answer, outcome.request_id)

        function, version = found
        self.means.functions.calls.begin(function, version, json.dumps(event), end)

    @property
    def is_busy(self) -> bool:
        """Whether the function takes no further call now."""
        found = self.target()
        return found is not None and found[0].is_busy
