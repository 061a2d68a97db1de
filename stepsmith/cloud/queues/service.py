"""SQS: its operations on the queues of all accounts and regions."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import add_tags, carry_out, page, remove_tags
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.queues import checks, refusals, settings
from stepsmith.cloud.queues.message import Message, size
from stepsmith.cloud.queues.moving import Moves
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.records.queues import attributes_digest, digest

Parameters: TypeAlias = Mapping[str, Any]
Waiting: TypeAlias = Callable[[float, Callable[[], bool]], None]
"""Lets time pass until an instant, or until something is the case."""

MINUTE: Final = 60.0
LARGEST_BATCH: Final = 1_048_576
_PAGE: Final = 1000


class Queues:
    """The service; `wait` lets time pass while somebody polls."""

    def __init__(self, agenda: Agenda, deliveries: Deliveries, wait: Waiting) -> None:
        deliveries.register("sqs", self._delivered)
        self._agenda = agenda
        self._wait = wait
        self._lock = threading.RLock()
        self._queues: dict[str, Queue] = {}
        self._deleted: dict[str, float] = {}
        self._moves = Moves(agenda, self.find)
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            "AddPermission": self._add_permission,
            "CancelMessageMoveTask": self._cancel_move,
            "ChangeMessageVisibility": self._change_visibility,
            "ChangeMessageVisibilityBatch": self._change_visibility_batch,
            "CreateQueue": self._create,
            "DeleteMessage": self._delete_message,
            "DeleteMessageBatch": self._delete_batch,
            "DeleteQueue": self._delete,
            "GetQueueAttributes": self._attributes,
            "GetQueueUrl": self._url,
            "ListDeadLetterSourceQueues": self._sources,
            "ListMessageMoveTasks": self._list_moves,
            "ListQueueTags": lambda given, caller: {"Tags": dict(self._of(given, caller).tags)},
            "ListQueues": self._list,
            "PurgeQueue": self._purge,
            "RemovePermission": self._remove_permission,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
            "SetQueueAttributes": self._set,
            "StartMessageMoveTask": self._start_move,
            "TagQueue": self._tag,
            "UntagQueue": self._untag,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of SQS. Raises ServiceError."""
        if operation == "ReceiveMessage":
            return self._receive(parameters, caller)
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    # -- for the other services ---------------------------------------------------------

    def find(self, arn: str) -> Queue | None:
        """Return the queue of an ARN; None where there is none."""
        return self._queues.get(arn)

    def _delivered(self, arn: str, parcel: Parcel) -> bool:
        with self._lock:
            queue = self.find(arn)
            if queue is None:
                return False
            given: dict[str, Any] = {"MessageBody": parcel.text, "MessageAttributes": parcel.attributes}
            if parcel.group is not None:
                given["MessageGroupId"] = parcel.group
            if queue.is_fifo and parcel.deduplication is not None:
                given["MessageDeduplicationId"] = parcel.deduplication
            try:
                self._put(queue, given, parcel.trace)
            except ServiceError:
                return False
            return True

    # -- queues -------------------------------------------------------------------------

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = str(given["QueueName"])
        attributes: Mapping[str, str] = given.get("Attributes") or {}
        is_fifo = str(attributes.get("FifoQueue", "")).lower() == "true"
        settings.check(attributes, is_fifo=is_fifo or name.endswith(".fifo"), is_new=True)
        checks.queue_name(name, is_fifo=is_fifo)
        arn, now = caller.arn("sqs", name), self._agenda.now()
        found = self.find(arn)
        if found is not None:
            for attribute, value in attributes.items():
                if found.settings.values.get(attribute, "") != settings.normal(attribute, value):
                    raise refusals.another_queue(attribute)
            return {"QueueUrl": found.url}
        if now - self._deleted.get(arn, -MINUTE) < MINUTE:
            raise refusals.deleted_recently()
        url = f"https://sqs.{caller.region}.amazonaws.com/{caller.account}/{name}"
        queue = self._queues[arn] = Queue(name, arn, url, settings.Settings(is_fifo, attributes), now)
        queue.find_queue = self.find
        tags: Mapping[str, str] = given.get("tags") or {}
        queue.tags.update(tags)
        return {"QueueUrl": url}

    def _of(self, given: Parameters, caller: Caller, key: str = "QueueUrl") -> Queue:
        """Find the queue of a URL, which ends with account and name."""
        parts = str(given[key]).rstrip("/").split("/")
        account = parts[-2] if len(parts) > 1 and parts[-2].isdigit() else caller.account
        host = parts[2].split(".") if len(parts) > 3 else []
        region = host[1] if len(host) == 4 and host[0] == "sqs" else caller.region
        queue = self.find(f"arn:aws:sqs:{region}:{account}:{parts[-1]}")
        if queue is None:
            raise refusals.no_queue()
        return queue

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        del self._queues[queue.arn]
        self._deleted[queue.arn] = self._agenda.now()
        return {}

    def _url(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        account = given.get("QueueOwnerAWSAccountId") or caller.account
        queue = self.find(f"arn:aws:sqs:{caller.region}:{account}:{given['QueueName']}")
        if queue is None:
            raise refusals.no_queue()
        return {"QueueUrl": queue.url}

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        start, prefix = caller.arn("sqs", ""), str(given.get("QueueNamePrefix") or "")
        urls = [each.url for arn, each in self._queues.items() if arn.startswith(start + prefix)]
        return _listed(urls, "QueueUrls", given)

    def _sources(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        found = self._sources_of(self._of(given, caller))
        return {"queueUrls": [], **_listed([each.url for each in found], "queueUrls", given)}

    def _sources_of(self, queue: Queue) -> list[Queue]:
        return [
            each
            for each in self._queues.values()
            if each.settings.redrive is not None and each.settings.redrive.arn == queue.arn
        ]

    def _attributes(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        names: Sequence[str] = given.get("AttributeNames") or ()
        for name in names:
            if name not in settings.KNOWN:
                raise refusals.attribute_name(f"Unknown Attribute {name}.")
        visible, flying, delayed = queue.counts(self._agenda.now())
        found = {
            **queue.settings.values,
            "QueueArn": queue.arn,
            "ApproximateNumberOfMessages": str(visible),
            "ApproximateNumberOfMessagesNotVisible": str(flying),
            "ApproximateNumberOfMessagesDelayed": str(delayed),
            "CreatedTimestamp": str(int(queue.created)),
            "LastModifiedTimestamp": str(int(queue.modified)),
        }
        chosen = found if "All" in names else {name: found[name] for name in names if name in found}
        return {"Attributes": chosen} if chosen else {}

    def _set(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        attributes = given["Attributes"]
        settings.check(attributes, is_fifo=queue.is_fifo, is_new=False)
        queue.settings.change(attributes)
        queue.modified = self._agenda.now()
        return {}

    def _purge(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue, now = self._of(given, caller), self._agenda.now()
        if queue.purged is not None and now - queue.purged < MINUTE:
            raise refusals.purged_recently(queue.name)
        queue.purge(now)
        return {}

    def _tag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return add_tags(self._of(given, caller).tags, given["Tags"])

    def _untag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return remove_tags(self._of(given, caller).tags, given["TagKeys"])

    def _add_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        policy = _policy(queue)
        if any(each["Sid"] == given["Label"] for each in policy["Statement"]):
            raise refusals.value(given["Label"], "Label", "Already exists.")
        policy["Statement"].append(
            {
                "Sid": given["Label"],
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{each}:root" for each in given["AWSAccountIds"]]},
                "Action": [f"SQS:{each}" for each in given["Actions"]],
                "Resource": queue.arn,
            }
        )
        queue.settings.change({"Policy": json.dumps(policy)})
        return {}

    def _remove_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        policy = _policy(queue)
        left = [each for each in policy["Statement"] if each["Sid"] != given["Label"]]
        if len(left) == len(policy["Statement"]):
            reason = "can't find label on existing policy."
            raise refusals.value(given["Label"], "Label", reason)
        queue.settings.change({"Policy": json.dumps({**policy, "Statement": left}) if left else ""})
        return {}

    # -- messages -----------------------------------------------------------------------

    def _send(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        system: Mapping[str, Any] = given.get("MessageSystemAttributes") or {}
        trace = system.get("AWSTraceHeader")
        message = self._put(queue, given, trace["StringValue"] if trace else None)
        found: dict[str, Any] = {
            "MD5OfMessageBody": digest(str(given["MessageBody"]).encode()),
            "MessageId": message.id,
        }
        if attributes := given.get("MessageAttributes"):
            found["MD5OfMessageAttributes"] = attributes_digest(attributes)
        if message.sequence is not None:
            found["SequenceNumber"] = message.sequence
        return found

    def _put(self, queue: Queue, given: Parameters, trace: str | None) -> Message:
        checks.message(queue, given)
        body, now = str(given["MessageBody"]), self._agenda.now()
        deduplication = given.get("MessageDeduplicationId")
        if queue.is_fifo and deduplication is None:
            deduplication = hashlib.sha256(body.encode()).hexdigest()
        message = Message(
            str(uuid.uuid4()),
            body,
            now,
            attributes=dict(given.get("MessageAttributes") or {}),
            trace=trace,
            group=given.get("MessageGroupId"),
            deduplication=deduplication,
        )
        delay = given.get("DelaySeconds")
        return queue.send(message, now, None if queue.is_fifo else delay)

    def _send_batch(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._of(given, caller)
        entries = given["Entries"]
        checks.batch(entries, "SendMessageBatchRequestEntry")
        bytes_ = sum(size(str(each["MessageBody"]), each.get("MessageAttributes") or {}) for each in entries)
        if bytes_ > LARGEST_BATCH:
            text = (
                f"Batch requests cannot be longer than {LARGEST_BATCH} bytes. You have sent {bytes_} bytes."
            )
            raise refusals.batch("BatchRequestTooLong", text)
        return self._each(given, caller, self._send, lambda answer: answer)

    def _each(
        self,
        given: Parameters,
        caller: Caller,
        operation: Callable[[Parameters, Caller], dict[str, Any]],
        shown: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> dict[str, Any]:
        """Carry out an operation for each entry of a batch; those that are refused are told apart."""
        successful: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in given["Entries"]:
            id = entry["Id"]
            try:
                answer = operation({**entry, "QueueUrl": given["QueueUrl"]}, caller)
                successful.append({"Id": id, **shown(answer)})
            except ServiceError as error:
                failed.append({"Id": id, "SenderFault": True, "Code": error.code, "Message": error.message})
        found: dict[str, Any] = {}
        if successful:
            found["Successful"] = successful
        if failed:
            found["Failed"] = failed
        return found

    def _receive(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        with self._lock:
            queue = self._of(given, caller)
            checks.receiving(given)
        wait = given.get("WaitTimeSeconds")
        seconds = queue.settings.wait if wait is None else wait
        self._poll(queue, seconds)
        with self._lock:
            found = queue.receive(
                given.get("MaxNumberOfMessages") or 1, self._agenda.now(), given.get("VisibilityTimeout")
            )
            old: Sequence[str] = given.get("AttributeNames") or ()
            new: Sequence[str] = given.get("MessageSystemAttributeNames") or ()
            shown = [each.shown(given.get("MessageAttributeNames") or (), [*old, *new]) for each in found]
        return {"Messages": shown} if shown else {}

    def _poll(self, queue: Queue, seconds: float) -> None:
        """Let time pass until there is something to receive, or for as long as somebody wants to wait."""
        now = self._agenda.now()
        end = now + seconds
        while now < end and not self._has_any(queue):
            due = self._next_change(queue)
            until = end if due is None else min(end, due)
            self._wait(until, lambda due=due: self._has_any(queue) or self._next_change(queue) != due)
            if self._agenda.now() <= now and not self._has_any(queue):
                return  # nobody lets time pass here
            now = self._agenda.now()

    def _has_any(self, queue: Queue) -> bool:
        with self._lock:
            return queue.has_any(self._agenda.now())

    def _next_change(self, queue: Queue) -> float | None:
        with self._lock:
            return queue.next_change(self._agenda.now())

    def _message_of(self, queue: Queue, handle: str, what: str) -> Message | None:
        """Find what a receipt handle stands for; a FIFO queue refuses one whose time is up."""
        try:
            message = queue.find(handle)
        except ValueError:
            raise refusals.bad_handle(handle) from None
        if message is not None and queue.is_fifo and queue.is_expired(message, handle, self._agenda.now()):
            raise refusals.value(handle, what, "The receipt handle has expired.")
        return message

    def _delete_message(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        message = self._message_of(queue, str(given["ReceiptHandle"]), "ReceiptHandle")
        if message is not None:
            queue.delete(message)
        return {}

    def _delete_batch(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        checks.batch(given["Entries"], "DeleteMessageBatchRequestEntry")
        self._of(given, caller)
        return self._each(given, caller, self._delete_message, lambda answer: {})

    def _change_visibility(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        queue = self._of(given, caller)
        seconds = given.get("VisibilityTimeout")
        checks.visibility(seconds)
        handle = str(given["ReceiptHandle"])
        message = self._message_of(queue, handle, "ReceiptHandle")
        if message is None:
            reason = "Message does not exist or is not available for visibility timeout change."
            raise refusals.value(handle, "ReceiptHandle", reason)
        queue.change_visibility(message, seconds or 0, self._agenda.now())
        return {}

    def _change_visibility_batch(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        checks.batch(given["Entries"], "ChangeMessageVisibilityBatchRequestEntry")
        self._of(given, caller)
        return self._each(given, caller, self._change_visibility, lambda answer: {})

    # -- moving back --------------------------------------------------------------------

    def _start_move(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        source, destination = self.find(given["SourceArn"]), given.get("DestinationArn")
        if source is None:
            raise refusals.no_resource("SourceArn")
        if not self._sources_of(source):
            raise refusals.parameter("Source queue must be configured as a Dead Letter Queue.")
        if destination is not None and self.find(destination) is None:
            raise refusals.no_resource("DestinationArn")
        task = self._moves.start(source, destination, given.get("MaxNumberOfMessagesPerSecond"))
        return {"TaskHandle": task.handle}

    def _cancel_move(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        task = self._moves.cancel(given["TaskHandle"])
        return {"ApproximateNumberOfMessagesMoved": task.moved}

    def _list_moves(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        source = self.find(given["SourceArn"])
        if source is None:
            raise refusals.no_resource("SourceArn")
        return {"Results": self._moves.listed(source, given.get("MaxResults") or 1)}


def _policy(queue: Queue) -> dict[str, Any]:
    found = queue.settings.values.get("Policy")
    if found:
        return json.loads(found)
    return {"Version": "2008-10-17", "Id": f"{queue.arn}/SQSDefaultPolicy", "Statement": []}


def _listed(items: list[str], key: str, given: Parameters) -> dict[str, Any]:
    """Give one page; without a size there is one page of a thousand and no token."""
    found = page(items, key, given, most="MaxResults", default=_PAGE) if items else {}
    if not given.get("MaxResults"):
        found.pop("NextToken", None)
    return found
