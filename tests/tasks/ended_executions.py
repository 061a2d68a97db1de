"""What EventBridge says of executions that have ended."""

from __future__ import annotations

import json
from typing import Any


def ended(status: str, input: object, **more: object) -> dict[str, Any]:
    """Give the detail of the event about an execution of that input."""
    arn = "arn:aws:states:eu-west-1:123456789012:execution:machine:e1"
    return {"executionArn": arn, "name": "e1", "status": status, "input": json.dumps(input), **more}
