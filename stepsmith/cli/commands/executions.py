"""`stepsmith executions`: the executions of a deployed workflow, or of a journal here, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace

STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments(
        "executions", "List the executions of a deployed workflow, or of a journal here, newest first."
    )
    arguments.value(
        "name", metavar="NAME|ARN", help="a workflow, or the ARN of any state machine", optional=True
    )
    add_chosen_journal(arguments, here="list those in this journal, of one workflow or of all")
    arguments.option("status", metavar="STATUS", help=f"only those that are {', '.join(STATUSES)}")
    arguments.option("most", metavar="NUMBER", help="how many", default="20")
    arguments.flag("json", help="write a JSON array")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """List them."""
    from stepsmith.cli.arguments.aws_options import backend, number
    from stepsmith.cli.journal.options import chosen_journal, refuse_together
    from stepsmith.cli.journal.showing import show_executions
    from stepsmith.cli.output.messages import one_line, put, say
    from stepsmith.cli.output.reports import pretty

    if arguments.status is not None and arguments.status not in STATUSES:
        raise WrongCall(f"--status {arguments.status!r} is none of {', '.join(STATUSES)}")
    most = number(arguments.most, "most")
    journal = chosen_journal(arguments)
    if journal is not None:
        refuse_together(arguments, "stack", "stage", "region", "profile", "endpoint-url")
        machine = None if arguments.name is None else arguments.name.rpartition(":")[2]
        return show_executions(journal, machine, status=arguments.status, most=most, as_json=arguments.json)
    if arguments.name is None:
        raise WrongCall(
            "name a workflow or the ARN of a state machine; --journal FILE or --durable lists executions here"
        )
    aws = backend(arguments)
    found = aws.executions(aws.machine_arn(arguments.name), status=arguments.status, most=most)
    if arguments.json:
        put(pretty([{name: str(value) for name, value in each.items()} for each in found]))
        return 0
    if not found:
        say("no executions")
    for each in found:
        put(f"{each['startDate']:%Y-%m-%d %H:%M:%S}  {each['status']:<15}  {one_line(each['executionArn'])}")
    return 0
