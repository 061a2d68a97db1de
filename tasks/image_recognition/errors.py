"""The errors that only image recognition knows."""

from stepsmith import WorkflowError


class AnalysisFailed(WorkflowError):
    """Neither labels nor thumbnail could be made."""
