"""The commands, put together, and what ends them: exit codes and one clear message."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import typer

from stepsmith.cli import compile, explain, init, lint, list_, run
from stepsmith.cli.messages import fail, say
from stepsmith.errors import StepsmithError

app = typer.Typer(
    name="stepsmith",
    help="Write AWS Step Functions workflows as typed Python functions; compile, check and run them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (init, list_, compile, lint, run, explain):
    module.register(app)


def call(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 failed or found something, 2 the call was wrong."""
    try:
        outcome = app([*arguments], standalone_mode=False, prog_name="stepsmith")
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else 0
    except StepsmithError as error:
        return fail(str(error))
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    except BrokenPipeError:
        # whoever read standard output has seen enough; nothing more can be said there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except typer.Abort:
        return _interrupted(KeyboardInterrupt())
    except Exception as error:
        # typer's own errors about the call, whichever click it carries
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        return fail(message(), code=getattr(error, "exit_code", 2))


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    """Say what was running and return the exit code that shells expect of a process ended by a signal."""
    number = interrupt.args[0] if interrupt.args else signal.SIGINT
    notes = "; ".join(getattr(interrupt, "__notes__", []))
    say(f"stepsmith: interrupted; {notes}" if notes else "stepsmith: interrupted")
    return 128 + int(number)
