"""`stepsmith lint`: what AWS would refuse or remark on in definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import walk
from os.path import exists, isdir, isfile, lexists
from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.cli.arguments.substitutions import GivenValues
    from stepsmith.cli.output.findings import Reported
    from stepsmith.diagnostics import Finding
    from stepsmith.service.templates.embedded import Embedded

LONGEST_NAME = 200
LONGEST_LINE = 1000
"""Characters of a finding as a line; for broken JSON, AWS quotes the whole definition."""


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.substitutions import add_substitutions

    arguments = Arguments(
        "lint",
        "Check definitions of state machines, yours or anyone's; exit 1 when AWS would refuse one of them.",
        examples=("", "machine.asl.json other/folder", "--format sarif > findings.sarif"),
    )
    arguments.value(
        "paths",
        metavar="PATH",
        help="files with definitions, also templates; or folders of *.asl.json and *.asl.yaml; definitions/ by default",
        many=True,
    )
    arguments.choice("format", ("text", "json", "sarif"), help="how findings are written")
    arguments.flag("express", help="check as Express state machines")
    add_substitutions(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Check definitions and write what was found; what cannot be read is said, and the others are checked."""
    from stepsmith.cli.arguments.substitutions import given_values
    from stepsmith.cli.output.messages import WRONG_CALL, counted, put, say
    from stepsmith.errors import NotFound

    if not arguments.paths and not isdir("definitions"):
        raise NotFound(
            "no folder 'definitions' here; name files or folders, or make it with: stepsmith compile"
        )
    unread: list[str] = []
    files = definition_files([Path(each) for each in arguments.paths] or [Path("definitions")], unread)
    found: dict[Path, list[Finding]] = {}
    texts = _read(files, unread, found)
    for reason in unread:
        say(f"stepsmith: {reason}")
    if not texts and not found:
        return WRONG_CALL
    _check(texts, found, given_values(arguments), express=arguments.express)
    errors = sum(finding.severity == "ERROR" for findings in found.values() for finding in findings)
    if arguments.format == "text":
        for path, findings in found.items():
            for finding in findings:
                put(text_line(path, finding))
        rest = f", {len(unread)} not read" if unread else ""
        say(f"{counted(len(texts), 'definition')} checked, {counted(errors, 'error')}{rest}")
    else:
        from stepsmith.cli.output.findings import as_json, as_sarif
        from stepsmith.cli.output.reports import pretty

        every = reported(found)
        put(pretty(as_json(every) if arguments.format == "json" else as_sarif(every)))
    return 1 if errors else WRONG_CALL if unread else 0


def _check(
    definitions: Sequence[Embedded], found: dict[Path, list[Finding]], given: GivenValues, *, express: bool
) -> None:
    """Check definitions, with what is given for their placeholders; the others stand for any text."""
    from stepsmith.asl import check_unfilled
    from stepsmith.errors import InvalidInput
    from stepsmith.integrations.services.models import service_model

    used: set[str] = set()
    for each in definitions:
        try:
            findings, names = check_unfilled(
                each.text,
                type="EXPRESS" if express else each.type,
                services=service_model,
                substitutions={**each.own_values(), **given.known_in(each.text)},
            )
        except InvalidInput as error:
            raise InvalidInput(f"{each.path}: {error}") from None
        found.setdefault(each.path, []).extend(findings)
        used |= names
    given.check_used(used, _placeholders(each.text for each in definitions) if given.named - used else ())


def _placeholders(texts: Iterable[bytes]) -> set[str]:
    from stepsmith.asl.placeholders import PLACEHOLDER

    return {name for text in texts for name in PLACEHOLDER.findall(text.decode("utf-8", "replace"))}


def _read(files: Sequence[Path], unread: list[str], found: dict[Path, list[Finding]]) -> list[Embedded]:
    """Read definitions; says in `unread` which cannot be, and in `found` what no definition can be made of."""
    from stepsmith.diagnostics import InvalidDefinition
    from stepsmith.errors import NotFound
    from stepsmith.service.templates.reading import definitions_in

    definitions: list[Embedded] = []
    for path in files:
        try:
            inside = definitions_in(path)
        except NotFound as error:
            unread.append(str(error))
        except InvalidDefinition as error:
            found.setdefault(path, []).extend(error.findings)
        else:
            definitions += inside
            if not inside:
                unread.append(f"{path} has no state machine")
    return definitions


def definition_files(paths: Sequence[Path], unread: list[str]) -> list[Path]:
    """Return the definitions that are meant, in order, and say in `unread` what cannot be looked into.

    Raises NotFound for a path that is not there.
    """
    from stepsmith.errors import NotFound

    files: list[Path] = []
    for path in paths:
        if isdir(path):
            files.extend(sorted(_definitions_below(path, unread)))
        elif lexists(path):
            files.append(path)
        else:
            raise NotFound(f"no definition {str(path)[:LONGEST_NAME]!r}")
    if not files and not unread:
        raise NotFound(f"no *.asl.json or *.asl.yaml in {', '.join(map(str, paths))}")
    return files


def _definitions_below(folder: Path, unread: list[str]) -> Iterator[Path]:
    """Give the definitions in a folder and those below it, no folder twice."""
    from stepsmith.service.definitions.files import ENDINGS

    def refused(error: OSError) -> None:
        unread.append(f"folder {str(error.filename)[:LONGEST_NAME]!r} cannot be read: {error.strerror}")

    for inner, _, names in walk(folder, onerror=refused):
        for name in names:
            path = Path(inner, name)
            if not name.endswith(ENDINGS):
                continue
            if exists(path) and not isfile(path):  # reading a pipe would wait for whoever writes to it
                unread.append(f"definition {str(path)[:LONGEST_NAME]!r} cannot be read: it is no file")
            else:
                yield path


def text_line(path: Path, finding: Finding) -> str:
    """Return a finding as one line, with file, line and column where they are known."""
    from stepsmith.cli.output.messages import one_line

    place = str(path)
    if finding.line is not None:
        place += f":{finding.line}:{finding.column or 1}"
    severity = "" if finding.severity == "ERROR" else "warning: "
    text = one_line(f"{place}: {severity}{finding}")
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"


def reported(found: Mapping[Path, Sequence[Finding]]) -> list[Reported]:
    """Return all findings with their files."""
    from stepsmith.cli.output.findings import Reported

    return [
        Reported(
            path=path.as_posix(),
            code=finding.code,
            rule=finding.rule,
            message=finding.message,
            whole=str(finding),
            severity=finding.severity,
            line=finding.line,
            column=finding.column,
            more={"location": finding.pointer},
        )
        for path, findings in found.items()
        for finding in findings
    ]
