"""`stepsmith list`: the workflows of the project, with their inputs."""

from __future__ import annotations

from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.authoring.calls.boundary import Parameter
    from stepsmith.authoring.workflows.workflow import Workflow

LONGEST_LINE = 110


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "list", "List the workflows of the project around the current folder, with their inputs."
    )
    arguments.flag("json", help="write a JSON object by workflow")
    return arguments


def run(arguments: Namespace) -> int:
    """List the workflows of the project."""
    from stepsmith.cli.arguments.project import Project
    from stepsmith.cli.output.messages import one_line, put, say
    from stepsmith.cli.output.reports import pretty

    found = Project.here().all()
    if arguments.json:
        put(pretty({name: describe(each.workflow) for name, each in sorted(found.items())}))
        return 0
    if not found:
        say("no workflows in the folder workflows")
    for name, each in sorted(found.items()):
        inputs = [_signature(parameter) for parameter in each.workflow.boundary.parameters]
        line = f"{name}({', '.join(inputs)})"
        put(
            line
            if len(line) <= LONGEST_LINE
            else "\n".join([f"{name}(", *(f"        {one}," for one in inputs), ")"])
        )
        about = first_line(each.workflow)
        if about:
            put(f"    {one_line(about)}")
    return 0


def describe(workflow: Workflow[..., Any]) -> dict[str, Any]:
    """Return a workflow's description, its inputs, and the JSON schemas of these and of its output."""
    inputs = {
        each.name: {
            "type": type_name(each),
            "required": each.required,
            "schema": each.converter.schema(),
        }
        for each in workflow.boundary.parameters
    }
    output = workflow.boundary.result.schema(written=True)
    return {"description": first_line(workflow), "inputs": inputs, "output": output}


def first_line(workflow: Workflow[..., Any]) -> str:
    """Return the first line of a workflow's docstring."""
    return (workflow.function.__doc__ or "").strip().partition("\n")[0]


def type_name(parameter: Parameter) -> str:
    """Return the type of an input as people write it."""
    return _written(parameter.converter.annotation)


def _written(annotation: object) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _written(parts[0])
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, parts))}]"
    if origin in (Union, UnionType):
        return " | ".join(map(_written, parts))
    if isinstance(origin, type):
        return f"{origin.__name__}[{', '.join(map(_written, parts))}]"
    if annotation is NoneType:
        return "None"
    if annotation is ...:
        return "..."
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")


def _signature(parameter: Parameter) -> str:
    text = f"{parameter.name}: {type_name(parameter)}"
    return text if parameter.required else f"{text} = {_value(parameter.default)}"


def _value(default: object) -> str:
    return f"{type(default).__name__}.{default.name}" if isinstance(default, Enum) else repr(default)
