"""`stepsmith executions`: the executions of a deployed workflow, or of a journal here, newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from stepsmith.expressions.types import Json
    from stepsmith.service.executions.search import Found


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack
    from stepsmith.cli.arguments.searches import add_search
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments(
        "executions",
        "List the executions of a deployed workflow, or of a journal here, newest first.",
        examples=(
            "customer_onboarding --since 12h --status FAILED --status TIMED_OUT",
            "customer_onboarding --error Lambda.* --where applicant.country=IE --most 100",
            "--durable --since 2026-01-31 --name monday-* --json",
        ),
    )
    arguments.value(
        "name_or_arn", metavar="NAME|ARN", help="a workflow, or the ARN of any state machine", optional=True
    )
    add_chosen_journal(arguments, here="list those in this journal, of one workflow or of all")
    add_search(arguments)
    arguments.option("most", metavar="NUMBER", help="how many", default="20")
    arguments.flag("json", help="write a JSON array")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """List them, each as it is found."""
    from itertools import islice

    from stepsmith.cli.arguments.aws_options import backend, number
    from stepsmith.cli.arguments.searches import search_of
    from stepsmith.cli.journal.options import chosen_journal, refuse_together
    from stepsmith.cli.output.messages import say

    search, most = search_of(arguments), number(arguments.most, "most")
    journal, name = chosen_journal(arguments), arguments.name_or_arn
    if journal is not None:
        from stepsmith.service.journals.journal import Journal

        refuse_together(arguments, "stack", "stage", "region", "profile", "endpoint-url")
        found = Journal(journal).search(search, machine=None if name is None else name.rpartition(":")[2])
    else:
        if name is None:
            raise WrongCall(
                "name a workflow or the ARN of a state machine; --journal FILE or --durable lists executions here"
            )
        aws = backend(arguments)
        found = aws.search(aws.machine_arn(name), search)
    write = _write_json if arguments.json else _write
    if not write(islice(found, most)) and not arguments.json:
        say("no executions")
    return 0


def _write(found: Iterator[Found]) -> int:
    from stepsmith.cli.output.messages import one_line, put

    count = 0
    for each in found:
        count += 1
        error = f"  {one_line(each.error)}" if each.error else ""
        put(
            f"{_instant(each.started)[:19].replace('T', ' ')}  {each.status:<15}  {one_line(each.arn)}{error}"
        )
    return count


def _write_json(found: Iterator[Found]) -> int:
    from stepsmith.cli.output.messages import put
    from stepsmith.cli.output.reports import pretty

    written, count = "[", 0
    for count, each in enumerate(found, 1):
        if count > 1:
            written += ","
        put(written)
        written = "\n".join(f"  {line}" for line in pretty(described(each)).splitlines())
    put(f"{written}\n]" if count else "[]")
    return count


def described(found: Found) -> dict[str, Json]:
    """Return an execution that was found as ListExecutions names what it has."""
    described: dict[str, Json] = {
        "executionArn": found.arn,
        "name": found.name,
        "status": found.status,
        "startDate": _instant(found.started),
        "stopDate": None if found.stopped is None else _instant(found.stopped),
    }
    return described if found.error is None else {**described, "error": found.error}


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
