"""SQS queues as state machines: messages, receipts and time in, messages and refusals out.

`Queue` is one queue, standard or FIFO; `QueueAttributes` what it is set to (`queue_attributes` reads them); `MoveTask`
brings dead letters back. Dead letters come out of `receive`, for their queue to `accept`.
"""

from stepsmith.events.queues.answers import query_error_code, wanted_attributes, wanted_system_attributes
from stepsmith.events.queues.attributes import QueueAttributes, RedrivePolicy, queue_attributes
from stepsmith.events.queues.messages import NewMessage, Received, Stored
from stepsmith.events.queues.moves import MoveTask, check_move
from stepsmith.events.queues.queue import Counts, Queue, Receipt
from stepsmith.events.queues.sending import check_message

__all__ = [
    "Counts",
    "MoveTask",
    "NewMessage",
    "Queue",
    "QueueAttributes",
    "Receipt",
    "Received",
    "RedrivePolicy",
    "Stored",
    "check_message",
    "check_move",
    "query_error_code",
    "queue_attributes",
    "wanted_attributes",
    "wanted_system_attributes",
]
