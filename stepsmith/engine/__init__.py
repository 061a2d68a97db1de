"""The pure interpreter of the Amazon States Language."""

from stepsmith.engine.history import History, duration, failed_state, path
from stepsmith.engine.program import Program, compile
from stepsmith.engine.render_events import events
from stepsmith.engine.run import Run
from stepsmith.engine.settings import MachineType, Settings, Status

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
