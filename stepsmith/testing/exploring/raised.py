"""The errors by which the task of a state can fail, as far as its code, its docstring and its state tell."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from stepsmith.asl.model import Task as TaskState
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import error_name
from stepsmith.engine.kernel.retry import compile_retriers, matches, retrier_for
from stepsmith.engine.values.failures import StateFailure
from stepsmith.errors import WorkflowError

CRASH: Final = "Runtime.ExitError"
"""What a function that died fails with: out of memory, or killed."""
UNFORESEEN: Final = "Exception"
"""What a mistake in a function fails with, whatever its name would be."""
TIMEOUT: Final = "States.Timeout"
_DOCUMENTED: Final = re.compile(r"Raises ([^.]*)")
_NAME: Final = re.compile(r"\b[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error by which a task can fail, and what its state does about it."""

    error: str
    alike: str
    """Which retrier and catcher take it; errors with the same lead to the same but for their names."""
    retries: int
    """How often its state tries again."""
    is_sudden: bool
    """Whether it may come when the work is done: a crash or a lost answer, not a refusal."""


def faults_of(task: object, state: TaskState, more: Sequence[str] = ()) -> tuple[Fault, ...]:
    """Give the errors by which a task may fail in a state, those that its state knows included; without timeouts."""
    declared = _declared(cast("Task[..., Any]", task)) if isinstance(task, Task) else []
    named = [name for rule in (*state.retry, *state.catch) for name in rule.error_equals]
    known = [name for name in named if not name.startswith("States.")]
    retried = {name for rule in state.retry if rule.max_attempts != 0 for name in rule.error_equals}
    names = dict.fromkeys([*more, *declared, *known, CRASH])
    found = [fault(state, name, is_sudden=name == CRASH or name in retried) for name in names]
    mistake = fault(state, UNFORESEEN, is_sudden=True)
    if mistake.alike != found[-1].alike:  # else it comes to the same as a crash
        found.append(mistake)
    return tuple(found)


def fault(state: TaskState, error: str, *, is_sudden: bool) -> Fault:
    """Give an error with what a state does about it."""
    failure = StateFailure(error, None)
    retriers = compile_retriers(state.retry)
    index = retrier_for(retriers, failure)
    catchers = (
        place
        for place, catcher in enumerate(state.catch)
        if matches(frozenset(catcher.error_equals), failure)
    )
    retries = 0 if index is None else retriers[index].attempts
    return Fault(error, f"{index if retries else None} {next(catchers, None)}", retries, is_sudden)


def _declared(task: Task[..., Any]) -> list[str]:
    """Give the errors that a task raises by name in its own code, and those that its docstring tells of."""
    function = inspect.unwrap(task.function)
    documented = [
        name
        for sentence in _DOCUMENTED.findall(inspect.getdoc(function) or "")
        for name in _NAME.findall(sentence)
    ]
    scope: dict[str, object] = getattr(function, "__globals__", {})
    found: list[str] = []
    for name in dict.fromkeys([*documented, *_raised(function)]):
        kind = scope.get(name) or _known_error(name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            found.append(error_name(kind))
    return found


def _raised(function: object) -> Iterator[str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]  # a function
    except (OSError, TypeError, SyntaxError):  # made at run time: there is no source
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name):
                yield raised.id


def _known_error(name: str) -> type[WorkflowError] | None:
    """Give the error of that name that a helper in another module raises; None where it is not one of a workflow."""
    waiting: list[type[WorkflowError]] = [WorkflowError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__name__ == name:
                return kind
            waiting.append(kind)
    return None


def timeout_of(state: TaskState) -> Fault:
    """Give the failure of a task that does not answer in time."""
    return fault(state, TIMEOUT, is_sudden=True)
