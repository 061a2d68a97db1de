"""Sagas: what undoes the steps of a workflow when a later one fails."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, ParamSpec

from stepsmith.authoring.calls.retries import Retry
from stepsmith.authoring.values.types import error_name
from stepsmith.errors import CompensationFailed

P = ParamSpec("P")
UNDO_RETRY: Final = Retry()
"""How an undo is retried whose task says nothing about it: three times, after 1, 2 and 4 seconds."""


class _TextOfError(str):
    """Stands for the text of an error that has not come yet."""

    __slots__ = ()


class Compensation:
    """The undoing of steps; `compensation()` makes it, and a call of it registers what undoes the next step."""

    def __init__(self) -> None:
        self.error: str = _TextOfError()
        """The text of the error that is undone; as an argument of an undo, it is put there when the undo is called."""
        self.problems: list[str] = []
        """What could not be undone, once CompensationFailed was raised: the name of each function, and its error."""
        self._registered: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, function: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a function with these arguments where the rest of the `with` statement fails.

        Register it before the step that it undoes: after a timeout nobody knows whether the step was done.
        """
        self._registered.append((_persistent(function), args, kwargs))

    def clear(self) -> None:
        """Forget what is registered: what is done so far stays."""
        self._registered.clear()

    def __enter__(self) -> Compensation:
        self.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Undo what was registered, last first, where an error comes; raises CompensationFailed where that fails."""
        if not isinstance(error, Exception):
            return
        text, problems = str(error), list[str]()
        while self._registered:
            function, args, kwargs = self._registered.pop()
            try:
                function(
                    *(_late(each, text) for each in args), **{k: _late(v, text) for k, v in kwargs.items()}
                )
            except Exception as problem:
                problems.append(f"{function.__name__}: {problem}")
        if problems:
            self.error, self.problems = text, problems
            undone = "; ".join(problems)
            raise CompensationFailed(f"{error_name(type(error))}: {error}; not undone: {undone}") from error


def _late(argument: object, text: str) -> object:
    return text if isinstance(argument, _TextOfError) else argument


def _persistent(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a task that is retried; other functions as they are."""
    options = getattr(function, "with_options", None)
    if options is not None and not getattr(function, "retry", None):
        return options(retry=[UNDO_RETRY])
    return function


def compensation() -> Compensation:
    """Undo the steps of a `with` statement when one of them fails.

    What was registered last is undone first, and one that fails does not keep the others from it. Then the error goes
    on, or CompensationFailed, which names the error and all that is left.
    """
    return Compensation()
