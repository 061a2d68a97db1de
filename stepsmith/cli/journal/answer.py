"""`stepsmith answer`: answer a task of an execution here that waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.journal.options import DEFAULT, add_journal

    arguments = Arguments(
        "answer", "Answer a task that waits; the answer is recorded when the command returns."
    )
    arguments.value("token", metavar="TOKEN", help="the task token; stepsmith history shows it")
    arguments.value("output", metavar="JSON|@FILE|-", help="the output of the task", optional=True)
    arguments.option("error", metavar="NAME", help="let the task fail with this error instead")
    arguments.option("cause", metavar="TEXT", help="the cause of the error")
    arguments.flag("heartbeat", help="say that the work goes on")
    add_journal(arguments, here=f"the journal; {DEFAULT} by default")
    return arguments


def run(arguments: Namespace) -> int:
    """Answer it; exit code 1 says that no task waits with this token."""
    from stepsmith.cli.arguments.inputs import read_text
    from stepsmith.cli.journal.options import journal_path
    from stepsmith.cli.output.messages import fail
    from stepsmith.service import TokenError
    from stepsmith.service.journals.journal import Journal

    failed = arguments.error is not None or arguments.cause is not None
    if [arguments.output is not None, failed, arguments.heartbeat].count(True) != 1:
        raise WrongCall("give the output as JSON, or --error and --cause, or --heartbeat")
    journal = Journal(journal_path(arguments))
    try:
        if failed:
            journal.fail(arguments.token, arguments.error, arguments.cause)
        elif arguments.heartbeat:
            journal.heartbeat(arguments.token)
        else:
            journal.answer_text(arguments.token, read_text(arguments.output, "the output"))
    except TokenError as error:
        return fail(f"{error.code}: {error}", code=1)
    return 0
