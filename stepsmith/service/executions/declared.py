"""What a workflow declares of its executions, and what comes of it: a result, or the error that was raised."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar, cast

from stepsmith.errors import (
    ExecutionFailed,
    ServiceError,
    StepsmithError,
    TaskFailed,
    TaskTimeout,
    WorkflowError,
)
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.expressions.typed.tree import Span
    from stepsmith.privacy import Marks

__tracebackhide__ = True  # pytest shows the frames of tests, workflows and tasks, not those in between

R = TypeVar("R")
_PULSE: Final = 0.2
"""Seconds after which an event loop that waits is woken: kernels hear of an interrupt only then."""
MOST_FRAMES: Final = 20
"""Frames of a task's traceback that are shown, the innermost ones."""
_OURS: Final = ("/stepsmith/authoring/", "/stepsmith/integrations/", "/stepsmith/deploy/")
"""Parts of the paths of what calls tasks: its frames say nothing of what went wrong."""
LAST_WORDS: Final = 5.0
"""Seconds for whoever watches an execution to take notice that it was stopped."""


class Ended(Protocol):
    """An execution that has ended, here or on AWS."""

    @property
    def status(self) -> str:
        """SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
        ...

    @property
    def output(self) -> Json:
        """The output; None unless it has succeeded."""
        ...

    @property
    def error(self) -> str | None:
        """The error name, where it has not succeeded."""
        ...

    @property
    def cause(self) -> str | None:
        """The cause, where it has not succeeded."""
        ...


@frozen(kw_only=True)
class Declared(Generic[R]):
    """What the source of a state machine says about its executions."""

    convert: Callable[[Json], R]
    """Makes the output what `result()` returns."""
    errors: Mapping[str, type[Exception]]
    """The classes of the errors that `result()` raises, by name."""
    spans: Mapping[str, Span]
    """State name -> the place in the source that the state stands for; empty for definitions without source."""
    marks: Callable[[], Marks] | None = None
    """Gives what is personal, which is masked where it is shown; None where nothing is known to be."""

    def result_of(self, execution: Ended, *, raised: BaseException | None = None) -> R:
        """Give the output as the declared type.

        Raises the error that the workflow raised where its class is known, and ExecutionFailed otherwise: from what
        its task has `raised`, or with a note of the task's traceback where only that is known.
        """
        if execution.status == "SUCCEEDED":
            return self.convert(execution.output)
        failure = failure_of(execution.status, execution.error, execution.cause, self.errors)
        trace = frames(execution.cause) if raised is None else []
        if trace:
            failure.add_note("\n".join(["Traceback of the task (most recent call last):", *trace]))
        raise failure from raised


def as_it_is(value: Json) -> Json:
    """Give the output of a machine that declares no type."""
    return value


NOTHING_DECLARED: Final = Declared[Json](convert=as_it_is, errors={}, spans={})
"""For definitions without source."""


def declared_by(workflow: Workflow[..., Any]) -> Declared[Any]:
    """Return what a workflow function declares."""
    from stepsmith.service.personal import workflow_marks

    return Declared(
        convert=workflow.boundary.result.read,
        errors=error_classes(workflow),
        spans=workflow.spans,
        marks=lambda: workflow_marks(workflow),
    )


def error_classes(workflow: Workflow[..., Any]) -> dict[str, type[Exception]]:
    """Return the classes of named errors by the name they fail with.

    Where two classes have one name, the one that the workflow's module knows comes first, then those that the modules
    of its tasks know.
    """
    found: dict[str, type[Exception]] = {}
    functions = [workflow.function, *(task.function for task in workflow.tasks.values())]
    known = [value for function in functions for value in getattr(function, "__globals__", {}).values()]
    for kind in (*known, *_all_errors()):
        if isinstance(kind, type) and issubclass(kind, WorkflowError | ServiceError):
            found.setdefault(kind.error_name or kind.__name__, kind)
    return found


def _all_errors() -> list[type[StepsmithError]]:
    found: list[type[StepsmithError]] = []
    waiting: list[type[StepsmithError]] = [WorkflowError, *ServiceError.__subclasses__()]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return found


async def awaited(result: Callable[[], R], *, stop: Callable[[], None] | None = None) -> R:
    """Wait for a result without blocking the event loop.

    What is cancelled while it waits calls `stop`, and leaves whoever watches the execution a moment to take notice.
    """
    import asyncio

    ended = asyncio.ensure_future(asyncio.to_thread(result))
    try:
        while not ended.done():
            await asyncio.wait({ended}, timeout=_PULSE)
    except asyncio.CancelledError:
        if stop is not None:
            stop()
            await asyncio.wait({ended}, timeout=LAST_WORDS)
        ended.cancel()
        if ended.done() and not ended.cancelled():
            ended.exception()  # taken notice of: whoever cancelled does not want it
        raise
    return await ended


def failure_of(
    status: str, error: str | None, cause: str | None, classes: Mapping[str, type[Exception]]
) -> Exception:
    """Return what to raise for an execution that did not succeed: of the class that its error names, if it is known."""
    message = message_of(cause)
    if error == "States.Timeout" or status == "TIMED_OUT":
        return TaskTimeout(message or "the execution took too long")
    if error is not None and error in classes:
        return classes[error](message)
    if error == "States.TaskFailed":
        return TaskFailed(message)
    return ExecutionFailed(error or status, cause, message)


def message_of(cause: str | None) -> str:
    """Return what an error says: the message inside the object that Lambda makes of an exception, or the cause."""
    told = told_by(cause)
    return str(told["errorMessage"]) if "errorMessage" in told else cause or ""


def frames(cause: str | None) -> list[str]:
    """Return the frames of a task's traceback that a cause tells of, as Python writes them, the innermost last.

    Only a cause as Lambda writes it has any; what calls the task is left out.
    """
    found = told_by(cause).get("stackTrace")
    if not isinstance(found, list):
        return []
    texts = [text.rstrip("\n") for text in found if isinstance(text, str)]
    own = [text for text in texts if not any(part in text.replace("\\", "/") for part in _OURS)]
    return own[-MOST_FRAMES:]


def told_by(cause: str | None) -> dict[str, Json]:
    """Return the object that a cause is, if it is one: Lambda and nested executions tell more than a text."""
    if cause is None or not cause.startswith("{"):
        return {}
    try:
        found: object = json.loads(cause)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Json]", found) if isinstance(found, dict) else {}
