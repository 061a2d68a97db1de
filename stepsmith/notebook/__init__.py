"""Executions that show themselves in Jupyter while they run."""

from stepsmith.notebook.cells import install, quiet
from stepsmith.notebook.live import Live

__all__ = ["Live", "install", "quiet"]
