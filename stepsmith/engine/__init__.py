"""The pure interpreter of the Amazon States Language."""

from stepsmith.engine.program import Program, compile
from stepsmith.engine.render_events import events
from stepsmith.engine.run import Run
from stepsmith.engine.settings import Settings

__all__ = ["Program", "Run", "Settings", "compile", "events"]
