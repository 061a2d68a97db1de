"""The source of a function: its tree, its places, and the refusals that point into it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

from stepsmith.authoring.source.comments import comments_of
from stepsmith.authoring.source.diagnostics import DefinitionError, Diagnostic, Refusal
from stepsmith.authoring.source.places import file_name
from stepsmith.expressions.typed.tree import Span


class Source:
    """The text of one function and the places in it."""

    def __init__(
        self, file: str, first_line: int, text: str, name: str, *, asynchronous: bool = False
    ) -> None:
        self.file = file
        self._first = first_line
        self._written = text.splitlines()
        dedented = textwrap.dedent(text)
        self._dedented = dedented.splitlines()
        self._indent = len(self._written[0]) - len(self._dedented[0])
        found = ast.parse(dedented).body[0]
        if asynchronous and isinstance(found, ast.AsyncFunctionDef):
            found = ast.copy_location(ast.FunctionDef(**dict(ast.iter_fields(found))), found)
        if not isinstance(found, ast.FunctionDef):
            kind = "asynchronous" if isinstance(found, ast.AsyncFunctionDef) else "not written as a function"
            raise self.refusal(
                found, "W100", f"{name} is {kind}", "write `def`: the state machine waits by itself"
            )
        self.function = found
        """The tree of the function."""
        self.comments = comments_of(dedented)
        """What is said in it besides."""

    def span(self, node: ast.AST) -> Span:
        """Give the place of a node."""
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        end_line = end_line or line
        return Span(
            self.file,
            self._first + line - 1,
            self._column(line, getattr(node, "col_offset", 0)),
            self._first + end_line - 1,
            self._column(end_line, getattr(node, "end_col_offset", None) or 0),
        )

    def _column(self, line: int, offset: int) -> int:
        text = self._dedented[line - 1]
        if not text.isascii():  # offsets count bytes
            offset = len(text.encode()[:offset].decode(errors="ignore"))
        return min(offset, len(text)) + self._indent + 1

    def diagnostic(self, node: ast.AST, code: str, message: str, help: str | None = None) -> Diagnostic:
        """Make a diagnostic that points at a node."""
        span = self.span(node)
        return Diagnostic(code, message, help, span, self._written[span.line - self._first])

    def refusal(self, node: ast.AST, code: str, message: str, help: str | None = None) -> Refusal:
        """Make the refusal of what a node says, to be raised."""
        return Refusal(self.diagnostic(node, code, message, help))


def parameter_mistake(
    function: Callable[..., object], name: str, code: str, message: str, help: str
) -> DefinitionError:
    """Give the error for a parameter of a function."""
    source = read_source(function, asynchronous=True)
    places = {node.arg: node for node in ast.walk(source.function.args) if isinstance(node, ast.arg)}
    return DefinitionError([source.diagnostic(places.get(name, source.function), code, message, help)])


def function_mistake(function: Callable[..., object], code: str, message: str, help: str) -> DefinitionError:
    """Give the error for a function as a whole."""
    source = read_source(function, asynchronous=True)
    return DefinitionError([source.diagnostic(source.function, code, message, help)])


def read_source(function: Callable[..., object], *, asynchronous: bool = False) -> Source:
    """Read the source of a function, an `async def` only where it may be one.

    Raises DefinitionError where there is none, as at a plain prompt.
    """
    try:
        lines, first = inspect.getsourcelines(function)
        _require_its_own(function, "".join(lines))
    except (OSError, TypeError, SyntaxError):
        span = Span(function.__code__.co_filename, function.__code__.co_firstlineno, 1, 1, 1)
        message = f"the source of {function.__name__} cannot be read"
        help = "define the workflow in a file or a notebook cell, not at a plain prompt or in exec()"
        raise DefinitionError([Diagnostic("W106", message, help, span)]) from None
    # A function that `exec` made has no module from Python 3.13 on.
    file = file_name(function.__code__.co_filename, function.__module__ or "")
    try:
        return Source(file, first, "".join(lines), function.__name__, asynchronous=asynchronous)
    except Refusal as refusal:
        raise DefinitionError([refusal.diagnostic]) from None


def _require_its_own(function: Callable[..., object], text: str) -> None:
    """Raise OSError where the lines are another's: Python 3.13 keeps those of `python -c` for every `exec()`."""
    name = inspect.unwrap(function).__code__.co_name
    if name != "<lambda>" and getattr(ast.parse(textwrap.dedent(text)).body[0], "name", None) != name:
        raise OSError(f"these are not the lines of {name}")
