"""What can go wrong with a photograph, and what passes with time."""

from datetime import timedelta
from typing import Final

from stepsmith import Retry, WorkflowError
from tasks.errors import Throttled, Unavailable
from tasks.retries import LAMBDA_FAULTS


class AnalysisFailed(WorkflowError):
    """Neither labels nor thumbnail could be made."""


TRANSIENT: Final = Retry.on(
    Throttled, Unavailable, *LAMBDA_FAULTS, interval=timedelta(seconds=1), max_attempts=2, backoff_rate=1.5
)
"""After 1 s, then after 1.5 s; what does not pass with time is tried once."""
