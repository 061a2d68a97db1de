"""`stepsmith explain`: the page of a code that the compiler refuses with."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(code: Annotated[str, typer.Argument(metavar="CODE", help="A code such as W170.")]) -> None:
    """Say what a code of the compiler means, why, and what to write instead."""
    from stepsmith.authoring.rules import codes
    from stepsmith.authoring.rules import explain as page
    from stepsmith.cli.messages import nearest, put
    from stepsmith.errors import NotFound

    known = codes()
    wanted = code.upper()
    if wanted not in known:
        raise NotFound(f"no code {code!r}{nearest(wanted, known, otherwise='the codes are')}")
    put(page(wanted))
