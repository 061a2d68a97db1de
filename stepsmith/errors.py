"""The errors that stepsmith raises.

StepsmithError
├── DefinitionError          a mistake in Python that describes a workflow (has diagnostics)
├── InvalidDefinition        an Amazon States Language definition that AWS would refuse (has findings)
├── InvalidInput             an execution input or call argument that does not fit (names the field)
│   └── UnreadableValue      States.QueryEvaluationError: an answer, item or row that is not what its type says
├── NotFound                 a workflow, task, execution or file that is not there
├── ExpressionError          a JSONata or JSONPath expression that does not parse or evaluate
├── JournalError             a journal of executions that cannot be opened, read or written
│   └── JournalDamaged       a journal that does not hold what was written to it
├── ServiceError             what a service of AWS answered instead of a result; a subclass for each name
└── WorkflowError            what a task or workflow raises to fail by name
    ├── TaskTimeout          States.Timeout
    │   └── FunctionTimeout  Sandbox.Timedout: a deployed task that Lambda has stopped
    ├── TaskFailed           States.TaskFailed
    ├── CompensationFailed   a step could not be undone
    ├── TaskInterrupted      a task that must not run twice was interrupted
    ├── ExceedToleratedFailureThreshold  more items of a distributed Map failed than are tolerated
    └── ExecutionFailed      an execution failed with an error no Python class is known for
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


def nearest(wanted: str, known: Iterable[str], *, otherwise: str) -> str:
    """Return a hint to the name that was probably meant, or to all that there are."""
    from difflib import get_close_matches

    names = list(known)
    close = get_close_matches(wanted, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; {otherwise} {', '.join(sorted(names))}" if names else ""


class StepsmithError(Exception):
    """Any error of stepsmith's own."""


class InvalidInput(StepsmithError):
    """An execution input or call argument that does not fit what is declared."""


class UnreadableValue(InvalidInput):
    """An answer, or an item of a file, that a state cannot read as the type that is declared."""

    error_name: ClassVar[str] = "States.QueryEvaluationError"


class NotFound(StepsmithError):
    """Something named in a call that does not exist."""


class ExpressionError(StepsmithError):
    """An expression that does not parse or evaluate."""


class JournalError(StepsmithError):
    """A journal of executions that cannot be opened, read or written."""


class JournalDamaged(JournalError):
    """A journal that does not hold what was written to it."""


class ServiceError(StepsmithError):
    """Base of the errors of AWS's services, such as `services.dynamodb.ConditionalCheckFailedException`."""

    error_name: ClassVar[str | None] = None


class _Name:
    """The name of an error, which a class of its own may hide."""

    def __get__(self, error: WorkflowError | None, kind: type[WorkflowError]) -> str:
        own = vars(kind).get("error_name")
        return own if isinstance(own, str) else kind.__name__


class WorkflowError(StepsmithError):
    """Base of the named errors that tasks and workflows raise; the class name is the ASL error name."""

    error_name: ClassVar[str | None] = None
    """Another ASL error name; for this class only, not for those below it."""
    name = _Name()
    """The ASL error name."""


class TaskTimeout(WorkflowError):
    """A task that did not answer in time."""

    error_name = "States.Timeout"


class FunctionTimeout(TaskTimeout):
    """A Lambda function that did not answer in its time, which ends before that of the state that calls it."""

    error_name = "Sandbox.Timedout"


class TaskFailed(WorkflowError):
    """A task that failed, whatever its error."""

    error_name = "States.TaskFailed"


class TaskInterrupted(WorkflowError):
    """A task that must not run twice, and that was under way when the process that ran it ended."""


class CompensationFailed(WorkflowError):
    """Something that `compensation()` should have undone is still done; the text names the error and what is left."""


class ExceedToleratedFailureThreshold(WorkflowError):
    """A distributed Map of which more items failed than are tolerated."""

    error_name = "States.ExceedToleratedFailureThreshold"


class ExecutionFailed(WorkflowError):
    """A failed execution whose error belongs to no known Python class."""

    def __init__(self, error: str | None, cause: str | None, message: str | None = None) -> None:
        super().__init__(f"{error or 'no error name'}: {message or cause or 'no cause'}")
        self.error = error
        self.cause = cause
