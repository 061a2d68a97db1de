"""What is refused of connections and API destinations, which are moto's otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from stepsmith.cloud.services import UNKNOWN, Caller, ServiceError

_NAME: Final = re.compile(r"[.\-_A-Za-z0-9]+", re.ASCII)
_LONGEST_NAME: Final = 64
_AUTHORIZATION: Final = ("BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY")
_METHODS: Final = ("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
CHECKED: Final = ("CreateApiDestination", "CreateConnection", "UpdateApiDestination", "UpdateConnection")
"""The operations whose parameters are checked here."""


def check_parameters(given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Raise ServiceError for what EventBridge refuses, and otherwise with the code that lets moto answer."""
    problems = [*_name(given), *_enum(given, "AuthorizationType", _AUTHORIZATION)]
    problems += _enum(given, "HttpMethod", _METHODS)
    if not problems:
        raise ServiceError(UNKNOWN, "moto answers this")
    noun = "validation error" if len(problems) == 1 else "validation errors"
    raise ServiceError("ValidationException", f"{len(problems)} {noun} detected: {'; '.join(problems)}")


def _name(given: Mapping[str, Any]) -> Iterator[str]:
    """Give what is wrong with a name, in the order that events test_create_connection_validations was recorded in."""
    name = str(given.get("Name", ""))
    start = f"Value '{name}' at 'name' failed to satisfy constraint: Member must"
    if _NAME.fullmatch(name) is None:
        yield rf"{start} satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
    if len(name) > _LONGEST_NAME:
        yield f"{start} have length less than or equal to {_LONGEST_NAME}"


def _enum(given: Mapping[str, Any], member: str, values: tuple[str, ...]) -> Iterator[str]:
    value = given.get(member)
    if value is not None and value not in values:
        place = member[0].lower() + member[1:]
        yield (
            f"Value '{value}' at '{place}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(values)}]"
        )
