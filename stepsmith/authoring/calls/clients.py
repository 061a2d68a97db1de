"""Clients of AWS services as keyword-only parameters of tasks, filled in when the task is called."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from typing import Any, TypeAlias

from stepsmith.errors import StepsmithError
from stepsmith.frozen import frozen

ClientSource: TypeAlias = Callable[[str], object]
"""Gives the client of a service, named as in `boto3.client(service)`."""


@frozen
class ClientDefault:
    """The default value of a parameter that takes a client."""

    service: str


def client(service: str) -> Any:
    """Mark a keyword-only parameter of a task as the client of an AWS service: `s3: "S3Client" = client("s3")`."""
    return ClientDefault(service)


_current: ContextVar[ClientSource | None] = ContextVar("clients", default=None)
_fallback: list[ClientSource] = []


def using_clients(source: ClientSource) -> AbstractContextManager[None]:
    """Take clients from `source` in this context."""
    return _Using(source)


class _Using(AbstractContextManager[None]):
    """A context with a source; written out, since it is entered for every task."""

    __slots__ = ("_before", "_source")

    def __init__(self, source: ClientSource) -> None:
        self._source = source
        self._before: Token[ClientSource | None] | None = None

    def __enter__(self) -> None:
        self._before = _current.set(self._source)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _current.reset(self._before)


def is_used(source: ClientSource) -> bool:
    """Say whether clients are taken from `source` here."""
    return _current.get() is source


def fall_back_on(source: ClientSource) -> None:
    """Name where clients come from when no source is in use, as in a deployed Lambda function."""
    _fallback[:] = [source]


def current_source() -> ClientSource | None:
    """Give the source that is in use here."""
    return _current.get()


def current_client(service: str) -> object:
    """Give the client of a service from the source in use. Raises StepsmithError where there is none."""
    source = _current.get() or (_fallback[0] if _fallback else None)
    if source is None:
        raise StepsmithError(
            f"no client for {service!r}: pass it by keyword, or call inside using_clients(...)"
        )
    return source(service)
