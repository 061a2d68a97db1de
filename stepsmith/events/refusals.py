"""What is refused at the door of a service, in the words that AWS answers."""

from __future__ import annotations

from typing import Final

from stepsmith.errors import StepsmithError

VALIDATION: Final = "ValidationException"


class Refused(StepsmithError):
    """A pattern, policy, schedule, template or call that AWS refuses: the code of its answer and the message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """The name of the error, as in the answer of the service."""
        self.message = message
        """The whole message; where AWS's JSON parser speaks, its place is on a line of its own."""
