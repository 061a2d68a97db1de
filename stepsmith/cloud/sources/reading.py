"""Messages for those who read a queue on behalf of others: a function, or a workflow."""

from __future__ import annotations

from collections.abc import Iterable

from stepsmith.cloud.queues.message import Message
from stepsmith.cloud.queues.queue import Queue
from stepsmith.events.mappings import QueueMessage
from stepsmith.events.records.queues import QueuedMessage, queue_record


def received(message: Message, queue_arn: str, *, collected: bool = False) -> QueueMessage:
    """Give a message that was received, with the record of it; `collected` says whether it waited for a window."""
    handle = message.handle or ""
    seen = QueuedMessage(
        message_id=message.id,
        receipt_handle=handle,
        body=message.body,
        attributes=message.system_attributes(),
        message_attributes=message.attributes,
    )
    value = queue_record(seen, queue_arn=queue_arn, region=queue_arn.split(":")[3], collected=collected)
    return QueueMessage(message.id, handle, message.group or "", value, len(message.body))


def delete(queue: Queue, handles: Iterable[str]) -> None:
    """Delete what receipt handles stand for, as far as it is still there."""
    for handle in handles:
        message = queue.find(handle)
        if message is not None:
            queue.delete(message)
