"""`stepsmith run`: a workflow or any definition, run here with live progress."""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from stepsmith.cli.progress import Progress
    from stepsmith.expressions.types import Json
    from stepsmith.integrations import ClientRegistry
    from stepsmith.service import Execution


@dataclass(frozen=True, slots=True)
class Call:
    """What the command line asked for."""

    name: str
    pairs: tuple[str, ...]
    input: str | None
    tasks: str | None
    mock: str | None
    machine: str | None
    case: str | None
    upload: Path | None
    out: Path | None
    real_time: bool
    json: bool
    express: bool
    seed: int
    aws: bool
    region: str | None
    profile: str | None
    endpoint_url: str | None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    name: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A workflow, or a file with a definition.")
    ],
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="[key=value]...", help="Parts of the input.")
    ] = None,
    input: Annotated[str | None, typer.Option(metavar="JSON|@FILE|-", help="The input.")] = None,
    tasks: Annotated[
        str | None, typer.Option(metavar="MODULE", help="Functions that answer the tasks of a definition.")
    ] = None,
    mock: Annotated[
        str | None, typer.Option(metavar="FILE", help="Mock configuration of Step Functions Local.")
    ] = None,
    machine: Annotated[
        str | None, typer.Option(metavar="NAME", help="The state machine in the mock configuration.")
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="NAME", help="The test case in the mock configuration.")
    ] = None,
    upload: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file for the workflow to work on.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where objects written to local S3 go.")
    ] = None,
    real_time: Annotated[bool, typer.Option("--real-time", help="Let waits take their time.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Write the whole execution as one JSON object.")
    ] = False,
    express: Annotated[bool, typer.Option("--express", help="Run as an Express execution.")] = False,
    seed: Annotated[int, typer.Option(help="Decides random numbers and identifiers.")] = 0,
    aws: Annotated[bool, typer.Option("--aws", help="Let tasks call AWS with the credentials here.")] = False,
    region: Annotated[str | None, typer.Option(help="The region of the clients.")] = None,
    profile: Annotated[str | None, typer.Option(help="The profile of the credentials, with --aws.")] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="Another endpoint for every service.")] = None,
) -> int:
    """Run a workflow or a definition here; virtual time passes in an instant.

    Standard output carries the output as JSON, standard error the progress. Exit code 0 means succeeded, 1 that the
    execution did not, 2 that the call was wrong.
    """
    call = Call(
        name,
        tuple(pairs or ()),
        input,
        tasks,
        mock,
        machine,
        case,
        upload,
        out,
        real_time,
        json,
        express,
        seed,
        aws or endpoint_url is not None or profile is not None,
        region,
        profile,
        endpoint_url,
    )
    return _run(call)


def _run(call: Call) -> int:
    from stepsmith.cli.local_files import export, objects
    from stepsmith.cli.progress import Progress
    from stepsmith.cli.targets import find_target

    target = find_target(call.name, express=call.express)
    clients = _clients(call)
    value, text = target.input(call, clients)
    known = objects(clients)
    progress = Progress(spin=sys.stderr.isatty() and call.real_time)
    with _ended_by_signals():
        execution = _execute(call, target, value, text, clients, progress)
    files = export(clients, known, call.out or Path(".stepsmith") / target.name)
    return _report(call, execution, files)


def _execute(
    call: Call, target: Any, value: Json, text: str | None, clients: ClientRegistry, progress: Progress
) -> Execution[Any]:
    from stepsmith.service import RunOptions, read_mock_file

    mocked = None
    if call.mock is not None:
        mocked = read_mock_file(call.mock, machine=call.machine, case=call.case)
    options = RunOptions(
        tasks=target.tasks(call.tasks),
        machines=target.machines(),
        clients=clients,
        mocked=mocked,
        real_time=call.real_time,
        seed=call.seed,
        watcher=progress,
        input_text=text,
    )
    try:
        return target.machine.execute(value, options)
    finally:
        progress.close()


def _clients(call: Call) -> ClientRegistry:
    from stepsmith.integrations import ClientRegistry

    if call.aws:
        return ClientRegistry.aws(call.region, call.profile, call.endpoint_url)
    return ClientRegistry.local(region=call.region or "us-east-1")


@contextmanager
def _ended_by_signals() -> Generator[None]:
    """Let SIGTERM end a run as Ctrl-C does."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt(number)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:
        # only the main thread of a process may ask for signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _report(call: Call, execution: Execution[Any], files: dict[str, Path]) -> int:
    from stepsmith.cli.messages import put, say
    from stepsmith.cli.reports import (
        ending_line,
        failure_lines,
        file_lines,
        json_report,
        pretty,
        summary_lines,
    )

    succeeded = execution.status == "SUCCEEDED"
    if call.json:
        put(pretty(json_report(execution, files)))
    elif succeeded:
        put(pretty(execution.output))
    for line in [] if succeeded else failure_lines(execution):
        say(line)
    if call.json:
        return 0 if succeeded else 1
    if call.upload is not None and succeeded:
        for line in summary_lines(execution, files):
            put(line)
    else:
        for line in [*file_lines(files), ending_line(execution)]:
            say(line)
    return 0 if succeeded else 1
