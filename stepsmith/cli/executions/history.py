"""`stepsmith history`: what happened in an execution on AWS or in a journal here, or a test out of what did."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stepsmith.expressions.types import Json
    from stepsmith.service import AwsBackend, AwsExecution


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack, add_unmasked
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments(
        "history",
        "Show the states of an execution on AWS, in a journal here or in a file, with their times, and how it ended.",
    )
    arguments.value(
        "execution",
        metavar="ARN|NAME|FILE",
        help="an execution; of a workflow, the newest; or a file with an exported history",
    )
    add_chosen_journal(arguments, here="show an execution in this journal, by its name or ARN")
    arguments.flag(
        "json",
        help="write the events as a JSON array; with --journal, an object with status, output and events",
    )
    arguments.flag("as-test", help="write a pytest that replays an exported history")
    arguments.option(
        "definition", metavar="FILE", help="what the test runs; by default definitions/NAME.asl.json"
    )
    arguments.option("name", metavar="NAME", help="the name in the test; by default that of the file")
    add_unmasked(arguments)
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Show it; exit code 1 says that the execution did not succeed."""
    from stepsmith.cli.arguments.aws_options import backend, execution
    from stepsmith.cli.journal.options import chosen_journal
    from stepsmith.service import unmasked

    if arguments.as_test:
        return _write_test(arguments)
    journal = chosen_journal(arguments)
    if journal is not None:
        return _show_here(journal, arguments)
    if _is_file(arguments.execution):
        return _show_file(arguments)
    aws = backend(arguments)
    found = execution(aws, newest(aws, arguments.execution))
    with unmasked(arguments.unmasked):
        _show(found, as_json=arguments.json)
    return 0 if found.status in ("SUCCEEDED", "RUNNING") else 1


def _is_file(text: str) -> bool:
    from pathlib import Path

    return not text.startswith("arn:") and Path(text).is_file()


def _show_file(arguments: Namespace) -> int:
    """Show an exported history; exit code 1 says that its execution did not succeed."""
    from stepsmith.cli.output.messages import fail, one_line, put
    from stepsmith.cli.output.reports import pretty
    from stepsmith.service.executions.declared import message_of
    from stepsmith.testing.recordings import read_events, status_of
    from stepsmith.views.histories.history_events import details_of
    from stepsmith.views.histories.timeline import timeline_text
    from stepsmith.views.report import summary

    for option in ("stack", "region", "profile", "endpoint_url"):
        if getattr(arguments, option):
            raise WrongCall(
                f"--{option.replace('_', '-')} is for executions on AWS, and {arguments.execution} is a file"
            )
    events = read_events(arguments.execution)
    status = status_of(events)
    if arguments.json:
        put(pretty(cast("Json", events)))
    else:
        put(f"{status} · {summary(events)}")
        put(timeline_text(events).rstrip("\n"))
    if status in ("SUCCEEDED", "RUNNING"):
        return 0
    end = details_of(events[-1])
    message = message_of(str(end.get("cause") or ""))
    return fail(
        one_line(f"{status}: {end.get('error') or 'no error name'}{message and f': {message}'}"), code=1
    )


def _show_here(journal: Path, arguments: Namespace) -> int:
    from stepsmith.cli.journal.options import refuse_together
    from stepsmith.cli.journal.showing import show_history
    from stepsmith.service import unmasked

    refuse_together(arguments, "stack", "stage", "region", "profile", "endpoint-url")
    with unmasked(arguments.unmasked):
        return show_history(journal, arguments.execution, as_json=arguments.json)


def _show(execution: AwsExecution[Json], *, as_json: bool) -> None:
    from stepsmith.cli.output.messages import one_line, put
    from stepsmith.cli.output.reports import history_lines, pretty
    from stepsmith.service.executions.shown import shown_history

    if as_json:
        put(pretty(list(shown_history(execution))))
        return
    put(one_line(execution.arn))
    for line in history_lines(execution):
        put(line)


def _write_test(arguments: Namespace) -> int:
    """Write the test, and say what it will find; its paths stand as given, to be read from where the tests run."""
    from pathlib import Path

    from stepsmith.cli.output.messages import put, say
    from stepsmith.testing.recordings import name_for, recorded_test

    source = Path(arguments.execution)
    name = arguments.name or name_for(source)
    definition = arguments.definition or f"definitions/{name}.asl.json"
    put(recorded_test(source, definition, name=name).rstrip())
    if remark := _remark(source, Path(definition)):
        say(f"stepsmith: {remark}")
    return 0


def _remark(source: Path, definition: Path) -> str:
    """Say why a test would not pass now; nothing where it would."""
    from stepsmith.errors import StepsmithError
    from stepsmith.service import load
    from stepsmith.testing.recordings import departures, read_recording, replay

    if not definition.is_file():
        return f"{definition} is not there yet; --definition says what the test runs"
    try:
        recording = read_recording(source)
        execution = replay(recording, load(definition))
    except StepsmithError as error:
        return f"{definition} cannot be replayed: {error}"
    found = ", ".join(departures(recording, execution))
    cause = f" ({execution.error}: {execution.cause})" if execution.error and "error" in found else ""
    return f"the test fails now: the replay has another {found}{cause}" if found else ""


def newest(aws: AwsBackend, name: str) -> str:
    """Return the ARN of an execution: the one given, or the newest of a workflow. Raises NotFound for none."""
    from stepsmith.errors import NotFound

    if name.startswith("arn:"):
        return name
    found = aws.executions(aws.machine_arn(name), most=1)
    if not found:
        raise NotFound(f"{name} has no executions")
    return str(found[0]["executionArn"])
