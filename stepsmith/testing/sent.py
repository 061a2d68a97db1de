"""Mails and messages that a test's tasks send: through SES, and through SNS and SQS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from email.message import EmailMessage

    from stepsmith.integrations import ClientRegistry

Call: TypeAlias = Mapping[str, Any]
"""The arguments of a call of boto3, or its answer."""


@dataclass(frozen=True, slots=True)
class RecordedMail:
    """A mail that SES has taken."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """A message that SNS or SQS has taken."""

    to: str
    """The ARN of a topic or endpoint, a telephone number, or the URL of a queue."""
    text: str
    subject: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Its message attributes that are texts."""


@dataclass(slots=True)
class Sent:
    """What has been sent in a test so far; what a service refuses is not in it."""

    mails: list[RecordedMail] = field(default_factory=list[RecordedMail])
    messages: list[RecordedMessage] = field(default_factory=list[RecordedMessage])

    def listen(self, clients: ClientRegistry) -> None:
        """Take in what goes through these clients from now on."""
        keep_mail, keep = self.mails.extend, self.messages.extend
        listeners: dict[str, dict[str, Callable[[Call, Call], None]]] = {
            "ses": {
                "send_email": lambda call, _: keep_mail([_ses_mail(call)]),
                "send_raw_email": lambda call, _: keep_mail([_raw_mail(call)]),
            },
            "sesv2": {"send_email": lambda call, _: keep_mail(_sesv2_mails(call))},
            "sns": {
                "publish": lambda call, _: keep([_sns_message(call)]),
                "publish_batch": lambda call, answer: keep(
                    _sns_message({**call, **entry})
                    for entry in _taken(call["PublishBatchRequestEntries"], answer)
                ),
            },
            "sqs": {
                "send_message": lambda call, _: keep([_sqs_message(call)]),
                "send_message_batch": lambda call, answer: keep(
                    _sqs_message({**call, **entry}) for entry in _taken(call["Entries"], answer)
                ),
            },
        }
        for service, methods in listeners.items():
            clients.wrap(service, lambda client, methods=methods: _Overheard(client, methods))


class _Overheard:
    """A client whose calls of some methods are listened to when they have succeeded."""

    def __init__(self, client: Any, methods: Mapping[str, Callable[[Call, Call], None]]) -> None:
        self._client = client
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        listener = self._methods.get(name)
        if listener is None:
            return method

        def call(**arguments: Any) -> Any:
            answer = method(**arguments)
            listener(arguments, answer)
            return answer

        return call


def _ses_mail(call: Call) -> RecordedMail:
    return _mail(call.get("Source", ""), call.get("Destination", {}), call.get("Message", {}))


def _sesv2_mails(call: Call) -> list[RecordedMail]:
    content = call.get("Content", {})
    if "Raw" in content:
        return [_read(content["Raw"]["Data"], call.get("FromEmailAddress"), call.get("Destination"))]
    return [_mail(call.get("FromEmailAddress", ""), call.get("Destination", {}), content.get("Simple", {}))]


def _mail(sender: str, destination: Call, message: Call) -> RecordedMail:
    body = message.get("Body", {})
    return RecordedMail(
        sender=sender,
        to=tuple(destination.get("ToAddresses", ())),
        subject=message.get("Subject", {}).get("Data", ""),
        text=body.get("Text", body.get("Html", {})).get("Data", ""),
    )


def _raw_mail(call: Call) -> RecordedMail:
    return _read(call["RawMessage"]["Data"], call.get("Source"), {"ToAddresses": call.get("Destinations")})


def _read(data: bytes | str, sender: str | None, destination: Call | None) -> RecordedMail:
    """Read a mail that was written out; what the call says of sender and addressees counts before its headers."""
    from email import message_from_bytes, policy

    mail: EmailMessage = message_from_bytes(
        data.encode() if isinstance(data, str) else data, policy=policy.default
    )
    body = mail.get_body(preferencelist=("plain", "html"))
    to = (destination or {}).get("ToAddresses") or [
        each.strip() for each in str(mail["To"] or "").split(",") if each.strip()
    ]
    return RecordedMail(
        sender=sender or str(mail["From"] or ""),
        to=tuple(to),
        subject=str(mail["Subject"] or ""),
        text="" if body is None else body.get_content(),
    )


def _sns_message(call: Call) -> RecordedMessage:
    to = call.get("TopicArn") or call.get("TargetArn") or call.get("PhoneNumber") or ""
    return RecordedMessage(to, call.get("Message", ""), call.get("Subject", ""), _attributes(call))


def _sqs_message(call: Call) -> RecordedMessage:
    return RecordedMessage(call.get("QueueUrl", ""), call.get("MessageBody", ""), "", _attributes(call))


def _attributes(call: Call) -> dict[str, str]:
    given: Mapping[str, Mapping[str, Any]] = call.get("MessageAttributes") or {}
    return {name: value["StringValue"] for name, value in given.items() if "StringValue" in value}


def _taken(entries: list[Call], answer: Call) -> Iterator[Call]:
    taken = {each["Id"] for each in answer.get("Successful", ())}
    return (entry for entry in entries if entry["Id"] in taken)
