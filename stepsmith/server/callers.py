"""Who calls: the credential scope of a request says which region, which account and which service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from stepsmith.cloud.services import REGION, Caller

_ACCOUNT_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request says of whom it is from and for whom."""

    caller: Caller
    service: str | None
    """The name that the request is signed for, such as `states`; None where it is not signed."""


def scope_of(headers: Mapping[str, str], query: str, account: str) -> Scope:
    """Read the credential scope of a request; a key of twelve digits names the account."""
    credential = _in_header(headers.get("authorization", "")) or _in_query(query)
    parts = [] if credential is None else credential.split("/")
    if len(parts) < 5:
        return Scope(Caller(REGION, account), None)
    key, region, service = parts[0], parts[-3], parts[-2]
    named = key if len(key) == _ACCOUNT_DIGITS and key.isascii() and key.isdecimal() else account
    return Scope(Caller(_region(region), named), service)


def _region(text: str) -> str:
    is_name = text.isascii() and all(each.isalnum() or each == "-" for each in text)
    return text if text and len(text) < 32 and is_name else REGION


def _in_header(text: str) -> str | None:
    _, found, rest = text.partition("Credential=")
    return rest.split(",")[0].split(" ")[0].strip() if found else None


def _in_query(query: str) -> str | None:
    if "X-Amz-Credential" not in query:
        return None
    found = parse_qs(query, max_num_fields=100).get("X-Amz-Credential")
    return found[0] if found else None
