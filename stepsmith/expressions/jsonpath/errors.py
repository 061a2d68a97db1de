"""How paths fail."""

from __future__ import annotations

from typing import ClassVar

from stepsmith.errors import ExpressionError


class PathSyntaxError(ExpressionError):
    """A text that is not a path; the message says what was found and where."""

    def __init__(self, text: str, message: str, offset: int) -> None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"{message} at offset {offset} of the path '{shown}'")
        self.offset = offset
        """Where in the text, from 0."""


class PathFailure(ExpressionError):
    """A path that cannot be followed in the data given."""

    error: ClassVar[str] = "States.Runtime"
    """The name of the error that the state fails with."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"Invalid path '{path}' : {detail}")
        self.path = path
        """The path as it is written."""
        self.detail = detail
        """Why it leads nowhere, in Jayway's words."""


class PathMiss(PathFailure):
    """A path that leads to nothing."""
