"""Use cases over the engine: load a definition, run it, watch it, answer its tasks.

A name is imported when it is first asked for, so that a run does not pay for what it doesn't use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.rooms import opened

if TYPE_CHECKING:
    from stepsmith.service.answers.activities import ACTIVITIES as ACTIVITIES
    from stepsmith.service.answers.activities import Activities as Activities
    from stepsmith.service.answers.activities import ActivityTask as ActivityTask
    from stepsmith.service.answers.tokens import TOKENS as TOKENS
    from stepsmith.service.answers.tokens import TaskTokens as TaskTokens
    from stepsmith.service.answers.tokens import TokenError as TokenError
    from stepsmith.service.answers.tokens import WaitingTask as WaitingTask
    from stepsmith.service.clock import VIRTUAL_START as VIRTUAL_START
    from stepsmith.service.clock import Clock as Clock
    from stepsmith.service.clock import VirtualClock as VirtualClock
    from stepsmith.service.clock import WallClock as WallClock
    from stepsmith.service.definitions.files import read_definition as read_definition
    from stepsmith.service.definitions.mock_file import MockedTasks as MockedTasks
    from stepsmith.service.definitions.mock_file import read_mock_file as read_mock_file
    from stepsmith.service.durable.execution import JournalExecution as JournalExecution
    from stepsmith.service.executions.declared import error_classes as error_classes
    from stepsmith.service.executions.execution import Execution as Execution
    from stepsmith.service.executions.history import Events as Events
    from stepsmith.service.executions.map_runs import MapRunRecord as MapRunRecord
    from stepsmith.service.executions.options import RunOptions as RunOptions
    from stepsmith.service.journals.journal import Journal as Journal
    from stepsmith.service.machines.machine import Machine as Machine
    from stepsmith.service.machines.machine import load as load
    from stepsmith.service.machines.machine import read_input as read_input
    from stepsmith.service.machines.workflow_runs import WorkflowRunner as WorkflowRunner
    from stepsmith.service.machines.workflow_runs import local as local
    from stepsmith.service.machines.workflow_runs import run_workflow as run_workflow
    from stepsmith.service.machines.workflow_runs import running as running
    from stepsmith.service.machines.workflow_runs import workflow_machine as workflow_machine
    from stepsmith.service.machines.workflow_runs import workflow_machines as workflow_machines
    from stepsmith.service.machines.workflow_runs import workflow_tasks as workflow_tasks
    from stepsmith.service.personal import unmasked as unmasked
    from stepsmith.service.remote.backend import AwsBackend as AwsBackend
    from stepsmith.service.remote.backend import aws as aws
    from stepsmith.service.remote.execution import AwsExecution as AwsExecution

_HOMES: Final = {
    "ACTIVITIES": "stepsmith.service.answers.activities",
    "Activities": "stepsmith.service.answers.activities",
    "ActivityTask": "stepsmith.service.answers.activities",
    "TOKENS": "stepsmith.service.answers.tokens",
    "TaskTokens": "stepsmith.service.answers.tokens",
    "TokenError": "stepsmith.service.answers.tokens",
    "WaitingTask": "stepsmith.service.answers.tokens",
    "Clock": "stepsmith.service.clock",
    "VIRTUAL_START": "stepsmith.service.clock",
    "VirtualClock": "stepsmith.service.clock",
    "WallClock": "stepsmith.service.clock",
    "read_definition": "stepsmith.service.definitions.files",
    "MockedTasks": "stepsmith.service.definitions.mock_file",
    "read_mock_file": "stepsmith.service.definitions.mock_file",
    "error_classes": "stepsmith.service.executions.declared",
    "Execution": "stepsmith.service.executions.execution",
    "Events": "stepsmith.service.executions.history",
    "MapRunRecord": "stepsmith.service.executions.map_runs",
    "Journal": "stepsmith.service.journals.journal",
    "JournalExecution": "stepsmith.service.durable.execution",
    "Machine": "stepsmith.service.machines.machine",
    "load": "stepsmith.service.machines.machine",
    "read_input": "stepsmith.service.machines.machine",
    "RunOptions": "stepsmith.service.executions.options",
    "WorkflowRunner": "stepsmith.service.machines.workflow_runs",
    "local": "stepsmith.service.machines.workflow_runs",
    "run_workflow": "stepsmith.service.machines.workflow_runs",
    "running": "stepsmith.service.machines.workflow_runs",
    "workflow_machine": "stepsmith.service.machines.workflow_runs",
    "workflow_machines": "stepsmith.service.machines.workflow_runs",
    "workflow_tasks": "stepsmith.service.machines.workflow_runs",
    "unmasked": "stepsmith.service.personal",
    "AwsBackend": "stepsmith.service.remote.backend",
    "aws": "stepsmith.service.remote.backend",
    "AwsExecution": "stepsmith.service.remote.execution",
}
"""Public name -> the module it lives in."""

__all__ = [
    "ACTIVITIES",
    "TOKENS",
    "VIRTUAL_START",
    "Activities",
    "ActivityTask",
    "AwsBackend",
    "AwsExecution",
    "Clock",
    "Events",
    "Execution",
    "Journal",
    "JournalExecution",
    "Machine",
    "MapRunRecord",
    "MockedTasks",
    "RunOptions",
    "TaskTokens",
    "TokenError",
    "VirtualClock",
    "WaitingTask",
    "WallClock",
    "WorkflowRunner",
    "aws",
    "error_classes",
    "load",
    "local",
    "read_definition",
    "read_input",
    "read_mock_file",
    "run_workflow",
    "running",
    "unmasked",
    "workflow_machine",
    "workflow_machines",
    "workflow_tasks",
]

__getattr__ = opened(__name__, _HOMES)
