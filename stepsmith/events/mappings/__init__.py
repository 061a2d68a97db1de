"""Event source mappings as state machines: records and time in, calls, failures and the next point in time out.

`ShardReader` reads one shard of a stream, `QueueReader` one queue; `settings` says what both can be told, `answers`
what counts as success, `failures` builds the records for on-failure destinations.
"""

from stepsmith.events.mappings.answers import Answer, Raised, Returned
from stepsmith.events.mappings.calls import Call, GivenUp, StreamRecord, Window
from stepsmith.events.mappings.failures import failure_key, failure_record
from stepsmith.events.mappings.queues import QueueCall, QueueMessage, QueueReader, Verdict
from stepsmith.events.mappings.settings import QueueSettings, StreamSettings
from stepsmith.events.mappings.shards import ShardReader, Step, starts_with

__all__ = [
    "Answer",
    "Call",
    "GivenUp",
    "QueueCall",
    "QueueMessage",
    "QueueReader",
    "QueueSettings",
    "Raised",
    "Returned",
    "ShardReader",
    "Step",
    "StreamRecord",
    "StreamSettings",
    "Verdict",
    "Window",
    "failure_key",
    "failure_record",
    "starts_with",
]
