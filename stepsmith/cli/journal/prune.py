"""`stepsmith prune`: forget executions that ended long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.journal.options import DEFAULT, add_journal

    arguments = Arguments(
        "prune", "Forget executions that ended long ago; their names are free again, as after 90 days on AWS."
    )
    add_journal(arguments, here=f"the journal; {DEFAULT} by default")
    arguments.option("days", metavar="NUMBER", help="how long ago they have to have ended", default="90")
    return arguments


def run(arguments: Namespace) -> int:
    """Forget them."""
    from stepsmith.cli.arguments.aws_options import number
    from stepsmith.cli.journal.options import journal_path
    from stepsmith.cli.output.messages import counted, say
    from stepsmith.service.journals.journal import Journal

    count = Journal(journal_path(arguments)).prune(timedelta(days=number(arguments.days, "days")))
    say(f"{counted(count, 'execution')} forgotten")
    return 0
