"""The SDK's workflows as machines of ours."""

from __future__ import annotations

from typing import Any

from stepsmith.sdk.definitions import definition_of
from stepsmith.sdk.shapes import shape_of
from stepsmith.service import Machine, load


def from_sdk(source: object, *, name: str | None = None) -> Machine:
    """Give a Workflow, Graph, Chain, step or pipeline of the SDK as a machine that runs, is tested and drawn here.

    Its name is that of the Workflow unless `name` is given. Raises InvalidDefinition, with every finding, for what AWS
    would refuse, and InvalidInput for what is not of the SDK or cannot be said in JSON.
    """
    return load(definition_of(source), name=name or _name(source))


def _name(source: Any) -> str | None:
    match shape_of(source):
        case "WorkflowTemplate":
            return source.workflow.name
        case "Workflow":
            return source.name
        case _:
            return None
