"""The named errors that the tasks of this project raise, and how they are retried.

Only Throttled and Unavailable pass with time; every other error is permanent and is never retried.
"""

from stepsmith import CompensationFailed as CompensationFailed
from stepsmith import WorkflowError


class InvalidInput(WorkflowError):
    """The input does not fit what the task takes."""


class NotFound(WorkflowError):
    """The thing named in the input does not exist."""


class Forbidden(WorkflowError):
    """The caller may not do this."""


class Conflict(WorkflowError):
    """Something newer, or the same thing, is already there."""


class TooLarge(WorkflowError):
    """The input is larger than the limit."""


class Unsupported(WorkflowError):
    """The input is of a kind that is not processed."""


class Corrupt(WorkflowError):
    """The input is damaged."""


class Throttled(WorkflowError):
    """The service asks to be called again later."""


class Unavailable(WorkflowError):
    """The service does not answer for now."""


class Rejected(WorkflowError):
    """A business rule refuses this."""
