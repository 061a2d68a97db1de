"""Executions that show themselves in Jupyter while they run."""

from stepsmith.notebook.live import Live
from stepsmith.notebook.cells import install, quiet

__all__ = ["Live", "install", "quiet"]
