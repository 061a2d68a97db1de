"""Paths compiled to closures: `$.a.b[0]`, `$$.Execution.Id`, `$name.a`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn, cast

from stepsmith.expressions.java_text import java_class, java_text
from stepsmith.expressions.jsonpath.cursor import Cursor
from stepsmith.expressions.jsonpath.errors import PathFailure, PathMiss, PathSyntaxError
from stepsmith.expressions.jsonpath.filters import parse_filter
from stepsmith.expressions.jsonpath.parse import parse_steps
from stepsmith.expressions.jsonpath.read import (
    MISSES,
    FunctionFailure,
    Reader,
    compile_reader,
)
from stepsmith.expressions.jsonpath.steps import (
    Function,
    Index,
    Name,
    Names,
    Step,
    TooMuchWork,
    is_definite,
    normalised,
)
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

LONGEST_VARIABLE: Final = 80
_VARIABLE: Final = re.compile(r"[^\W\d]\w*")
_TOO_MUCH: Final = "The path takes too many steps"
_TOO_DEEP: Final = "The data is nested too deeply"
_PROVIDER: Final = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"


@frozen
class Path:
    """A compiled path."""

    text: str
    """As written."""
    root: Literal["input", "context", "variable"]
    """What `$`, `$$` or `$name` at its start stands for."""
    variable: str | None
    """The variable's name, if it starts at one."""
    steps: tuple[Step, ...]
    """What follows the root."""
    definite: bool
    """Whether it leads to one value; otherwise it gives an array, empty where nothing matches."""
    evaluate: Callable[[Scope], Json] = field(compare=False, repr=False)
    """Gives the value in a scope; raises PathMiss or PathFailure."""
    read: Callable[[Json], Json] = field(compare=False, repr=False)
    """Gives the value in the document the root stands for; raises PathMiss or PathFailure."""


@lru_cache(maxsize=4096)
def compile_path(text: str, *, past_end: bool = False) -> Path:
    """Compile a path; raises PathSyntaxError.

    With `past_end`, an index at its end that is past the end of its array gives null instead of a PathMiss.
    """
    root, variable, at = _root(text)
    cursor = Cursor(text, at)
    steps = parse_steps(cursor, parse_filter)
    cursor.blank()  # Jayway takes no notice of blanks at the end
    if cursor.at < len(text):
        cursor.fail(f"{cursor.found()} where a '.' or '[' should be")
    definite = is_definite(steps) or isinstance(steps[-1], Function)
    follow = compile_reader(steps, past_end=past_end)
    evaluate = _evaluator(text, root, variable, steps, follow)
    return Path(text, root, variable, steps, definite, evaluate, _guarded(text, steps, follow))


def _root(text: str) -> tuple[Literal["input", "context", "variable"], str | None, int]:
    if not text.startswith("$"):
        raise PathSyntaxError(text, "No '$'", 0)
    if text.startswith("$$"):
        return "context", None, 2
    name = _VARIABLE.match(text, 1)
    if name is None:
        return "input", None, 1
    if len(name[0]) > LONGEST_VARIABLE or not name[0].isidentifier():
        raise PathSyntaxError(text, "A name that no variable can have", 1)
    return "variable", name[0], name.end()


def _guarded(text: str, steps: tuple[Step, ...], follow: Reader) -> Reader:
    def read(document: Json) -> Json:
        try:
            return follow(document)
        except MISSES:
            _explain(text, steps, document)
        except FunctionFailure as error:
            raise PathFailure(text, str(error)) from None
        except TooMuchWork:
            raise PathFailure(text, _TOO_MUCH) from None
        except RecursionError:
            raise PathFailure(text, _TOO_DEEP) from None

    return read


def _evaluator(
    text: str,
    root: Literal["input", "context", "variable"],
    variable: str | None,
    steps: tuple[Step, ...],
    follow: Reader,
) -> Callable[[Scope], Json]:
    """Give the closure for a root; the commonest shapes, `$` and `$.a` and `$.a.b`, need no second call."""
    guarded = _guarded(text, steps, follow)
    if root == "context":
        return lambda scope: guarded(scope.context())
    if variable is not None:
        return _variable(text, variable, guarded if steps else None)
    match steps:
        case ():
            return lambda scope: scope.input
        case (Name(name),):
            return _one_name(name, guarded)
        case (Name(first), Name(second)):
            return _two_names(first, second, guarded)
        case _:
            return _many_steps(text, follow, guarded)


def _many_steps(text: str, follow: Reader, guarded: Reader) -> Callable[[Scope], Json]:
    def evaluate(scope: Scope) -> Json:
        try:
            return follow(scope.input)
        except (*MISSES, FunctionFailure):
            return guarded(scope.input)
        except TooMuchWork:
            raise PathFailure(text, _TOO_MUCH) from None
        except RecursionError:
            raise PathFailure(text, _TOO_DEEP) from None

    return evaluate


def _one_name(name: str, guarded: Reader) -> Callable[[Scope], Json]:
    def evaluate(scope: Scope) -> Json:
        document: Any = scope.input
        try:
            return document[name]
        except MISSES:
            return guarded(scope.input)

    return evaluate


def _two_names(first: str, second: str, guarded: Reader) -> Callable[[Scope], Json]:
    def evaluate(scope: Scope) -> Json:
        document: Any = scope.input
        try:
            return document[first][second]
        except MISSES:
            return guarded(scope.input)

    return evaluate


def _variable(text: str, name: str, guarded: Reader | None) -> Callable[[Scope], Json]:
    def evaluate(scope: Scope) -> Json:
        try:
            value = scope.variables[name]
        except KeyError:
            raise PathMiss(text, f"No results for path: $['{name}']") from None
        return value if guarded is None else guarded(value)

    return evaluate


def _explain(text: str, steps: tuple[Step, ...], document: Json) -> NoReturn:
    """Find where a definite path ends and say it in Jayway's words."""
    value = document
    for place, step in enumerate(steps):
        so_far = normalised(steps[:place])
        if isinstance(step, Name | Names) and not isinstance(value, dict):
            names = ", ".join(f"'{name}'" for name in ([step.name] if isinstance(step, Name) else step.names))
            raise PathMiss(
                text,
                f"Expected to find an object with property [{names}] in path {so_far} but found "
                f"'{java_class(value)}'. This is not a json object according to the JsonProvider: '{_PROVIDER}'.",
            )
        if isinstance(step, Index) and value is None:
            raise PathMiss(text, f"The path {so_far} is null")
        if isinstance(step, Index) and not isinstance(value, list):
            context = java_text(value)[:1000]
            detail = f"Filter: [{step.index}] can only be applied to arrays. Current context is: {context}"
            raise PathMiss(text, detail)
        if (
            isinstance(step, Name)
            and step.name not in cast("dict[str, Json]", value)
            and place + 1 < len(steps)
        ):
            raise PathMiss(text, f"Missing property in path {normalised(steps[: place + 1])}")
        try:
            value = compile_reader((step,))(value)
        except MISSES:
            break
    raise PathMiss(text, f"No results for path: {normalised(steps)}")
