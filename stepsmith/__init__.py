"""Write AWS Step Functions workflows as typed Python functions."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

from stepsmith.authoring.clients import fall_back_on
from stepsmith.authoring.runners import register_runner

if TYPE_CHECKING:
    from stepsmith.authoring.clients import client as client
    from stepsmith.authoring.clients import using_clients as using_clients
    from stepsmith.authoring.constructs import map_items as map_items
    from stepsmith.authoring.constructs import now as now
    from stepsmith.authoring.constructs import parallel as parallel
    from stepsmith.authoring.constructs import uuid as uuid
    from stepsmith.authoring.constructs import wait as wait
    from stepsmith.authoring.constructs import wait_until as wait_until
    from stepsmith.authoring.diagnostics import DefinitionError as DefinitionError
    from stepsmith.authoring.item_sources import csv_rows as csv_rows
    from stepsmith.authoring.item_sources import json_items as json_items
    from stepsmith.authoring.item_sources import json_lines as json_lines
    from stepsmith.authoring.item_sources import s3_objects as s3_objects
    from stepsmith.authoring.plain import plain_run as plain_run
    from stepsmith.authoring.retries import Retry as Retry
    from stepsmith.authoring.runners import Runner
    from stepsmith.authoring.tasks import Task as Task
    from stepsmith.authoring.tasks import TaskToken as TaskToken
    from stepsmith.authoring.tasks import callback_task as callback_task
    from stepsmith.authoring.tasks import integration as integration
    from stepsmith.authoring.tasks import task as task
    from stepsmith.authoring.workflows import Workflow as Workflow
    from stepsmith.authoring.workflows import workflow as workflow
    from stepsmith.errors import ExecutionFailed as ExecutionFailed
    from stepsmith.errors import InvalidInput as InvalidInput
    from stepsmith.errors import NotFound as NotFound
    from stepsmith.errors import StepsmithError as StepsmithError
    from stepsmith.errors import TaskFailed as TaskFailed
    from stepsmith.errors import TaskTimeout as TaskTimeout
    from stepsmith.errors import WorkflowError as WorkflowError
    from stepsmith.integrations import ClientRegistry as ClientRegistry
    from stepsmith.integrations import HttpAccess as HttpAccess
    from stepsmith.privacy import Personal as Personal
    from stepsmith.service import Execution as Execution
    from stepsmith.service import VirtualClock as VirtualClock
    from stepsmith.service import aws as aws
    from stepsmith.service import load as load
    from stepsmith.service import local as local
    from stepsmith.service import running as running
    from stepsmith.service import unmasked as unmasked

_HOMES: Final = {
    "client": "stepsmith.authoring.clients",
    "Retry": "stepsmith.authoring.retries",
    "Task": "stepsmith.authoring.tasks",
    "TaskToken": "stepsmith.authoring.tasks",
    "callback_task": "stepsmith.authoring.tasks",
    "integration": "stepsmith.authoring.tasks",
    "task": "stepsmith.authoring.tasks",
    "map_items": "stepsmith.authoring.constructs",
    "now": "stepsmith.authoring.constructs",
    "parallel": "stepsmith.authoring.constructs",
    "uuid": "stepsmith.authoring.constructs",
    "wait": "stepsmith.authoring.constructs",
    "wait_until": "stepsmith.authoring.constructs",
    "Workflow": "stepsmith.authoring.workflows",
    "workflow": "stepsmith.authoring.workflows",
    "plain_run": "stepsmith.authoring.plain",
    "using_clients": "stepsmith.authoring.clients",
    "DefinitionError": "stepsmith.authoring.diagnostics",
    "csv_rows": "stepsmith.authoring.item_sources",
    "json_items": "stepsmith.authoring.item_sources",
    "json_lines": "stepsmith.authoring.item_sources",
    "s3_objects": "stepsmith.authoring.item_sources",
    "ExecutionFailed": "stepsmith.errors",
    "InvalidInput": "stepsmith.errors",
    "NotFound": "stepsmith.errors",
    "StepsmithError": "stepsmith.errors",
    "TaskFailed": "stepsmith.errors",
    "TaskTimeout": "stepsmith.errors",
    "WorkflowError": "stepsmith.errors",
    "ClientRegistry": "stepsmith.integrations",
    "Execution": "stepsmith.service",
    "HttpAccess": "stepsmith.integrations",
    "Personal": "stepsmith.privacy",
    "VirtualClock": "stepsmith.service",
    "aws": "stepsmith.service",
    "load": "stepsmith.service",
    "local": "stepsmith.service",
    "running": "stepsmith.service",
    "unmasked": "stepsmith.service",
}
"""Public name -> the module it lives in; imported when first asked for, so that `import stepsmith` stays quick."""


__all__ = [
    "ClientRegistry",
    "DefinitionError",
    "Execution",
    "ExecutionFailed",
    "HttpAccess",
    "InvalidInput",
    "NotFound",
    "Personal",
    "Retry",
    "StepsmithError",
    "Task",
    "TaskFailed",
    "TaskTimeout",
    "TaskToken",
    "VirtualClock",
    "Workflow",
    "WorkflowError",
    "aws",
    "callback_task",
    "client",
    "csv_rows",
    "integration",
    "json_items",
    "json_lines",
    "load",
    "local",
    "map_items",
    "now",
    "parallel",
    "plain_run",
    "running",
    "s3_objects",
    "task",
    "unmasked",
    "using_clients",
    "uuid",
    "wait",
    "wait_until",
    "workflow",
]


def _workflow_runner() -> Runner:
    from stepsmith.service import WorkflowRunner

    return WorkflowRunner()


def _boto3_client(service: str) -> object:
    from stepsmith.integrations import ClientRegistry

    return ClientRegistry.aws().client(service)


register_runner(_workflow_runner)
fall_back_on(_boto3_client)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stepsmith' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


if "IPython" in sys.modules and getattr(sys.modules["IPython"], "get_ipython", lambda: None)() is not None:
    import_module("stepsmith.notebook").install()
