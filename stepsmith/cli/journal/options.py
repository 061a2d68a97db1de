"""What every command takes that works on a journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.store import Synchronous

DEFAULT: Final = Path(".stepsmith") / "journal.db"
"""The journal of a project, where none is named."""


def add_journal(arguments: Arguments, *, here: str) -> None:
    """Take a journal; `here` says what the command does with it."""
    arguments.option("journal", metavar="FILE", help=here)


def add_chosen_journal(arguments: Arguments, *, here: str) -> None:
    """Take a journal in a command that works on AWS without one; `here` says what it does with it."""
    add_journal(arguments, here=here)
    arguments.flag("durable", help=f"the same with {DEFAULT}")


def add_durable(arguments: Arguments) -> None:
    """Take a journal, or the wish to have one."""
    arguments.option(
        "journal", metavar="FILE", help=f"record it in this journal; implies --durable; {DEFAULT} by default"
    )
    arguments.flag("durable", help="record it in a journal, so that it survives the end of this process")


def add_tasks(arguments: Arguments) -> None:
    """Take what answers tasks."""
    arguments.option(
        "tasks", metavar="MODULE", help="a module or Python file whose functions answer the tasks"
    )


def add_sync(arguments: Arguments) -> None:
    """Take how sure a commit has to be."""
    arguments.choice(
        "sync",
        ("full", "normal"),
        help="full waits for the disk at each commit, normal leaves it to the system",
    )


def synchronous(arguments: Namespace) -> Synchronous:
    """Return how sure a commit has to be."""
    return "NORMAL" if arguments.sync == "normal" else "FULL"


def journal_path(arguments: Namespace) -> Path:
    """Return the journal that a call means."""
    return DEFAULT if arguments.journal is None else Path(arguments.journal)


def chosen_journal(arguments: Namespace) -> Path | None:
    """Return the journal that a call means; None where it means AWS."""
    return journal_path(arguments) if arguments.durable or arguments.journal is not None else None


def refuse_together(arguments: Namespace, *options: str) -> None:
    """Refuse options that say where on AWS, in a call that says which journal here."""
    for option in options:
        if getattr(arguments, option.replace("-", "_"), None):
            raise WrongCall(
                f"--{option} is for executions on AWS, and --journal for those here; give one of them"
            )


def refuse_here(arguments: Namespace, *options: str) -> None:
    """Refuse options that only mean something with a journal."""
    for option in options:
        if getattr(arguments, option.replace("-", "_"), None):
            raise WrongCall(f"--{option} is for executions here; say --journal FILE or --durable, too")
