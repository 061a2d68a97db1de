"""Mails that a test's workflows send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordedMail:
    """A mail that was sent."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str


class RecordingSes:
    """A client of SES that keeps what is sent through `send_email` and passes every call on."""

    def __init__(self, client: Any, sent: list[RecordedMail]) -> None:
        self._client = client
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def send_email(self, **mail: Any) -> Any:
        """Send a mail and keep it; one that SES refuses is not kept."""
        answer = self._client.send_email(**mail)
        message, body = mail.get("Message", {}), mail.get("Message", {}).get("Body", {})
        self._sent.append(
            RecordedMail(
                sender=mail.get("Source", ""),
                to=tuple(mail.get("Destination", {}).get("ToAddresses", ())),
                subject=message.get("Subject", {}).get("Data", ""),
                text=body.get("Text", body.get("Html", {})).get("Data", ""),
            )
        )
        return answer
