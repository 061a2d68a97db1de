"""Which attempt of a task is under way, as its function may ask."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final, Protocol


class Call(Protocol):
    """One attempt of a task."""

    @property
    def id(self) -> int:
        """Its number, for whoever carries it out."""
        ...

    @property
    def idempotency_token(self) -> str:
        """The same again only when this very attempt is repeated."""
        ...


attempt: Final[ContextVar[Call | None]] = ContextVar("attempt", default=None)
"""The attempt that is under way in this context."""
caller: Final[ContextVar[object]] = ContextVar("caller", default=None)
"""Whoever carries out the attempts in this context; a variable of its own, since it changes less often than they do."""


def idempotency_token() -> str:
    """Give what tells a repetition of this attempt of a task from another attempt; called inside a task.

    A durable execution whose process ends while a task runs calls the task again, with the same token: give it to
    services that take one, or look whether its work is done. Each retry has another one. In a deployed Lambda function
    it is the id of the request; where a function is simply called, it is another one each time.
    """
    from uuid import uuid4

    current = attempt.get()
    return str(uuid4()) if current is None else current.idempotency_token
