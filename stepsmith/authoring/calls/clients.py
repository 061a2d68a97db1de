"""Clients of AWS services as keyword-only parameters of tasks, filled in when the task is called."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
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


@contextmanager
def using_clients(source: ClientSource) -> Generator[None]:
    """Take clients from `source` in this context."""
    token = _current.set(source)
    try:
        yield
    finally:
        _current.reset(token)


def fall_back_on(source: ClientSource) -> None:
    """Name where clients come from when no source is in use, as in a deployed Lambda function."""
    _fallback[:] = [source]


def current_client(service: str) -> object:
    """Give the client of a service from the source in use. Raises StepsmithError where there is none."""
    source = _current.get() or (_fallback[0] if _fallback else None)
    if source is None:
        raise StepsmithError(
            f"no client for {service!r}: pass it by keyword, or call inside using_clients(...)"
        )
    return source(service)
