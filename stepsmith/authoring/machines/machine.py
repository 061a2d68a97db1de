"""State machines made of explicit states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, final

from stepsmith.asl import model, parse, to_json
from stepsmith.asl.model import QueryLanguage
from stepsmith.authoring.calls.retries import whole_seconds
from stepsmith.authoring.explicit.chain import Flow
from stepsmith.authoring.explicit.items import check_items
from stepsmith.authoring.lowered.build import Built, build
from stepsmith.authoring.lowered.uses import check_assigned, check_hidden
from stepsmith.authoring.machines.link import link, tasks_of
from stepsmith.authoring.tasks.task import Task
from stepsmith.expressions.typed.tree import Span


@final
class StateMachine:
    """A state machine under a name.

    Raises DefinitionError for mistakes in its states, and InvalidDefinition for what AWS would refuse.
    """

    __slots__ = ("_built", "_tasks", "name")

    def __init__(
        self,
        name: str,
        definition: Flow[Any],
        *,
        query_language: QueryLanguage = "JSONata",
        comment: str | None = None,
        timeout: timedelta | None = None,
    ) -> None:
        self.name = name
        seconds = None if timeout is None else whole_seconds("timeout", timeout)
        scope = link(definition)
        check_items(scope)
        check_assigned(scope)
        self._built = build(scope, query_language=query_language, comment=comment, timeout_seconds=seconds)
        written = to_json(self._built.machine)
        check_hidden(scope, written)
        parse(written)
        self._tasks = tasks_of(definition)

    @classmethod
    def from_json(cls, name: str, definition: str | bytes | Mapping[str, Any]) -> StateMachine:
        """Take a definition that is there, as text or JSON. Raises InvalidDefinition when AWS would refuse it."""
        machine = cls.__new__(cls)
        machine.name = name
        machine._built = Built(parse(definition), {})
        machine._tasks = {}
        return machine

    @property
    def definition(self) -> model.StateMachine:
        """The model."""
        return self._built.machine

    @property
    def spans(self) -> Mapping[str, Span]:
        """State name -> where it is written; empty for a definition that came as JSON."""
        return self._built.spans

    @property
    def tasks(self) -> Mapping[str, Task[..., Any]]:
        """Function name -> task, for every task that a state calls."""
        return self._tasks

    def to_json(self) -> str:
        """Give the definition as text, the same bytes for the same states; ends in a newline."""
        return to_json(self.definition)

    def __repr__(self) -> str:
        return f"<state machine {self.name}>"
