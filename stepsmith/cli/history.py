"""`stepsmith history`: what happened in an execution on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.service import AwsBackend


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.aws_options import add_account, add_stack

    arguments = Arguments(
        "history", "Show the states of an execution on AWS with their times, and how it ended."
    )
    arguments.value("name", metavar="ARN|NAME", help="an execution; of a workflow, the newest")
    arguments.flag("json", help="write the events as a JSON array")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Show it; exit code 1 says that the execution did not succeed."""
    from stepsmith.cli.aws_options import backend
    from stepsmith.cli.messages import one_line, put
    from stepsmith.cli.remote_reports import history_lines
    from stepsmith.cli.reports import pretty

    aws = backend(arguments)
    execution = aws.execution(newest(aws, arguments.name))
    if arguments.json:
        put(pretty(list(execution.history)))
    else:
        put(one_line(execution.arn))
        for line in history_lines(execution):
            put(line)
    return 0 if execution.status in ("SUCCEEDED", "RUNNING") else 1


def newest(aws: AwsBackend, name: str) -> str:
    """Return the ARN of an execution: the one given, or the newest of a workflow. Raises NotFound for none."""
    from stepsmith.errors import NotFound

    if name.startswith("arn:"):
        return name
    found = aws.executions(aws.machine_arn(name), most=1)
    if not found:
        raise NotFound(f"{name} has no executions")
    return str(found[0]["executionArn"])
