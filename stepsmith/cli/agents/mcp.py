"""`stepsmith mcp`: what an agent may do with the workflows of a project, over standard input and output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    return Arguments(
        "mcp",
        "Serve the tools of this project to an agent by the Model Context Protocol, over standard input and output. "
        "Each tool is a call of this command line, which sees the code as it is then; nothing reaches AWS.",
    )


def run(arguments: Namespace) -> int:
    """Serve until the input ends."""
    from stepsmith.cli.arguments.project import find_root
    from stepsmith.errors import InvalidInput

    try:
        from stepsmith.cli.agents.tools import server
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"{error.name} is not installed here; install it with: pip install 'stepsmith[agents]'"
        ) from None
    server(find_root(Path.cwd()) or Path.cwd()).run("stdio")
    return 0
