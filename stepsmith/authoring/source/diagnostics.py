"""What is wrong with a workflow function or an explicit state, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from stepsmith.authoring.source.places import source_line
from stepsmith.errors import StepsmithError
from stepsmith.expressions.typed.tree import Span
from stepsmith.frozen import frozen

_NOWHERE: Final = Span("<definition>", 1, 1, 1, 1)


@frozen
class Diagnostic:
    """One refusal of the compiler."""

    code: str
    """Stable code; `explain(code)` gives its page."""
    message: str
    """What was found."""
    help: str | None
    """What to write instead."""
    span: Span
    source: str = ""
    """The first line of the guilty text, as written."""

    def __str__(self) -> str:
        head = f"{self.span.file}:{self.span.line}:{self.span.column}: {self.code} {self.message}"
        single = self.span.end_line == self.span.line
        width = (self.span.end_column if single else len(self.source.rstrip()) + 1) - self.span.column
        lines = [
            head,
            f"{self.span.line:>5} | {self.source.rstrip()}",
            f"      | {' ' * (self.span.column - 1)}{'^' * max(1, width)}",
        ]
        return "\n".join([*lines, f"      = help: {self.help}"] if self.help else lines)


class DefinitionError(StepsmithError):
    """A workflow function that is not in the subset of Python that compiles."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        """The refusals, in the order of the source."""
        super().__init__("\n\n".join(map(str, self.diagnostics)))


class Refusal(Exception):
    """Carries one diagnostic from where it is found to the statement it belongs to."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.within: object = None
        """The largest part of the source that is known to hold what is refused."""


class Spoiled(Exception):
    """Ends the compilation of a statement that reads what an earlier, refused statement should have assigned.

    Or of one of which parts have been refused, and noted.
    """

    within: object = None
    """The largest part of the source that is known to hold it."""


class Ended(Exception):
    """Ends the compilation of a statement that control does not get past, such as a call of what always raises."""


class Placed(Protocol):
    """Something that knows where it was written."""

    @property
    def span(self) -> Span | None:
        """Its place; None where there is no source."""
        ...


def mistake(code: str, message: str, help: str, at: Placed | Span | None = None) -> DefinitionError:
    """Give the error for a mistake in an explicit state, or at a place."""
    span = at if isinstance(at, Span) or at is None else at.span
    if span is None:
        return DefinitionError([Diagnostic(code, message, help, _NOWHERE)])
    return DefinitionError([Diagnostic(code, message, help, span, source_line(span))])
