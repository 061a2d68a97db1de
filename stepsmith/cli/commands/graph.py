"""`stepsmith graph`: the picture of a workflow or of any definition, as SVG, Mermaid text or plain text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.service import Machine

FORMATS: Final = ("svg", "mermaid", "text")


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
    arguments.choice("format", FORMATS, help="what to write")
    add_substitutions(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Write the picture."""
    from stepsmith.cli.arguments.substitutions import given_values
    from stepsmith.cli.arguments.targets import find_target
    from stepsmith.cli.output.messages import one_line, put, say
    from stepsmith.errors import InvalidInput

    target = find_target(arguments.name, given=given_values(arguments))
    text = drawn(target.machine, arguments.format)
    if arguments.out is None:
        put(text.rstrip("\n"))
        return 0
    try:
        Path(arguments.out).write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(f"{arguments.out} cannot be written: {error.strerror or error}") from None
    say(one_line(f"wrote {arguments.out}"))
    return 0


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
