"""Use cases over the engine: load a definition, run it, watch it, answer its tasks."""

from stepsmith.service.answers.activities import ACTIVITIES, Activities, ActivityTask
from stepsmith.service.answers.tokens import TOKENS, TaskTokens, TokenError, WaitingTask
from stepsmith.service.clock import VIRTUAL_START, Clock, VirtualClock, WallClock
from stepsmith.service.definitions.files import read_definition
from stepsmith.service.definitions.mock_file import MockedTasks, read_mock_file
from stepsmith.service.executions.declared import error_classes
from stepsmith.service.executions.execution import Execution
from stepsmith.service.executions.history import Events
from stepsmith.service.executions.map_runs import MapRunRecord
from stepsmith.service.machines.machine import Machine, load, read_input
from stepsmith.service.machines.options import RunOptions
from stepsmith.service.machines.workflow_runs import (
    WorkflowRunner,
    local,
    run_workflow,
    running,
    workflow_machine,
    workflow_machines,
    workflow_tasks,
)
from stepsmith.service.personal import unmasked
from stepsmith.service.remote.backend import AwsBackend, aws
from stepsmith.service.remote.execution import AwsExecution

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
