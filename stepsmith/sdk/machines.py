"""The SDK's definitions, workflows and executions as ours; and its own pictures replaced by them."""

from __future__ import annotations

from typing import Any

from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount
from stepsmith.sdk.importing import import_sdk
from stepsmith.sdk.placeholders import shape_of, to_plain_json
from stepsmith.service import AwsExecution, Machine, load
from stepsmith.service.executions.declared import NOTHING_DECLARED


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


def execution_from_sdk(execution: object) -> AwsExecution[Json]:
    """Give an Execution of the SDK as ours, by the same client: with its graph, timeline and events in a notebook.

    Raises InvalidInput for anything else.
    """
    if shape_of(execution) != "Execution":
        raise InvalidInput(f"{type(execution).__name__} is not an Execution of the stepfunctions SDK")
    theirs: Any = execution
    account = AwsAccount(clients={"stepfunctions": theirs.client})
    return AwsExecution(account, theirs.execution_arn, NOTHING_DECLARED)


def replace_widgets() -> None:
    """Have the SDK show our pictures from now on, where its own are blank or fail.

    This changes two classes of the SDK for the whole process: `Workflow.render_graph` gives the machine of `from_sdk`;
    `Execution.render_progress`, and `Execution.list_events` when it is asked for HTML, give that of
    `execution_from_sdk`. Both show themselves at the end of a cell. The SDK's other lists as HTML stay what they are.
    """
    theirs: Any = import_sdk().workflow
    list_events: Any = getattr(theirs.Execution.list_events, "__wrapped__", theirs.Execution.list_events)

    def render_graph(self: object, portrait: bool = False) -> Machine:
        return from_sdk(self)

    def render_progress(self: object, portrait: bool = False, max_events: int = 25_000) -> AwsExecution[Json]:
        return execution_from_sdk(self)

    def list_events_or_show(
        self: object, max_items: int = 100, reverse_order: bool = False, html: bool = False
    ) -> Any:
        return execution_from_sdk(self) if html else list_events(self, max_items, reverse_order)

    list_events_or_show.__dict__["__wrapped__"] = list_events
    theirs.Workflow.render_graph = render_graph
    theirs.Execution.render_progress = render_progress
    theirs.Execution.list_events = list_events_or_show
