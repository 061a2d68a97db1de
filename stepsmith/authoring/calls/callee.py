"""What a task is to those that call it and are below it: plain runs and explicit states."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal, Protocol, TypeAlias

from stepsmith.authoring.calls.boundary import Boundary
from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.calls.retries import Retry
from stepsmith.expressions.types import Json

INVOKE: Final = "arn:aws:states:::lambda:invoke"
TOKEN: Final = "token"  # noqa: S105 - the name of a member, not a secret
Kind: TypeAlias = Literal["function", "callback", "integration"]


class TaskToken(str):
    """What a callback task hands out, and what must come back with the answer."""

    __slots__ = ()


class Callee(Protocol):
    """A task, as plain runs and explicit states see it."""

    @property
    def kind(self) -> Kind:
        """Whether it is invoked, waited for by its token, or a call of AWS itself."""
        ...

    @property
    def waits(self) -> bool:
        """Whether its result is what somebody answers its token with."""
        ...

    @property
    def resource(self) -> str:
        """The Resource of its Task states."""
        ...

    @property
    def function_name(self) -> str:
        """The name of its function."""
        ...

    @property
    def boundary(self) -> Boundary:
        """Its signature as JSON sees it."""
        ...

    @property
    def result(self) -> Converter:
        """The converter of what its callers get."""
        ...

    @property
    def retry(self) -> tuple[Retry, ...]:
        """When it is called again."""
        ...

    @property
    def timeout(self) -> timedelta | None:
        """How long it may take."""
        ...

    @property
    def heartbeat(self) -> timedelta | None:
        """How often it must say that it goes on."""
        ...

    def handle(self, payload: Json, **clients: object) -> Json:
        """Take a JSON payload and give the JSON result."""
        ...

    def submit(self, token: str, payload: dict[str, Json], **clients: object) -> None:
        """Call the function of a callback task with its task token."""
        ...
