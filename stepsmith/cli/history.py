"""`stepsmith history`: what happened in an execution on AWS, or a test out of what did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.expressions.types import Json
    from stepsmith.service import AwsBackend, AwsExecution


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.aws_options import add_account, add_stack, add_unmasked

    arguments = Arguments(
        "history", "Show the states of an execution on AWS with their times, and how it ended."
    )
    arguments.value(
        "execution",
        metavar="ARN|NAME|FILE",
        help="an execution; of a workflow, the newest; with --as-test, a file with an exported history",
    )
    arguments.flag("json", help="write the events as a JSON array")
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
    from stepsmith.cli.aws_options import backend, execution
    from stepsmith.cli.messages import put
    from stepsmith.service import unmasked

    if arguments.as_test:
        put(_as_test(arguments).rstrip())
        return 0
    aws = backend(arguments)
    found = execution(aws, newest(aws, arguments.execution))
    with unmasked(arguments.unmasked):
        _show(found, as_json=arguments.json)
    return 0 if found.status in ("SUCCEEDED", "RUNNING") else 1


def _show(execution: AwsExecution[Json], *, as_json: bool) -> None:
    from stepsmith.cli.messages import one_line, put
    from stepsmith.cli.remote_reports import history_lines
    from stepsmith.cli.reports import pretty
    from stepsmith.service.shown import shown_history

    if as_json:
        put(pretty(list(shown_history(execution))))
        return
    put(one_line(execution.arn))
    for line in history_lines(execution):
        put(line)


def _as_test(arguments: Namespace) -> str:
    """Write the test; its paths stand as they were given, to be read from where the tests run."""
    from pathlib import Path

    from stepsmith.testing.recordings import recorded_test

    source = Path(arguments.execution)
    name = arguments.name or "".join(c if c.isalnum() else "_" for c in source.stem)
    return recorded_test(source, arguments.definition or f"definitions/{name}.asl.json", name=name)


def newest(aws: AwsBackend, name: str) -> str:
    """Return the ARN of an execution: the one given, or the newest of a workflow. Raises NotFound for none."""
    from stepsmith.errors import NotFound

    if name.startswith("arn:"):
        return name
    found = aws.executions(aws.machine_arn(name), most=1)
    if not found:
        raise NotFound(f"{name} has no executions")
    return str(found[0]["executionArn"])
