"""`stepsmith graph`: the picture of a workflow or of any definition, as SVG, Mermaid text or plain text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.service import Machine

FORMATS: Final = {"svg": (".svg",), "mermaid": (".mmd", ".mermaid"), "text": (".txt",)}
"""What is written, and the suffixes of files that say so."""


_PIXELS: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".bmp", ".tif", ".tiff")


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.substitutions import add_substitutions

    arguments = Arguments(
        "graph",
        "Draw a workflow or a definition.",
        examples=("greeting -o greeting.svg", "machine.asl.json --format text"),
    )
    arguments.value("name", metavar="NAME|FILE", help="a workflow, or a file with a definition")
    arguments.option("out", metavar="FILE", help="where to write; standard output by default", short="o")
    arguments.option(
        "format",
        metavar="|".join(FORMATS),
        help="what to write; by default what the name of the file says, and svg where it says nothing",
    )
    add_substitutions(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Write the picture."""
    from stepsmith.cli.arguments.substitutions import given_values
    from stepsmith.cli.arguments.targets import find_target
    from stepsmith.cli.output.messages import one_line, put, say
    from stepsmith.errors import InvalidInput

    format = chosen_format(arguments.format, arguments.out)
    target = find_target(arguments.name, given=given_values(arguments))
    text = drawn(target.machine, format)
    if arguments.out is None:
        put(text.rstrip("\n"))
        return 0
    try:
        Path(arguments.out).write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(f"{arguments.out} cannot be written: {error.strerror or error}") from None
    say(one_line(f"wrote {arguments.out}"))
    return 0


def chosen_format(given: str | None, out: str | None) -> str:
    """Return the format that a call asks for; raises WrongCall where it is none, or the name of the file says another.

    A picture in pixels is no format here, and a file called so would only look like one.
    """
    from stepsmith.errors import nearest

    if given is not None and given not in FORMATS:
        raise WrongCall(f"--format {given!r}{nearest(given, FORMATS, otherwise='it is one of')}")
    suffix = "" if out is None else Path(out).suffix.lower()
    by_name = next((format for format, suffixes in FORMATS.items() if suffix in suffixes), None)
    if suffix in _PIXELS:
        raise WrongCall(
            f"{out}: no {suffix[1:].upper()} is drawn here; write -o {Path(str(out)).with_suffix('.svg')}"
        )
    if given is not None and by_name not in (None, given):
        raise WrongCall(
            f"{out}: the name is that of {by_name}, and --format says {given}; leave one of them out"
        )
    return given or by_name or "svg"


def drawn(machine: Machine, format: str) -> str:
    """Return the picture of a machine in one of the formats; raises LayoutUnavailable for SVG without Graphviz."""
    from stepsmith.views import graph_svg, to_mermaid, to_text

    match format:
        case "mermaid":
            return to_mermaid(machine.definition)
        case "text":
            return to_text(machine.definition)
        case _:
            return graph_svg(machine.definition, title=f"State machine {machine.name}")
