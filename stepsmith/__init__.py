"""Write AWS Step Functions workflows as typed Python functions."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stepsmith.authoring.clients import client as client
    from stepsmith.authoring.retries import Retry as Retry
    from stepsmith.authoring.tasks import Task as Task
    from stepsmith.authoring.tasks import TaskToken as TaskToken
    from stepsmith.authoring.tasks import callback_task as callback_task
    from stepsmith.authoring.tasks import integration as integration
    from stepsmith.authoring.tasks import task as task
    from stepsmith.errors import ExecutionFailed as ExecutionFailed
    from stepsmith.errors import InvalidInput as InvalidInput
    from stepsmith.errors import NotFound as NotFound
    from stepsmith.errors import StepsmithError as StepsmithError
    from stepsmith.errors import TaskFailed as TaskFailed
    from stepsmith.errors import TaskTimeout as TaskTimeout
    from stepsmith.errors import WorkflowError as WorkflowError

_HOMES: Final = {
    "client": "stepsmith.authoring.clients",
    "Retry": "stepsmith.authoring.retries",
    "Task": "stepsmith.authoring.tasks",
    "TaskToken": "stepsmith.authoring.tasks",
    "callback_task": "stepsmith.authoring.tasks",
    "integration": "stepsmith.authoring.tasks",
    "task": "stepsmith.authoring.tasks",
    "ExecutionFailed": "stepsmith.errors",
    "InvalidInput": "stepsmith.errors",
    "NotFound": "stepsmith.errors",
    "StepsmithError": "stepsmith.errors",
    "TaskFailed": "stepsmith.errors",
    "TaskTimeout": "stepsmith.errors",
    "WorkflowError": "stepsmith.errors",
}
"""Public name -> the module it lives in; imported when first asked for, so that `import stepsmith` stays quick."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stepsmith' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
