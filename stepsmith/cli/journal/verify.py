"""`stepsmith verify`: say whether a journal holds what was written to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.journal.options import DEFAULT, add_journal

    arguments = Arguments(
        "verify", "Look at everything in a journal. Exit code 1 says that something is not as it was written."
    )
    add_journal(arguments, here=f"the journal; {DEFAULT} by default")
    return arguments


def run(arguments: Namespace) -> int:
    """Look at it."""
    from stepsmith.cli.journal.options import journal_path
    from stepsmith.cli.output.messages import counted, put, say
    from stepsmith.service.journals.journal import Journal

    journal = Journal(journal_path(arguments))
    findings = journal.verify()
    for finding in findings:
        put(finding)
    if not findings:
        say(f"{journal.path}: {counted(len(journal.summaries()), 'execution')}, all as they were written")
    return 1 if findings else 0
