"""Mails that SES takes: kept to be looked at, since nothing leaves a local cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from typing import Any

from stepsmith.cloud.services import Caller
from stepsmith.cloud.topics.publishing import Sent


class Mails:
    """Hears of the calls of SES, of both versions of its API."""

    def __init__(self, keep: Callable[[Sent], None]) -> None:
        self._keep = keep

    def heard(
        self, operation: str, given: Mapping[str, Any], answer: Mapping[str, Any], caller: Caller
    ) -> None:
        """Keep what was sent, once for each of those it was sent to."""
        destination: Mapping[str, Any] = given.get("Destination") or {}
        to = [
            each
            for name in ("ToAddresses", "CcAddresses", "BccAddresses")
            for each in destination.get(name, ())
        ]
        content: Mapping[str, Any] = given.get("Content") or {}
        if operation == "SendEmail" and "Simple" in content:
            self._send(to, *_texts(content["Simple"]))
        elif operation == "SendEmail" and "Message" in given:
            self._send(to, *_texts(given["Message"]))
        elif operation in {"SendEmail", "SendRawEmail"}:
            raw: Mapping[str, Any] = content.get("Raw") or given.get("RawMessage") or {}
            self._send_raw(list(given.get("Destinations") or to), raw.get("Data", b""))

    def _send(self, to: list[str], subject: str, text: str) -> None:
        for each in to:
            self._keep(Sent("email", each, text, subject))

    def _send_raw(self, to: list[str], data: bytes | str) -> None:
        message = message_from_bytes(data.encode() if isinstance(data, str) else data, policy=policy.default)
        body = message.get_body(("plain", "html"))
        named = [each.strip() for each in str(message.get("To", "")).split(",") if each.strip()]
        self._send(to or named, str(message.get("Subject", "")), _text(body))


def _texts(message: Mapping[str, Any]) -> tuple[str, str]:
    """Give subject and text of a mail; of one that is HTML only, that."""
    body: Mapping[str, Any] = message.get("Body") or {}
    chosen: Mapping[str, str] = body.get("Text") or body.get("Html") or {}
    return str(message["Subject"]["Data"]), chosen.get("Data", "")


def _text(body: Any) -> str:
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""
