"""What starts deployed workflows: `from stepsmith.triggers import S3Upload, Schedule`."""

from stepsmith.authoring.workflows.triggers import (
    Event,
    HttpRequest,
    QueueMessage,
    S3Upload,
    Schedule,
    StreamRecord,
    TopicMessage,
    Trigger,
)

__all__ = [
    "Event",
    "HttpRequest",
    "QueueMessage",
    "S3Upload",
    "Schedule",
    "StreamRecord",
    "TopicMessage",
    "Trigger",
]
