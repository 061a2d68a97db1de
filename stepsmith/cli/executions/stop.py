"""`stepsmith stop`: abort an execution on AWS, or in a journal here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments("stop", "Abort an execution on AWS, or in a journal here.")
    arguments.value("execution", metavar="ARN|NAME", help="the execution; by its name in a journal only")
    add_chosen_journal(arguments, here="abort an execution in this journal")
    arguments.option("error", metavar="NAME", help="the error name to give it")
    arguments.option("cause", metavar="TEXT", help="the cause to give it")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Abort it."""
    from stepsmith.cli.arguments.aws_options import backend
    from stepsmith.cli.journal.options import chosen_journal, refuse_together
    from stepsmith.cli.output.messages import say

    journal = chosen_journal(arguments)
    if journal is not None:
        from stepsmith.service.journals.journal import Journal

        refuse_together(arguments, "stack", "stage", "region", "profile", "endpoint-url")
        execution = Journal(journal).execution(arguments.execution)
    else:
        execution = backend(arguments).execution(arguments.execution)
    execution.stop(arguments.error, arguments.cause)
    say(f"{execution.name} is {execution.status}")
    return 0
