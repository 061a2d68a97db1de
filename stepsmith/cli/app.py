"""The commands, and what ends them: exit codes and one clear message.

Only the module of the command that is called is imported: a run starts in a fraction of a second.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from stepsmith.cli.arguments.parsing import WrongCall
from stepsmith.cli.commands import COMMANDS
from stepsmith.cli.output.messages import fail, give_up_output, nearest, one_line, put, say
from stepsmith.errors import InvalidInput, JournalError, NotFound, StepsmithError

EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 an execution failed, or a check found something; 2 the call was wrong;",
    "130 after Ctrl-C, 143 after SIGTERM, 141 where nobody read the output to its end.",
)
UNREAD: Final = 141
"""What shells expect of a process that wrote to nobody: 128 and the number of SIGPIPE."""

LONGEST_NAME: Final = 200
LONGEST_REFUSAL: Final = 1500
"""Characters of what is wrong with a call; arguments of any length stand in it."""


def call(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code, as EXIT_CODES says."""
    try:
        code = _call(list(arguments))
        sys.stdout.flush()
        return code
    except (WrongCall, InvalidInput, NotFound) as error:
        # what was given in the call stands in these, and may hold line ends
        return fail(_shortened(one_line(str(error))))
    except JournalError as error:
        return fail(str(error), code=1)
    except StepsmithError as error:
        text = str(error)
        return fail(text if "\n" in text else _shortened(text))
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    except BrokenPipeError:
        # whoever read standard output has seen enough; nothing more can be said there
        give_up_output()
        return UNREAD
    except OSError as error:
        give_up_output()
        return fail(_unusable(error))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REFUSAL else f"{text[:LONGEST_REFUSAL]}…"


def _call(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        put(usage())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from importlib.metadata import version

        put(f"stepsmith {version('stepsmith')}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        raise WrongCall(f"no command {name!r}{nearest(name, COMMANDS, otherwise='the commands are')}")
    module = import_module(COMMANDS[name][0])
    parsed = module.parser().parse(arguments[1:])
    if getattr(parsed, "watch", False):
        from stepsmith.cli.watching import again, folder_here

        return again([each for each in arguments if each != "--watch"], folder=folder_here())
    return 0 if parsed is None else int(module.run(parsed))


def usage() -> str:
    """Return the page of the command line."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {about}" for name, (_, about) in COMMANDS.items()]
    opening = ["usage: stepsmith COMMAND ...", "", "AWS Step Functions workflows as typed Python functions."]
    closing = ["stepsmith COMMAND --help says more; stepsmith --version says which this is.", "", *EXIT_CODES]
    return "\n".join([*opening, "", *lines, "", *closing])


def _unusable(error: OSError) -> str:
    """Say what the system refused: a file by its name, or the folder that this runs in."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{str(error.filename)[:LONGEST_NAME]!r}: {reason}"
    try:
        os.getcwd()
    except OSError:
        return "the folder that this runs in is not there any more"
    return f"the output cannot be written: {reason}"


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    """Say what was running and return the exit code that shells expect of a process ended by a signal."""
    number = interrupt.args[0] if interrupt.args else signal.SIGINT
    notes = "; ".join(getattr(interrupt, "__notes__", []))
    say(f"stepsmith: interrupted; {notes}" if notes else "stepsmith: interrupted")
    return 128 + int(number)
