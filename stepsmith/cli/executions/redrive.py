"""`stepsmith redrive`: let failed executions on AWS, or in a journal here, go on where they failed: one, or many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

MANY = ("until", "status", "name", "error", "where", "restart", "anew", "rate", "most", "plan", "yes", "json")


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack
    from stepsmith.cli.arguments.searches import WHEN, add_search
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments(
        "redrive",
        "Let failed, aborted or timed-out executions on AWS, or in a journal here, go on where they failed: one, "
        "all that failed since a time, or all that a queue tells of. Many are shown first, and asked about. Exit "
        "code 1 says that some could not be helped.",
        examples=(
            "arn:aws:states:eu-west-1:123456789012:execution:tea-shop-ordering:monday --wait",
            "ordering --failed 12h --error Lambda.* --rate 2",
            "--from-queue FailedExecutions --restart --yes --json",
            "--failed 2026-01-31 --durable --plan",
        ),
    )
    add_chosen_journal(arguments, here="redrive executions in this journal; stepsmith work drives them")
    arguments.value(
        "execution",
        metavar="ARN|NAME",
        help="the execution, or of a workflow the newest; with --failed the workflow or the state machine",
        optional=True,
    )
    arguments.flag("wait", help="wait for the end of the one")
    arguments.option("failed", metavar="WHEN", help=f"all that failed and started since, {WHEN}")
    arguments.option(
        "from-queue", metavar="QUEUE", help="all that messages of this queue tell of: its URL, ARN or name"
    )
    add_search(arguments, since=False)
    arguments.flag("restart", help="start those with the same input anew that cannot be redriven")
    arguments.flag("anew", help="start all with the same input anew, with what is deployed now")
    arguments.option("rate", metavar="NUMBER", help="how many in a second; 5 by default")
    arguments.option("most", metavar="NUMBER", help="how many at most; 1000 by default")
    arguments.flag("plan", help="show what would be done and stop")
    arguments.flag("yes", help="do not ask")
    arguments.flag("json", help="write what was done with each, or would be, as JSON")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Redrive one, or many."""
    if arguments.failed is not None or arguments.from_queue is not None:
        from stepsmith.cli.executions.redrive_many import redrive_many

        if arguments.wait:
            raise WrongCall("--wait is for one execution; stepsmith executions shows how many go on")
        return redrive_many(arguments)
    for option in MANY:
        if getattr(arguments, option):
            raise WrongCall(
                f"--{option} is for many executions: say --failed WHEN or --from-queue QUEUE, too"
            )
    if arguments.execution is None:
        raise WrongCall("name an execution, or say --failed WHEN or --from-queue QUEUE")
    return _redrive_one(arguments)


def _redrive_one(arguments: Namespace) -> int:
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
