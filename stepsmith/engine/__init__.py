"""The pure interpreter of the Amazon States Language."""

from stepsmith.engine.history.events import events
from stepsmith.engine.history.records import History, duration, failed_state, path
from stepsmith.engine.kernel.frames import Program
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import MachineType, Settings, Status
from stepsmith.engine.states.compiling import compile

__all__ = [
    "History",
    "MachineType",
    "Program",
    "Run",
    "Settings",
    "Status",
    "compile",
    "duration",
    "events",
    "failed_state",
    "path",
]
