"""SNS: its operations on the topics of all accounts and regions."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import add_tags, carry_out, listed_tags, page, remove_tags, tags_of
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.topics import checks, refusals
from stepsmith.cloud.topics.envelopes import Published
from stepsmith.cloud.topics.publishing import Post, Sent, confirmation
from stepsmith.cloud.topics.topic import PENDING, Subscription, Topic, check_topic

Parameters: TypeAlias = Mapping[str, Any]
_PROTOCOLS: Final = frozenset({"sqs", "lambda", "sms", "application", "firehose", *PENDING})
_FIRST_SEQUENCE: Final = 10_000_000_000_000_003_000


class Topics:
    """The service; `sent` keeps what goes to people and addresses outside."""

    def __init__(self, agenda: Agenda, deliveries: Deliveries) -> None:
        self._agenda = agenda
        self._lock = threading.RLock()
        self._topics: dict[str, Topic] = {}
        self._sequences = count(_FIRST_SEQUENCE)
        self.sent: list[Sent] = []
        """Mails, text messages and requests, in their order."""
        self._post = Post(agenda, deliveries, self.sent.append)
        deliveries.register("sns", self._delivered)
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            "AddPermission": self._add_permission,
            "ConfirmSubscription": self._confirm,
            "CreateTopic": self._create,
            "DeleteTopic": self._delete,
            "GetSubscriptionAttributes": self._subscription_attributes,
            "GetTopicAttributes": lambda given, caller: {"Attributes": self._topic(given).shown()},
            "ListSubscriptions": self._list_subscriptions,
            "ListSubscriptionsByTopic": self._list_of_topic,
            "ListTagsForResource": self._list_tags,
            "ListTopics": self._list,
            "Publish": self._publish,
            "PublishBatch": self._publish_batch,
            "RemovePermission": self._remove_permission,
            "SetSubscriptionAttributes": self._set_subscription,
            "SetTopicAttributes": self._set_topic,
            "Subscribe": self._subscribe,
            "TagResource": self._tag,
            "Unsubscribe": self._unsubscribe,
            "UntagResource": self._untag,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of SNS. Raises ServiceError."""
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    def find(self, arn: str) -> Topic | None:
        """Return the topic of an ARN; None where there is none."""
        return self._topics.get(arn)

    def _delivered(self, arn: str, parcel: Parcel) -> bool:
        """Publish what another service sends."""
        with self._lock:
            topic = self.find(arn)
            if topic is None:
                return False
            self._put(
                topic,
                {
                    "Message": parcel.text,
                    "Subject": parcel.subject,
                    "MessageAttributes": parcel.attributes,
                    "MessageGroupId": parcel.group,
                    "MessageDeduplicationId": parcel.deduplication,
                },
            )
            return True

    # -- topics -------------------------------------------------------------------------

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = str(given["Name"])
        attributes: Mapping[str, str] = given.get("Attributes") or {}
        tags = tags_of(given)
        check_topic(name, attributes)
        made = Topic(name, caller, attributes)
        found = self._topics.get(made.arn)
        if found is None:
            made.tags.update(tags)
            self._topics[made.arn] = made
        elif any(found.attributes.get(key) != each for key, each in made.attributes.items()):
            raise refusals.invalid("Attributes Reason: Topic already exists with different attributes")
        elif tags and tags != found.tags:
            raise refusals.invalid("Tags Reason: Topic already exists with different tags")
        return {"TopicArn": made.arn}

    def _topic(self, given: Parameters, key: str = "TopicArn") -> Topic:
        arn = str(given[key])
        refusals.check_arn(arn, key)
        found = self.find(arn)
        if found is None:
            raise refusals.not_there("Topic")
        return found

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        refusals.check_arn(str(given["TopicArn"]), "TopicArn")
        self._topics.pop(given["TopicArn"], None)
        return {}

    def _set_topic(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._topic(given).change(given["AttributeName"], str(given.get("AttributeValue") or ""))
        return {}

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        start = caller.arn("sns", "")
        return page([{"TopicArn": arn} for arn in self._topics if arn.startswith(start)], "Topics", given)

    def _tagged(self, given: Parameters) -> Topic:
        found = self.find(str(given["ResourceArn"]))
        if found is None:
            raise ServiceError("ResourceNotFound", "Resource does not exist", status=404)
        return found

    def _list_tags(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Tags": listed_tags(self._tagged(given).tags)}

    def _tag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return add_tags(self._tagged(given).tags, tags_of(given))

    def _untag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return remove_tags(self._tagged(given).tags, given["TagKeys"])

    def _add_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        topic = self._topic(given)
        policy = _policy(topic)
        if any(each["Sid"] == given["Label"] for each in policy["Statement"]):
            raise refusals.invalid("Statement already exists")
        policy["Statement"].append(
            {
                "Sid": given["Label"],
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{each}:root" for each in given["AWSAccountId"]]},
                "Action": [f"SNS:{each}" for each in given["ActionName"]],
                "Resource": topic.arn,
            }
        )
        topic.attributes["Policy"] = json.dumps(policy)
        return {}

    def _remove_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        topic = self._topic(given)
        policy = _policy(topic)
        policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != given["Label"]]
        topic.attributes["Policy"] = json.dumps(policy)
        return {}

    # -- subscriptions ------------------------------------------------------------------

    def _subscribe(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        topic = self._topic(given)
        protocol, endpoint = str(given["Protocol"]), str(given.get("Endpoint") or "")
        _check_endpoint(topic, protocol, endpoint)
        attributes: Mapping[str, str] = given.get("Attributes") or {}
        for each in topic.subscriptions.values():
            if (each.protocol, each.endpoint) == (protocol, endpoint):
                if attributes and attributes != each.given:
                    reason = "Attributes Reason: Subscription already exists with different attributes"
                    raise refusals.invalid(reason)
                return {"SubscriptionArn": each.arn}
        made = Subscription(topic, protocol, endpoint, attributes)
        topic.subscriptions[made.arn] = made
        if not made.is_pending:
            return {"SubscriptionArn": made.arn}
        self.sent.append(confirmation(made))
        return {"SubscriptionArn": made.arn if given.get("ReturnSubscriptionArn") else "pending confirmation"}

    def _confirm(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        topic = self._topic(given)
        for each in topic.subscriptions.values():
            if each.token == given["Token"]:
                each.is_pending = False
                return {"SubscriptionArn": each.arn}
        raise refusals.invalid("Token")

    def _subscription(self, given: Parameters) -> Subscription:
        arn = str(given["SubscriptionArn"])
        refusals.check_arn(arn, "SubscriptionArn")
        topic = self.find(arn.rpartition(":")[0])
        found = topic.subscriptions.get(arn) if topic else None
        if found is None:
            raise refusals.not_there("Subscription")
        return found

    def _subscription_attributes(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Attributes": self._subscription(given).shown(caller)}

    def _set_subscription(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._subscription(given).change(given["AttributeName"], str(given.get("AttributeValue") or ""))
        return {}

    def _unsubscribe(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        try:
            found = self._subscription(given)
        except ServiceError as error:
            if error.code == "NotFound":
                return {}  # recorded: sns test_unsubscribe_from_non_existing_subscription
            raise
        del found.topic.subscriptions[found.arn]
        found.topic.deleted += 1
        return {}

    def _list_subscriptions(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        start = caller.arn("sns", "")
        every = [
            each.listed()
            for arn, topic in self._topics.items()
            if arn.startswith(start)
            for each in topic.subscriptions.values()
        ]
        return page(every, "Subscriptions", given)

    def _list_of_topic(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        every = [each.listed() for each in self._topic(given).subscriptions.values()]
        return page(every, "Subscriptions", given)

    # -- messages -----------------------------------------------------------------------

    def _publish(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        attributes: Mapping[str, Mapping[str, Any]] = given.get("MessageAttributes") or {}
        arn = given.get("TopicArn") or given.get("TargetArn")
        if given.get("PhoneNumber"):
            checks.attributes(attributes)
            checks.content(given)
            self.sent.append(Sent("sms", given["PhoneNumber"], given["Message"], given.get("Subject")))
            return {"MessageId": str(uuid.uuid4())}
        if not arn:
            raise refusals.invalid("TopicArn or TargetArn Reason: no value for required parameter")
        if ":endpoint/" in arn:
            raise refusals.invalid("TargetArn Reason: No endpoint found for the target arn specified")
        checks.attributes(attributes)
        topic = self._topic({"TopicArn": arn})
        checks.message(topic, given)
        return _answer(self._put(topic, given))

    def _put(self, topic: Topic, given: Parameters) -> Published:
        text = str(given["Message"])
        deduplication = given.get("MessageDeduplicationId")
        if topic.is_fifo:
            deduplication = deduplication or hashlib.sha256(text.encode()).hexdigest()
            seen = self._post.seen(topic, deduplication)
            if seen is not None:
                return seen
        is_structured = given.get("MessageStructure") == "json"
        message = Published(
            id=str(uuid.uuid4()),
            at=self._agenda.today(),
            texts=checks.structured(text) if is_structured else {"default": text},
            subject=given.get("Subject"),
            attributes=dict(given.get("MessageAttributes") or {}),
            group=given.get("MessageGroupId"),
            deduplication=deduplication if topic.is_fifo else None,
            sequence=str(next(self._sequences)) if topic.is_fifo else None,
        )
        self._post.publish(topic, message)
        return message

    def _publish_batch(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        topic = self._topic(given)
        entries = given["PublishBatchRequestEntries"]
        checks.batch(entries)
        for place, entry in enumerate(entries, start=1):
            attributes: Mapping[str, Mapping[str, Any]] = entry.get("MessageAttributes") or {}
            checks.attributes(attributes, f"publishBatchRequestEntries.{place}.member.messageAttributes")
        successful: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in entries:
            try:
                checks.message(topic, entry)
                successful.append({"Id": entry["Id"], **_answer(self._put(topic, entry))})
            except ServiceError as error:
                failed.append(
                    {"Id": entry["Id"], "Code": error.code, "Message": error.message, "SenderFault": True}
                )
        return {"Successful": successful, "Failed": failed}


def _answer(message: Published) -> dict[str, Any]:
    found = {"MessageId": message.id}
    if message.sequence is not None:
        found["SequenceNumber"] = message.sequence
    return found


def _check_endpoint(topic: Topic, protocol: str, endpoint: str) -> None:
    if protocol not in _PROTOCOLS:
        raise refusals.invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if protocol == "sqs" and not endpoint.startswith("arn:"):
        raise refusals.invalid("SQS endpoint ARN")
    if protocol == "lambda" and not endpoint.startswith("arn:"):
        raise refusals.invalid("Lambda endpoint ARN")
    if protocol == "sqs" and endpoint.endswith(".fifo") and not topic.is_fifo:
        reason = "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise refusals.invalid(f"Invalid parameter: {reason}")
    if protocol in {"http", "https"} and not endpoint.startswith(f"{protocol}://"):
        raise refusals.invalid("Endpoint must match the specified protocol")
    if not endpoint:
        raise refusals.invalid("Endpoint")


def _policy(topic: Topic) -> dict[str, Any]:
    found = topic.attributes.get("Policy")
    return json.loads(found) if found else topic.default_policy()
