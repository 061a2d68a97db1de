"""Clients of AWS services as keyword-only parameters of tasks, filled in when the task is called."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from typing import Any, Protocol, TypeAlias, runtime_checkable

from stepsmith.errors import InvalidInput, StepsmithError
from stepsmith.frozen import frozen

ClientSource: TypeAlias = Callable[[str], object]
"""Gives the client of a service, named as in `boto3.client(service)`."""


@runtime_checkable
class RegionalSource(Protocol):
    """A source whose clients are to be had in other regions, too."""

    def in_region(self, region: str) -> ClientSource:
        """Return the source of a region."""
        ...


@frozen
class ClientDefault:
    """The default value of a parameter that takes a client, or with `by_region` what gives one in a region."""

    service: str
    by_region: bool = False


def client(service: str) -> Any:
    """Mark a keyword-only parameter of a task as the client of an AWS service: `s3: "S3Client" = client("s3")`."""
    return ClientDefault(service)


def client_by_region(service: str) -> Any:
    """Mark a keyword-only parameter of a task as what gives the client of an AWS service in a region.

    `lambda_in: "Callable[[str], LambdaClient]" = client_by_region("lambda")` is called as `lambda_in("eu-west-1")`, for
    work on what the input names by an ARN.
    """
    return ClientDefault(service, by_region=True)


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
    return _source_of(service)(service)


def current_client_by_region(service: str) -> Callable[[str], object]:
    """Give what gives the client of a service in a region, from the source in use.

    Raises StepsmithError where there is no source; and where it is called, InvalidInput for a client of another region.
    """
    source = _source_of(service)

    def in_region(region: str) -> object:
        found = (source.in_region(region) if isinstance(source, RegionalSource) else source)(service)
        own = getattr(getattr(found, "meta", None), "region_name", region)
        if own != region:
            raise InvalidInput(
                f"the client of {service!r} that was given is in {own}, and {region} is needed"
            )
        return found

    return in_region


def filled_in(default: ClientDefault) -> object:
    """Give what a parameter with this default is called with."""
    return current_client_by_region(default.service) if default.by_region else current_client(default.service)


def _source_of(service: str) -> ClientSource:
    source = _current.get() or (_fallback[0] if _fallback else None)
    if source is None:
        raise StepsmithError(
            f"no client for {service!r}: pass it by keyword, or call inside using_clients(...)"
        )
    return source
