"""`stepsmith replay`: run a definition against executions that were recorded, before it is deployed."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.privacy import Marks
    from stepsmith.service import AwsBackend
    from stepsmith.service.executions.search import Search
    from stepsmith.service.machines.machine import Machine
    from stepsmith.testing.replays import Replays, Source


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack, add_unmasked
    from stepsmith.cli.arguments.searches import add_search
    from stepsmith.cli.journal.options import add_chosen_journal

    arguments = Arguments(
        "replay",
        "Run a definition against executions that were recorded, their tasks answering as they did: says which would "
        "take another path, call other tasks or give them something else, or end otherwise. Exit code 0 says that all "
        "go as recorded, 1 that some do not or that nobody can tell.",
        examples=(
            "customer_onboarding --executions 100",
            "customer_onboarding --executions 500 --since 7d --status FAILED",
            "definitions/ordering.asl.json monday.json exported/ --json",
        ),
    )
    arguments.value(
        "target", metavar="NAME|FILE", help="a workflow, or a file with a definition: the new one"
    )
    arguments.value(
        "histories", metavar="HISTORY", help="files with exported histories, or folders of them", many=True
    )
    arguments.option(
        "executions", metavar="NUMBER", help="the last so many of the deployed state machine, too"
    )
    arguments.option(
        "machine", metavar="NAME|ARN", help="the deployed one, where it is not called like the workflow"
    )
    add_chosen_journal(arguments, here="take --executions from this journal")
    add_search(arguments)
    add_unmasked(arguments)
    arguments.flag("json", help="write what becomes of each as JSON")
    add_stack(arguments)
    add_account(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Replay them."""
    from stepsmith.cli.arguments.targets import DefinitionFile, find_target
    from stepsmith.cli.output.messages import put, whole_line
    from stepsmith.cli.output.reports import pretty
    from stepsmith.service.personal import workflow_marks
    from stepsmith.testing.replays import replay_all

    target = find_target(arguments.target)
    marks = None
    if not isinstance(target, DefinitionFile) and not arguments.unmasked:
        marks = workflow_marks(target.found.workflow)
    sources = [*files(arguments.histories), *_found(arguments, target.machine)]
    if not sources:
        raise WrongCall(
            "there is nothing to replay: name files with exported histories, or say --executions NUMBER"
        )
    replays = replay_all(target.machine, sources, marks=marks)
    if arguments.json:
        put(pretty(replays.to_json()))
    else:
        for line in replays.lines():
            put(whole_line(line))
    return 0 if replays.is_same else 1


def files(given: list[str]) -> Iterator[str]:
    """Give the files that a call means: those named, and those in folders named."""
    for each in given:
        path = Path(each)
        if not path.is_dir():
            yield each
            continue
        inside = sorted(str(found) for found in path.glob("*.json"))
        if not inside:
            raise WrongCall(f"{each!r} is a folder without a .json file")
        yield from inside


def _found(arguments: Namespace, machine: Machine) -> Iterator[Source]:
    from stepsmith.cli.arguments.aws_options import backend, number
    from stepsmith.cli.arguments.searches import search_of
    from stepsmith.cli.journal.options import chosen_journal, refuse_together

    search, journal = search_of(arguments), chosen_journal(arguments)
    if arguments.executions is None:
        for option in ("since", "until", "status", "name", "error", "where", "machine"):
            if getattr(arguments, option):
                raise WrongCall(f"--{option} says which executions are meant: say --executions NUMBER, too")
        if journal is not None:
            raise WrongCall("a journal holds executions: say --executions NUMBER, too")
        return
    most = number(arguments.executions, "executions")
    name = arguments.machine or machine.name
    if journal is not None:
        refuse_together(arguments, "stack", "stage", "region", "profile", "endpoint-url")
        yield from _recorded_here(journal, name, search, most)
        return
    yield from recorded_on_aws(backend(arguments), name, search, most)


def recorded_on_aws(aws: AwsBackend, name: str, search: Search, most: int) -> Iterator[Source]:
    """Give the last executions of a deployed state machine, whose histories are read when they are replayed."""

    def source(arn: str) -> Source:
        return arn, lambda: aws.execution(arn).history

    for each in islice(aws.search(aws.machine_arn(name), search), most):
        yield source(each.arn)


def _recorded_here(path: Path, machine: str, search: Search, most: int) -> Iterator[Source]:
    from stepsmith.service.journals.journal import Journal

    journal = Journal(path)

    def source(arn: str) -> Source:
        return arn, lambda: journal.execution(arn).history

    for each in islice(journal.search(search, machine=machine.rpartition(":")[2]), most):
        yield source(each.arn)


def replay_deployed(aws: AwsBackend, workflow: Workflow[..., object], most: int) -> Replays | None:
    """Replay the last executions of a workflow through what would be deployed; None where it is not deployed."""
    from stepsmith.errors import NotFound
    from stepsmith.service import workflow_machine
    from stepsmith.service.executions.search import Search
    from stepsmith.service.personal import workflow_marks
    from stepsmith.testing.replays import replay_all

    try:
        sources = list(recorded_on_aws(aws, workflow.name, Search(), most))
    except NotFound:
        return None
    marks: Marks = workflow_marks(workflow)
    return replay_all(workflow_machine(workflow), sources, marks=marks)
