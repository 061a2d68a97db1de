"""`stepsmith compile`: workflows to `definitions/*.asl.json`, or a check that these are up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.authoring.source.diagnostics import DefinitionError
    from stepsmith.cli.output.findings import Reported


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "compile",
        "Write the definitions of workflows to definitions/, as Amazon States Language.",
        examples=("", "greeting", "--check", "--check --format sarif > refusals.sarif"),
    )
    arguments.value("names", metavar="NAME", help="workflows; all by default", many=True)
    arguments.flag("check", help="write nothing; exit 1 and show the difference when a definition is stale")
    arguments.choice("format", ("text", "json", "sarif"), help="how refusals are written, of all modules")
    return arguments


def run(arguments: Namespace) -> int:
    """Write definitions, or check them; what the compiler refuses is raised, or written for programs."""
    from stepsmith.asl import to_json
    from stepsmith.cli.arguments.project import Project
    from stepsmith.cli.output.messages import put, say

    project = Project.here()
    if arguments.format != "text":
        refused = reported(project.refusals())
        _write_refusals(refused, arguments.format)
        if refused:
            return 1
    found = {name: project.find(name) for name in arguments.names} if arguments.names else project.all()
    folder = project.root / "definitions"
    stale = 0
    for name, each in sorted(found.items()):
        path = folder / f"{name}.asl.json"
        text = to_json(each.workflow.definition)
        before = read_text(path)
        if before == text:
            continue
        stale += 1
        shown = path.relative_to(project.root)
        if arguments.check and arguments.format != "text":
            say(f"stepsmith: {shown} is {'missing' if before is None else 'stale'}")
        elif arguments.check:
            put(f"{shown} is missing" if before is None else difference(before, text, str(shown)))
        else:
            write_text(path, text)
            say(f"wrote {shown}")
    if arguments.check and stale:
        say(f"stepsmith: stale definitions: {stale} of {len(found)}; write them with: stepsmith compile")
        return 1
    if not stale:
        say(f"definitions up to date: {len(found)}")
    return 0


def reported(errors: Iterable[DefinitionError]) -> list[Reported]:
    """Return each refusal once, with its place."""
    from stepsmith.cli.output.findings import Reported

    every = dict.fromkeys(diagnostic for error in errors for diagnostic in error.diagnostics)
    return [
        Reported(
            path=each.span.file,
            code=each.code,
            message=each.message,
            whole=f"{each.message}\nhelp: {each.help}" if each.help else each.message,
            line=each.span.line,
            column=each.span.column,
            end_line=each.span.end_line,
            end_column=each.span.end_column,
            more={"end_line": each.span.end_line, "end_column": each.span.end_column, "help": each.help},
        )
        for each in every
    ]


def _write_refusals(refused: Sequence[Reported], format: str) -> None:
    from stepsmith.authoring.rules import codes, title
    from stepsmith.cli.output.findings import as_json, as_sarif
    from stepsmith.cli.output.messages import put
    from stepsmith.cli.output.reports import pretty

    if format == "json":
        put(pretty(as_json(refused)))
    else:
        put(pretty(as_sarif(refused, titles={code: title(code) for code in codes()})))


def read_text(path: Path) -> str | None:
    """Return the text of a file, None where there is none; raises NotFound for one that cannot be read."""
    from stepsmith.errors import NotFound

    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NotFound(f"{path} cannot be read: it is not UTF-8 text") from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises InvalidInput where that is impossible."""
    from stepsmith.errors import InvalidInput

    new = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8", newline="\n")
        new.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from None


def difference(before: str, after: str, name: str) -> str:
    """Return a unified difference of a definition as it is and as it would be compiled."""
    from difflib import unified_diff

    lines = unified_diff(
        before.splitlines(), after.splitlines(), f"{name} (committed)", f"{name} (compiled)", lineterm=""
    )
    return "\n".join(lines)
