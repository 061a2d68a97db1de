"""Events, records and envelopes with AWS's exact fields, built from values: nothing is made up here, not even a time.

`buses`: an event on a bus. `uploads`: S3's notifications and events. `queues`, `streams`:
the records that a function gets of SQS, Kinesis and DynamoDB. `instants`: points in time as texts.
"""

from stepsmith.events.records.buses import bus_event, scheduled_event
from stepsmith.events.records.instants import iso_milliseconds, iso_seconds
from stepsmith.events.records.queues import QueuedMessage, queue_record
from stepsmith.events.records.streams import Change, StreamedRecord, change_record, stream_record
from stepsmith.events.records.uploads import (
    ObjectChange,
    object_event,
    object_record,
    subscription_test,
)

__all__ = [
    "Change",
    "ObjectChange",
    "QueuedMessage",
    "StreamedRecord",
    "bus_event",
    "change_record",
    "iso_milliseconds",
    "iso_seconds",
    "object_event",
    "object_record",
    "queue_record",
    "scheduled_event",
    "stream_record",
    "subscription_test",
]
