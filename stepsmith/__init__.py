"""Write AWS Step Functions workflows as typed Python functions."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from stepsmith.authoring.calls.clients import fall_back_on
from stepsmith.authoring.workflows.runners import register_runner, register_simulator
from stepsmith.rooms import opened

if TYPE_CHECKING:
    from stepsmith.authoring.calls.attempts import idempotency_token as idempotency_token
    from stepsmith.authoring.calls.callee import TaskToken as TaskToken
    from stepsmith.authoring.calls.clients import ClientSource
    from stepsmith.authoring.calls.clients import client as client
    from stepsmith.authoring.calls.clients import client_by_region as client_by_region
    from stepsmith.authoring.calls.clients import using_clients as using_clients
    from stepsmith.authoring.calls.compensation import Compensation as Compensation
    from stepsmith.authoring.calls.compensation import compensation as compensation
    from stepsmith.authoring.calls.constructs import map_items as map_items
    from stepsmith.authoring.calls.constructs import now as now
    from stepsmith.authoring.calls.constructs import parallel as parallel
    from stepsmith.authoring.calls.constructs import uuid as uuid
    from stepsmith.authoring.calls.constructs import wait as wait
    from stepsmith.authoring.calls.constructs import wait_until as wait_until
    from stepsmith.authoring.calls.context import context as context
    from stepsmith.authoring.calls.escape import jsonata as jsonata
    from stepsmith.authoring.calls.item_sources import csv_rows as csv_rows
    from stepsmith.authoring.calls.item_sources import json_items as json_items
    from stepsmith.authoring.calls.item_sources import json_lines as json_lines
    from stepsmith.authoring.calls.item_sources import s3_objects as s3_objects
    from stepsmith.authoring.calls.retries import Retry as Retry
    from stepsmith.authoring.compiler.workflow import workflow as workflow
    from stepsmith.authoring.source.diagnostics import DefinitionError as DefinitionError
    from stepsmith.authoring.tasks.task import Task as Task
    from stepsmith.authoring.tasks.task import callback_task as callback_task
    from stepsmith.authoring.tasks.task import integration as integration
    from stepsmith.authoring.tasks.task import plain_run as plain_run
    from stepsmith.authoring.tasks.task import task as task
    from stepsmith.authoring.workflows.runners import Runner
    from stepsmith.authoring.workflows.workflow import Workflow as Workflow
    from stepsmith.errors import CompensationFailed as CompensationFailed
    from stepsmith.errors import ExecutionFailed as ExecutionFailed
    from stepsmith.errors import InvalidInput as InvalidInput
    from stepsmith.errors import NotFound as NotFound
    from stepsmith.errors import ServiceError as ServiceError
    from stepsmith.errors import StepsmithError as StepsmithError
    from stepsmith.errors import TaskFailed as TaskFailed
    from stepsmith.errors import TaskInterrupted as TaskInterrupted
    from stepsmith.errors import TaskTimeout as TaskTimeout
    from stepsmith.errors import WorkflowError as WorkflowError
    from stepsmith.integrations import ClientRegistry as ClientRegistry
    from stepsmith.integrations import HttpAccess as HttpAccess
    from stepsmith.integrations.services.directory import services as services
    from stepsmith.privacy import Personal as Personal
    from stepsmith.service import Execution as Execution
    from stepsmith.service import Journal as Journal
    from stepsmith.service import VirtualClock as VirtualClock
    from stepsmith.service import aws as aws
    from stepsmith.service import load as load
    from stepsmith.service import local as local
    from stepsmith.service import running as running
    from stepsmith.service import unmasked as unmasked

_HOMES: Final = {
    "client": "stepsmith.authoring.calls.clients",
    "client_by_region": "stepsmith.authoring.calls.clients",
    "context": "stepsmith.authoring.calls.context",
    "jsonata": "stepsmith.authoring.calls.escape",
    "idempotency_token": "stepsmith.authoring.calls.attempts",
    "Retry": "stepsmith.authoring.calls.retries",
    "Task": "stepsmith.authoring.tasks.task",
    "TaskToken": "stepsmith.authoring.calls.callee",
    "callback_task": "stepsmith.authoring.tasks.task",
    "integration": "stepsmith.authoring.tasks.task",
    "task": "stepsmith.authoring.tasks.task",
    "Compensation": "stepsmith.authoring.calls.compensation",
    "compensation": "stepsmith.authoring.calls.compensation",
    "map_items": "stepsmith.authoring.calls.constructs",
    "now": "stepsmith.authoring.calls.constructs",
    "parallel": "stepsmith.authoring.calls.constructs",
    "uuid": "stepsmith.authoring.calls.constructs",
    "wait": "stepsmith.authoring.calls.constructs",
    "wait_until": "stepsmith.authoring.calls.constructs",
    "Workflow": "stepsmith.authoring.workflows.workflow",
    "workflow": "stepsmith.authoring.compiler.workflow",
    "plain_run": "stepsmith.authoring.tasks.task",
    "using_clients": "stepsmith.authoring.calls.clients",
    "DefinitionError": "stepsmith.authoring.source.diagnostics",
    "csv_rows": "stepsmith.authoring.calls.item_sources",
    "json_items": "stepsmith.authoring.calls.item_sources",
    "json_lines": "stepsmith.authoring.calls.item_sources",
    "s3_objects": "stepsmith.authoring.calls.item_sources",
    "CompensationFailed": "stepsmith.errors",
    "ExecutionFailed": "stepsmith.errors",
    "InvalidInput": "stepsmith.errors",
    "NotFound": "stepsmith.errors",
    "StepsmithError": "stepsmith.errors",
    "TaskFailed": "stepsmith.errors",
    "TaskInterrupted": "stepsmith.errors",
    "TaskTimeout": "stepsmith.errors",
    "WorkflowError": "stepsmith.errors",
    "ClientRegistry": "stepsmith.integrations",
    "Execution": "stepsmith.service",
    "Journal": "stepsmith.service",
    "HttpAccess": "stepsmith.integrations",
    "Personal": "stepsmith.privacy",
    "VirtualClock": "stepsmith.service",
    "aws": "stepsmith.service",
    "load": "stepsmith.service",
    "local": "stepsmith.service",
    "running": "stepsmith.service",
    "unmasked": "stepsmith.service",
    "services": "stepsmith.integrations.services.directory",
    "ServiceError": "stepsmith.errors",
}
"""Public name -> the module it lives in; imported when first asked for, so that `import stepsmith` stays quick."""


__all__ = [
    "ClientRegistry",
    "Compensation",
    "CompensationFailed",
    "DefinitionError",
    "Execution",
    "ExecutionFailed",
    "HttpAccess",
    "InvalidInput",
    "Journal",
    "NotFound",
    "Personal",
    "Retry",
    "ServiceError",
    "StepsmithError",
    "Task",
    "TaskFailed",
    "TaskInterrupted",
    "TaskTimeout",
    "TaskToken",
    "VirtualClock",
    "Workflow",
    "WorkflowError",
    "aws",
    "callback_task",
    "client",
    "client_by_region",
    "compensation",
    "context",
    "csv_rows",
    "idempotency_token",
    "integration",
    "json_items",
    "json_lines",
    "jsonata",
    "load",
    "local",
    "map_items",
    "now",
    "parallel",
    "plain_run",
    "running",
    "s3_objects",
    "services",
    "task",
    "unmasked",
    "using_clients",
    "uuid",
    "wait",
    "wait_until",
    "workflow",
]


def _workflow_runner() -> Runner[Workflow[..., Any]]:
    from stepsmith.service import WorkflowRunner

    return WorkflowRunner()


def _workflow_simulator() -> Any:
    from stepsmith.simulation import simulate

    return simulate


class _Boto3Clients:
    """The clients of boto3, for a task that is called outside a run."""

    def __call__(self, service: str) -> object:
        return self.in_region(None)(service)

    def in_region(self, region: str | None) -> ClientSource:
        from stepsmith.integrations import ClientRegistry

        return ClientRegistry.aws(region).client


register_runner(_workflow_runner)
register_simulator(_workflow_simulator)
fall_back_on(_Boto3Clients())


__getattr__ = opened(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


if "IPython" in sys.modules and getattr(sys.modules["IPython"], "get_ipython", lambda: None)() is not None:
    import_module("stepsmith.notebook").install()
