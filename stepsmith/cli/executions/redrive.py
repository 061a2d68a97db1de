"""`stepsmith redrive`: let a failed execution on AWS, or in a journal here, go on where it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments(
        "redrive",
        "Let a failed, aborted or timed-out execution on AWS, or in a journal here, go on where it failed.",
    )
    add_chosen_journal(arguments, here="redrive an execution in this journal; stepsmith work drives it")
    arguments.value("execution", metavar="ARN|NAME", help="the execution; of a workflow, the newest")
    arguments.flag("wait", help="wait for the end")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Redrive it."""
    from stepsmith.cli.arguments.aws_options import backend, execution
    from stepsmith.cli.executions.history import newest
    from stepsmith.cli.journal.options import chosen_journal
    from stepsmith.cli.output.messages import say
    from stepsmith.cli.output.reports import report_end

    journal = chosen_journal(arguments)
    if journal is not None:
        return _redrive_here(journal, arguments)
    aws = backend(arguments)
    found = execution(aws, newest(aws, arguments.execution))
    found.redrive()
    if not arguments.wait:
        say(f"{found.name} goes on")
        return 0
    return report_end(found.wait())


def _redrive_here(journal: Path, arguments: Namespace) -> int:
    from stepsmith.cli.journal.options import refuse_together
    from stepsmith.cli.output.messages import say
    from stepsmith.service.journals.journal import Journal

    refuse_together(arguments, "wait", "stack", "stage", "region", "profile", "endpoint-url")
    found = Journal(journal).execution(arguments.execution)
    found.redrive()
    say(f"{found.name} goes on with: stepsmith work --journal {journal}")
    return 0
