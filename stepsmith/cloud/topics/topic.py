"""Topics and subscriptions: their attributes, what these may be, and who is subscribed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.topics import refusals
from stepsmith.events.filters.policies import BY_ATTRIBUTES, BY_BODY, PolicyFilter, policy_filter
from stepsmith.events.refusals import Refused

_TOPIC_ATTRIBUTES: Final = frozenset(
    {
        "DisplayName", "Policy", "DeliveryPolicy", "FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId",
        "SignatureVersion", "TracingConfig", "ArchivePolicy", "FifoThroughputScope", "DataProtectionPolicy",
        "ApplicationSuccessFeedbackRoleArn", "ApplicationFailureFeedbackRoleArn",
        "ApplicationSuccessFeedbackSampleRate", "HTTPSuccessFeedbackRoleArn", "HTTPFailureFeedbackRoleArn",
        "HTTPSuccessFeedbackSampleRate", "LambdaSuccessFeedbackRoleArn", "LambdaFailureFeedbackRoleArn",
        "LambdaSuccessFeedbackSampleRate", "SQSSuccessFeedbackRoleArn", "SQSFailureFeedbackRoleArn",
        "SQSSuccessFeedbackSampleRate", "FirehoseSuccessFeedbackRoleArn", "FirehoseFailureFeedbackRoleArn",
        "FirehoseSuccessFeedbackSampleRate",
    }
)  # fmt: skip
_SUBSCRIPTION_ATTRIBUTES: Final = frozenset(
    {
        "RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy",
        "SubscriptionRoleArn", "ReplayPolicy",
    }
)  # fmt: skip
PENDING: Final = frozenset({"email", "email-json", "http", "https"})
"""Protocols whose subscribers have to confirm."""
_HTTP: Final = {
    "defaultHealthyRetryPolicy": {
        "minDelayTarget": 20,
        "maxDelayTarget": 20,
        "numRetries": 3,
        "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0,
        "numMinDelayRetries": 0,
        "backoffFunction": "linear",
    },
    "disableSubscriptionOverrides": False,
    "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
}
_POLICY_ACTIONS: Final = (
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
    "ListSubscriptionsByTopic", "Publish",
)  # fmt: skip


class Subscription:
    """Who hears of the messages of a topic, and which of them."""

    def __init__(self, topic: Topic, protocol: str, endpoint: str, attributes: Mapping[str, str]) -> None:
        self.arn = f"{topic.arn}:{uuid.uuid4()}"
        self.topic = topic
        self.protocol = protocol
        self.endpoint = endpoint
        self.attributes: dict[str, str] = {}
        self.is_pending = protocol in PENDING
        self.token = uuid.uuid4().hex * 2
        self.filter: PolicyFilter | None = None
        for name in sorted(attributes, key=lambda name: name != "FilterPolicyScope"):
            self.change(name, attributes[name], subscribing=True)
        self.given = dict(attributes)

    @property
    def is_raw(self) -> bool:
        """Whether the message arrives without an envelope."""
        return self.attributes.get("RawMessageDelivery") == "true"

    @property
    def letters(self) -> str | None:
        """The ARN of the queue for what cannot be delivered."""
        policy = self.attributes.get("RedrivePolicy")
        return json.loads(policy).get("deadLetterTargetArn") if policy else None

    def change(self, name: str, value: str, *, subscribing: bool = False) -> None:
        """Set an attribute; raises ServiceError, and then nothing is changed."""
        prefix = "Attributes Reason: " if subscribing else ""
        if name not in _SUBSCRIPTION_ATTRIBUTES:
            raise refusals.invalid(
                "Attributes Reason: Unknown attribute: " + name if subscribing else "AttributeName"
            )
        if name == "RawMessageDelivery" and value.lower() not in {"true", "false"}:
            raise refusals.invalid(
                f"{prefix}RawMessageDelivery: Invalid value [{value}]. Must be true or false."
            )
        if name == "FilterPolicyScope":
            self._change_scope(value, prefix)
            return
        if name == "FilterPolicy":
            self._change_filter(value, subscribing)
            return
        if name == "RedrivePolicy" and value:
            self._check_redrive(value, prefix)
        if value:
            self.attributes[name] = value.lower() if name == "RawMessageDelivery" else value
        else:
            self.attributes.pop(name, None)

    def _change_scope(self, value: str, prefix: str) -> None:
        if value not in (BY_ATTRIBUTES, BY_BODY):
            raise refusals.invalid(
                f"{prefix}FilterPolicyScope: Invalid value [{value}]. "
                "Please use either MessageBody or MessageAttributes"
            )
        policy = self.attributes.get("FilterPolicy")
        if policy:
            self.filter = _filter(policy, value, False)
        self.attributes["FilterPolicyScope"] = value

    def _change_filter(self, value: str, subscribing: bool) -> None:
        if value in ("", "{}"):
            self.attributes.pop("FilterPolicy", None)
            self.filter = None
            return
        scope = self.attributes.get("FilterPolicyScope", BY_ATTRIBUTES)
        self.filter = _filter(value, scope, subscribing)
        self.attributes["FilterPolicy"] = value

    def _check_redrive(self, value: str, prefix: str) -> None:
        try:
            arn = json.loads(value)["deadLetterTargetArn"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise refusals.invalid(f"{prefix}RedrivePolicy: failed to parse JSON.") from None
        if not isinstance(arn, str) or ":sqs:" not in arn:
            raise refusals.invalid(f"{prefix}RedrivePolicy: deadLetterTargetArn is an invalid arn")
        if self.topic.is_fifo and self.endpoint.endswith(".fifo") and not arn.endswith(".fifo"):
            raise refusals.invalid(
                f"{prefix}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
            )

    def shown(self, caller: Caller) -> dict[str, str]:
        """Give the attributes as GetSubscriptionAttributes answers them."""
        found = {
            "SubscriptionArn": self.arn,
            "TopicArn": self.topic.arn,
            "Protocol": self.protocol,
            "Endpoint": self.endpoint,
            "Owner": self.topic.owner,
            "PendingConfirmation": str(self.is_pending).lower(),
            "ConfirmationWasAuthenticated": str(not self.is_pending).lower(),
            "RawMessageDelivery": "false",
            "SubscriptionPrincipal": f"arn:aws:iam::{caller.account}:user/local",
            **self.attributes,
        }
        if "FilterPolicy" in found:
            found.setdefault("FilterPolicyScope", BY_ATTRIBUTES)
        else:
            found.pop("FilterPolicyScope", None)
        return found

    def listed(self) -> dict[str, str]:
        """Give what listings say of it."""
        return {
            "SubscriptionArn": "PendingConfirmation" if self.is_pending else self.arn,
            "Owner": self.topic.owner,
            "Protocol": self.protocol,
            "Endpoint": self.endpoint,
            "TopicArn": self.topic.arn,
        }


class Topic:
    """A topic, its attributes and its subscriptions."""

    def __init__(self, name: str, caller: Caller, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.arn = caller.arn("sns", name)
        self.owner = caller.account
        self.attributes = {key: _normal(key, each) for key, each in attributes.items()}
        self.tags: dict[str, str] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.deleted = 0

    @property
    def is_fifo(self) -> bool:
        """Whether order is kept in each group."""
        return self.attributes.get("FifoTopic") == "true"

    @property
    def by_content(self) -> bool:
        """Whether equal messages are the same message."""
        return self.attributes.get("ContentBasedDeduplication") == "true"

    def change(self, name: str, value: str) -> None:
        """Set an attribute. Raises ServiceError for one that there is not."""
        if name not in _TOPIC_ATTRIBUTES or name == "FifoTopic":
            raise refusals.invalid("AttributeName")
        self.attributes[name] = _normal(name, value)

    def shown(self) -> dict[str, str]:
        """Give the attributes as GetTopicAttributes answers them."""
        every = list(self.subscriptions.values())
        found = {
            "TopicArn": self.arn,
            "Owner": self.owner,
            "DisplayName": "",
            "SubscriptionsPending": str(sum(each.is_pending for each in every)),
            "SubscriptionsConfirmed": str(sum(not each.is_pending for each in every)),
            "SubscriptionsDeleted": str(self.deleted),
            "Policy": json.dumps(self.default_policy()),
            "EffectiveDeliveryPolicy": json.dumps({"http": _HTTP}),
            **self.attributes,
        }
        if self.is_fifo:
            found.setdefault("ContentBasedDeduplication", "false")
        return found

    def default_policy(self) -> dict[str, Any]:
        """Give the policy of a topic that was given none."""
        return {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{each}" for each in _POLICY_ACTIONS],
                    "Resource": self.arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": self.owner}},
                }
            ],
        }


def check_topic(name: str, attributes: Mapping[str, str]) -> None:
    """Raise ServiceError for a topic that cannot be made."""
    is_fifo = str(attributes.get("FifoTopic", "false")).lower() == "true"
    bare = name.removesuffix(".fifo") if is_fifo else name
    is_plain = bare.isascii() and bare.replace("-", "").replace("_", "").isalnum() and len(name) <= 256
    if is_fifo and not (is_plain and name.endswith(".fifo")):
        raise refusals.invalid(
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, "
            "numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
        )
    if not is_plain:
        raise refusals.invalid("Topic Name")
    for key in attributes:
        if key not in _TOPIC_ATTRIBUTES:
            raise refusals.invalid(f"Attributes Reason: Unknown attribute {key}")


def _filter(policy: str, scope: str, subscribing: bool) -> PolicyFilter:
    try:
        return policy_filter(policy, scope, subscribing=subscribing)
    except Refused as refused:
        raise ServiceError(refused.code, refused.message) from None


def _normal(name: str, value: str) -> str:
    return value.lower() if name in {"FifoTopic", "ContentBasedDeduplication"} else value
