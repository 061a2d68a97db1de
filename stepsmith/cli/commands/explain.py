"""`stepsmith explain`: the page of a code that the compiler refuses with, or all codes with their titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "explain",
        "Say what a code of the compiler means, why, and what to write instead; without a code, list them all.",
        examples=("", "W170"),
    )
    arguments.value("code", metavar="CODE", help="a code such as W170", optional=True)
    return arguments


def run(arguments: Namespace) -> int:
    """Write the page of a code, or the titles of all pages."""
    from stepsmith.authoring.rules import codes, title
    from stepsmith.authoring.rules import explain as page
    from stepsmith.cli.output.messages import nearest, put
    from stepsmith.errors import NotFound

    known = codes()
    if arguments.code is None:
        put("\n".join(f"{code}  {title(code)}" for code in known))
        return 0
    wanted = str(arguments.code).upper()
    if wanted not in known:
        raise NotFound(f"no code {arguments.code!r}{nearest(wanted, known, otherwise='the codes are')}")
    put(page(wanted))
    return 0
