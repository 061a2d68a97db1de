"""How intrinsic functions fail."""

from __future__ import annotations

from typing import ClassVar

from stepsmith.errors import ExpressionError


class IntrinsicSyntaxError(ExpressionError):
    """A text that is not a call of an intrinsic function."""

    def __init__(self, text: str, message: str, offset: int) -> None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"{message} at offset {offset} of '{shown}'")
        self.offset = offset
        """Where in the text, from 0."""


class UnsuitableArgument(Exception):
    """Raised by a function that can do nothing with its arguments; the message says which and why."""


class IntrinsicFailure(ExpressionError):
    """A call that failed on its values."""

    error: ClassVar[str] = "States.IntrinsicFailure"
    """The name of the error that the state fails with."""

    def __init__(self, call: str, detail: str) -> None:
        super().__init__(f"The function '{call}' had the following error: {detail}")
        self.call = call
        """The call as it is written."""
        self.detail = detail
        """What was wrong."""


class ArgumentMiss(IntrinsicFailure):
    """A call with a path argument that leads to nothing."""

    error: ClassVar[str] = "States.Runtime"
