"""`stepsmith start`: start an execution of a deployed workflow, or one in a journal here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.expressions.types import Json

DESCRIPTION: Final = (
    "Start an execution of a deployed workflow; writes the ARN of the execution. With --journal or --durable it is "
    "recorded in a journal here, where stepsmith work drives it."
)
EXAMPLES: Final = (
    "delayed_vending --input @order.json --wait",
    "machine.asl.json --name order-7 --journal jobs.db --tasks answers.py",
)


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack, add_unmasked
    from stepsmith.cli.arguments.substitutions import add_substitutions
    from stepsmith.cli.journal.options import add_durable, add_sync, add_tasks

    arguments = Arguments("start", DESCRIPTION, examples=EXAMPLES)
    arguments.value(
        "target",
        metavar="NAME|ARN|FILE",
        help="a workflow; on AWS, the ARN of any state machine; here, a file with a definition",
    )
    arguments.value("pairs", metavar="key=value", help="parts of the input", many=True)
    arguments.option("input", metavar="JSON|@FILE|-", help="the input")
    arguments.option("name", metavar="NAME", help="the name of the execution")
    add_durable(arguments)
    add_tasks(arguments)
    add_substitutions(arguments)
    arguments.flag("virtual-time", help="here: let waits pass in an instant")
    add_sync(arguments)
    arguments.flag("wait", help="wait for the end; writes the output, and exit code 1 says that it failed")
    add_unmasked(arguments)
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Start it."""
    from stepsmith.cli.arguments.aws_options import backend, execution
    from stepsmith.cli.journal.options import refuse_here

    if arguments.durable or arguments.journal is not None:
        return _start_here(arguments)
    refuse_here(arguments, "tasks", "virtual-time", "substitute", "substitutions")
    from stepsmith.cli.output.messages import put, say

    aws = backend(arguments)
    value = _input(arguments)
    machine = aws.machine_arn(arguments.target)
    ended = None
    if arguments.wait and aws.is_express(machine):
        ended = aws.run_express(machine, json.dumps(value), name=arguments.name)
        arn = str(ended["executionArn"])
    else:
        arn = aws.start_machine(machine, json.dumps(value), name=arguments.name)
    if not arguments.wait:
        put(arn)
        return 0
    say(arn)
    from stepsmith.cli.output.reports import report_end
    from stepsmith.service import unmasked

    started = execution(aws, arn, fresh=True, ended=ended)
    try:
        started.wait()
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(f"the execution goes on; stop it with: stepsmith stop {arn}")
        raise
    with unmasked(arguments.unmasked):
        return report_end(started)


def _start_here(arguments: Namespace) -> int:
    """Record it in a journal and write its ARN; `stepsmith work` drives it."""
    from stepsmith.cli.arguments.substitutions import given_values
    from stepsmith.cli.journal.options import journal_path, refuse_together, synchronous
    from stepsmith.cli.journal.starting import Asked, find, record, start_from
    from stepsmith.cli.output.messages import put
    from stepsmith.integrations import ClientRegistry

    refuse_together(arguments, "wait", "stack", "stage", "region", "profile", "endpoint-url")
    target = find(arguments.target, given_values(arguments))
    asked = Asked(input=arguments.input, pairs=tuple(arguments.pairs))
    value, text = target.input(asked, ClientRegistry.local())
    start = start_from(
        target, value, text, name=arguments.name, tasks=arguments.tasks, virtual=arguments.virtual_time
    )
    record(journal_path(arguments), start, synchronous(arguments))
    put(start.arn)
    return 0


def _input(arguments: Namespace) -> Json:
    """Return the input, checked where the project has the workflow. Raises InvalidInput naming the field."""
    from stepsmith.cli.arguments.inputs import merge, read_option
    from stepsmith.expressions.types import Undefined

    value, _ = read_option(arguments.input)
    workflow = _workflow(arguments.target)
    parameters = () if workflow is None else workflow.boundary.parameters
    texts = frozenset(each.name for each in parameters if each.converter.annotation is str)
    merged = merge(value, arguments.pairs, texts)
    given: Json = {} if isinstance(merged, Undefined) else merged
    return given if workflow is None else workflow.check_input(given)


def _workflow(name: str) -> Workflow[..., Any] | None:
    """Return the project's workflow of a name; None outside a project, or for one that others have deployed."""
    from pathlib import Path

    from stepsmith.cli.arguments.project import Project, find_root
    from stepsmith.errors import NotFound

    root = find_root(Path.cwd())
    if root is None or name.startswith("arn:"):
        return None
    try:
        return Project(root).find(name).workflow
    except NotFound:
        return None
