"""What Express executions cannot do."""

from __future__ import annotations

from typing import Final

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.walk import every_state
from stepsmith.authoring.source.diagnostics import mistake

_WAITING: Final = (".sync", ".sync:2", ".waitForTaskToken")


def check_express(scope: graph.Scope) -> None:
    """Refuse states that wait for others, and distributed Maps. Raises DefinitionError for the first."""
    for state in every_state(scope):
        match state:
            case graph.Task(resource=resource) if resource.endswith(_WAITING):
                what = (
                    "waits for a token" if resource.endswith("Token") else "waits for an execution or a job"
                )
            case graph.Map(config=config) if config is not None and config.mode == "DISTRIBUTED":
                what = "is a distributed Map"
            case _:
                continue
        message = f"state '{state.name}' {what}, which Express executions cannot"
        raise mistake(
            "W234", message, "take express=True away, or start the work without waiting for it", state
        )
