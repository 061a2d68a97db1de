"""How tasks of this project are retried: what passes with time is tried again, everything else is not."""

from datetime import timedelta
from typing import Final

from stepsmith import Retry
from tasks.errors import Throttled, Unavailable

LAMBDA_FAULTS: Final = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
    # a sandbox that was killed, was stopped when its time was up, or of which nothing more is known
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
)
"""Faults of Lambda itself, and of a function that has ended without an answer.

Sources: Step Functions Developer Guide, "Handle transient Lambda service exceptions", and "Error handling in Step
Functions" on Lambda.Unknown and Sandbox.Timedout.
"""

TRANSIENT = Retry.on(
    Throttled,
    Unavailable,
    *LAMBDA_FAULTS,
    interval=timedelta(seconds=1),
    max_attempts=4,
    backoff_rate=2.0,
    max_delay=timedelta(seconds=20),
    jitter=True,
)
"""Ours and Lambda's own: 1 s, doubled up to 20 s, four more attempts, full jitter."""

PERSISTENT = Retry(
    interval=timedelta(seconds=2),
    max_attempts=8,
    backoff_rate=2.0,
    max_delay=timedelta(minutes=5),
    jitter=True,
)
"""For steps that undo something: tried longer, whatever the error."""
