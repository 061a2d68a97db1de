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
    """A call that failed on its values; the message is the service's, `detail` says what was wrong.

    The States Language and the developer guide name States.IntrinsicFailure for it. Every execution measured on AWS
    failed with States.Runtime, which nothing catches, and with this text (gabrielmoreira/tiny-asl-machine,
    `tests/conformance`, for example States.MathAdd 013 and States.ArrayRange 015). What was measured wins.
    """

    error: ClassVar[str] = "States.Runtime"
    """The name of the error that the state fails with."""

    def __init__(self, call: str, detail: str) -> None:
        name = call.partition("(")[0].strip()
        super().__init__(
            f"There was an error while evaluating the intrinsic function: {call}. Invalid arguments in {name}"
        )
        self.call = call
        """The call as it is written."""
        self.detail = detail
        """What was wrong."""


class ArgumentMiss(ExpressionError):
    """A call with a path argument that leads to nothing."""

    error: ClassVar[str] = "States.Runtime"
    """The name of the error that the state fails with."""

    def __init__(self, call: str, detail: str) -> None:
        super().__init__(f"The function '{call}' had the following error: {detail}")
