"""Use cases over the engine: load a definition, run it, watch it, answer its tasks."""

from stepsmith.service.clock import VIRTUAL_START, Clock, VirtualClock, WallClock
from stepsmith.service.execution import Execution
from stepsmith.service.history import Events
from stepsmith.service.machine import Machine, RunOptions, load, read_input
from stepsmith.service.mock_file import MockedTasks, read_mock_file
from stepsmith.service.tokens import TOKENS, TaskTokens, TokenError, WaitingTask

__all__ = [
    "TOKENS",
    "VIRTUAL_START",
    "Clock",
    "Events",
    "Execution",
    "Machine",
    "MockedTasks",
    "RunOptions",
    "TaskTokens",
    "TokenError",
    "VirtualClock",
    "WaitingTask",
    "WallClock",
    "load",
    "read_input",
    "read_mock_file",
]
