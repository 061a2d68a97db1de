"""The way of a message to everybody who is subscribed and whose filter it passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.topics.envelopes import Published, envelope, event
from stepsmith.cloud.topics.topic import Subscription, Topic

DEDUPLICATION_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to people or to addresses outside: nothing leaves a local cloud, it is kept to be looked at."""

    protocol: str
    """`email`, `email-json`, `sms`, `http`, `https` or `application`."""
    to: str
    text: str
    subject: str | None = None


class Post:
    """Delivers messages, each subscriber on its own."""

    def __init__(self, agenda: Agenda, deliveries: Deliveries, sent: Callable[[Sent], None]) -> None:
        self._agenda = agenda
        self._deliveries = deliveries
        self._sent = sent
        self._seen: dict[tuple[str, str], tuple[float, Published]] = {}

    def seen(self, topic: Topic, deduplication: str) -> Published | None:
        """Give the message that was published with the same id within five minutes."""
        key, now = (topic.arn, deduplication), self._agenda.now()
        for old in [each for each, (until, _) in self._seen.items() if until <= now]:
            del self._seen[old]
        found = self._seen.get(key)
        return found[1] if found else None

    def publish(self, topic: Topic, message: Published) -> None:
        """Let a message be delivered to everybody, in the order of their subscriptions."""
        if topic.is_fifo and message.deduplication is not None:
            until = self._agenda.now() + DEDUPLICATION_SECONDS
            self._seen[topic.arn, message.deduplication] = (until, message)
        for subscription in list(topic.subscriptions.values()):
            if not subscription.is_pending and _passes(subscription, message):
                self._agenda.soon(lambda to=subscription: self._deliver(to, message))

    def _deliver(self, to: Subscription, message: Published) -> None:
        if to.protocol == "sqs":
            parcel = self._for_queue(to, message)
        elif to.protocol == "lambda":
            parcel = Parcel(event(message, to))
        elif to.protocol == "firehose":
            parcel = Parcel(message.text("firehose") if to.is_raw else envelope(message, to))
        else:
            text = message.text(to.protocol)
            if to.protocol in {"email-json", "http", "https"} and not to.is_raw:
                text = envelope(message, to)
            self._sent(Sent(to.protocol, to.endpoint, text, message.subject))
            return
        if not self._deliveries.send(to.endpoint, parcel) and to.letters:
            self._deliveries.send(to.letters, self._for_letters(to, message, parcel))

    def _for_queue(self, to: Subscription, message: Published) -> Parcel:
        # a standard queue of a FIFO topic hears nothing of groups: recorded, sns test_fifo_topic_to_regular_sqs
        keeps = to.endpoint.endswith(".fifo") or not to.topic.is_fifo
        group = message.group if keeps else None
        deduplication = message.deduplication if keeps else None
        if to.is_raw:
            return Parcel(
                message.text("sqs"), attributes=message.attributes, group=group, deduplication=deduplication
            )
        return Parcel(envelope(message, to), group=group, deduplication=deduplication)

    def _for_letters(self, to: Subscription, message: Published, parcel: Parcel) -> Parcel:
        return parcel if to.protocol == "sqs" else self._for_queue(to, message)


def _passes(subscription: Subscription, message: Published) -> bool:
    chosen = subscription.filter
    return chosen is None or chosen.passes(message.text(subscription.protocol), message.attributes)


def confirmation(subscription: Subscription) -> Sent:
    """Give what somebody gets who has to confirm a subscription."""
    topic = subscription.topic.arn
    found: dict[str, Any] = {
        "Type": "SubscriptionConfirmation",
        "TopicArn": topic,
        "Token": subscription.token,
        "Message": f"You have chosen to subscribe to the topic {topic}. To confirm, call ConfirmSubscription.",
    }
    return Sent(subscription.protocol, subscription.endpoint, json.dumps(found), "Subscription Confirmation")
