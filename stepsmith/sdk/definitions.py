"""Definitions of the SDK as JSON."""

from __future__ import annotations

from typing import Any

from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.sdk.importing import import_sdk
from stepsmith.sdk.placeholders import to_plain_json
from stepsmith.sdk.shapes import shape_of


def definition_of(source: object) -> dict[str, Json]:
    """Give the definition of a Workflow, Graph, Chain, step or pipeline of the SDK, unchecked, as JSON.

    Raises InvalidInput for anything else, for steps that the SDK cannot put together, and, naming the place, for what
    is not JSON.
    """
    try:
        written = _graph(source).to_dict()
    except (ValueError, AttributeError) as error:
        raise InvalidInput(f"the SDK cannot put the steps together: {error}") from error
    except RecursionError:
        raise InvalidInput("the steps contain themselves, or are more than the SDK can walk") from None
    return to_plain_json(written)


def _graph(source: Any) -> Any:
    match shape_of(source):
        case "WorkflowTemplate":
            return source.workflow.definition
        case "Workflow":
            return source.definition
        case "Chain" | "State":
            return import_sdk().steps.Graph(source)
        case "Graph":
            return source
        case _:
            raise InvalidInput(
                f"{type(source).__name__} is not a Workflow, Graph, Chain or step of the stepfunctions SDK; "
                "stepsmith.load takes JSON"
            )
