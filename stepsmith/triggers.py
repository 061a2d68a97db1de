"""What starts deployed workflows: `from stepsmith.triggers import S3Upload, Schedule`."""

from stepsmith.authoring.triggers import Event, S3Upload, Schedule, Trigger

__all__ = ["Event", "S3Upload", "Schedule", "Trigger"]
