"""Pages of answers: tokens say where the next page begins, and nobody but this service can make one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from itertools import dropwhile
from typing import Any, Final, TypeVar

from stepsmith.cloud.actions.refusals import invalid_token

T = TypeVar("T")
DEFAULT: Final = 100
"""Items of a page where nobody says how many, and where 0 is asked for."""


class Pages:
    """Makes pages; its tokens are good for it alone, and for the same question alone."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def page(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        found: Iterable[tuple[int, T]],
        *,
        is_descending: bool = False,
    ) -> tuple[list[T], dict[str, object]]:
        """Return the items of the page that a request asks for, and the member that leads to the next one.

        `found` gives all items with a number each, in the order of their numbers. Raises InvalidToken.
        """
        most, last = parameters.get("maxResults") or DEFAULT, self.last(operation, parameters)
        if last is not None:
            found = dropwhile(lambda each: (each[0] >= last) if is_descending else (each[0] <= last), found)
        items: list[T] = []
        number = 0
        for each, item in found:
            if len(items) == most:
                return items, {"nextToken": self._token(number, operation, parameters)}
            items.append(item)
            number = each
        return items, {}

    def last(self, operation: str, parameters: Mapping[str, Any]) -> int | None:
        """Return the number of the last item of the page before; None on the first page. Raises InvalidToken."""
        token = parameters.get("nextToken")
        if token is None:
            return None
        try:
            text, _, seal = base64.b64decode(token, altchars=b"-_", validate=True).partition(b".")
        except (ValueError, binascii.Error):
            raise invalid_token() from None
        if not hmac.compare_digest(seal, self._seal(text, operation, parameters)):
            raise invalid_token()
        return int(text)

    def _token(self, number: int, operation: str, parameters: Mapping[str, Any]) -> str:
        text = str(number).encode()
        return base64.urlsafe_b64encode(text + b"." + self._seal(text, operation, parameters)).decode()

    def _seal(self, text: bytes, operation: str, parameters: Mapping[str, Any]) -> bytes:
        question = {
            name: each for name, each in parameters.items() if name not in ("nextToken", "maxResults")
        }
        asked = json.dumps([operation, question], sort_keys=True, default=str).encode()
        return hmac.digest(self._key, text + b"\0" + asked, hashlib.sha256)
