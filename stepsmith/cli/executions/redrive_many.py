"""Redrives many executions: shows what would be done with each and why, asks, does it at a rate, and reports."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from stepsmith.service import AwsBackend
    from stepsmith.service.executions.redriving import Anew, Outcome, Place, Step
    from stepsmith.service.executions.search import Search
    from stepsmith.service.remote.redriving import FailureQueue

MOST: Final = "1000"
RATE: Final = "5"
MOST_LINES: Final = 20
"""Executions of the plan that are shown one by one; --json has them all."""
_WORDS: Final = {"redrive": "redriven", "restart": "started anew", "leave": "left"}


def redrive_many(arguments: Namespace) -> int:
    """Redrive those that a call means; exit code 1 says that some could not be helped."""
    from stepsmith.cli.arguments.aws_options import backend, number
    from stepsmith.cli.arguments.searches import search_of
    from stepsmith.cli.journal.options import chosen_journal, refuse_together
    from stepsmith.service.executions.redriving import FAILURES

    search = search_of(arguments, since="failed", statuses=FAILURES)
    for each in search.statuses:
        if each not in FAILURES:
            raise WrongCall(f"--status {each}: only {', '.join(FAILURES)} executions can go on")
    most, rate = number(arguments.most or MOST, "most"), _rate(arguments.rate or RATE)
    journal = chosen_journal(arguments)
    if journal is not None:
        refuse_together(arguments, "from-queue", "stack", "stage", "region", "profile", "endpoint-url")
        place = _here(journal, arguments.execution)
        steps = list(islice(place.plan(search, _anew(arguments)), most))
        code = _go(arguments, steps, place, rate=rate, queue=None)
        if not arguments.plan and not arguments.json:
            _say_who_works(journal)
        return code
    if arguments.from_queue is not None:
        return _from_queue(arguments, backend(arguments), most, rate)
    if arguments.execution is None:
        raise WrongCall("name the workflow or the state machine whose executions failed, or a --journal")
    return _on_aws(arguments, backend(arguments), search, most, rate)


def _on_aws(arguments: Namespace, aws: AwsBackend, search: Search, most: int, rate: float) -> int:
    from stepsmith.service.remote.redriving import AwsPlace

    place = AwsPlace(aws, aws.machine_arn(arguments.execution))
    return _go(
        arguments, list(islice(place.plan(search, _anew(arguments)), most)), place, rate=rate, queue=None
    )


def _from_queue(arguments: Namespace, aws: AwsBackend, most: int, rate: float) -> int:
    from stepsmith.cli.output.messages import one_line, say
    from stepsmith.service.remote.redriving import AwsPlace, FailureQueue

    for option in ("failed", "until", "status", "name", "error", "where", "execution"):
        if getattr(arguments, option):
            raise WrongCall("--from-queue takes the executions that its messages tell of; name no others")
    queue, place, anew = FailureQueue(aws, _queue_of(arguments, aws)), AwsPlace(aws), _anew(arguments)
    try:
        steps = [place.step(arn, anew) for arn in queue.read(most)]
        for body in queue.foreign[:MOST_LINES]:
            say(f"a message tells of no execution, and stays in the queue: {one_line(body)}")
        return _go(arguments, steps, place, rate=rate, queue=queue)
    finally:
        queue.give_back()


def _queue_of(arguments: Namespace, aws: AwsBackend) -> str:
    """Return the queue that a name means: that of the project's stack, or any other."""
    import time

    from stepsmith.deploy.stacks.status import Stack
    from stepsmith.integrations.clients.account import AwsFailure

    name = str(arguments.from_queue)
    if aws.stack is None or ":" in name:
        return name
    try:
        return Stack(aws.account, aws.stack, sleep=time.sleep).resources().get(name, name)
    except AwsFailure:
        return name  # no right to look at stacks, or no such stack


def _here(journal: Path, machine: str | None) -> Place:
    from stepsmith.service.journals.journal import Journal
    from stepsmith.service.journals.redriving import JournalPlace

    return JournalPlace(Journal(journal), None if machine is None else machine.rpartition(":")[2])


def _say_who_works(journal: Path) -> None:
    from stepsmith.cli.output.messages import say

    say(f"what goes on is driven by: stepsmith work --journal {journal}")


def _anew(arguments: Namespace) -> Anew:
    return "all" if arguments.anew else "others" if arguments.restart else "none"


def _rate(text: str) -> float:
    from math import isfinite

    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not isfinite(rate) or not 0.001 <= rate <= 1000:
        raise WrongCall(f"--rate {text[:40]!r} is no number from 0.001 to 1000, of executions in a second")
    return rate


def _go(
    arguments: Namespace, steps: list[Step], place: Place, *, rate: float, queue: FailureQueue | None
) -> int:
    from stepsmith.cli.arguments.aws_options import confirmed
    from stepsmith.cli.output.messages import counted, put, say
    from stepsmith.cli.output.reports import pretty
    from stepsmith.service.executions.redriving import described

    doing = sum(each.action != "leave" for each in steps)
    if not arguments.json:
        _show(steps)
    if arguments.plan:
        if arguments.json:
            put(pretty([described(each) for each in steps]))
        return 1 if any(each.is_stuck for each in steps) else 0
    if doing:
        question = f"Do this with {counted(doing, 'execution')}, {rate:g} a second?"
        if not confirmed(question, yes=arguments.yes):
            say("stopped; nothing was changed")
            return 1
    outcomes = _done(steps, place, rate, queue, is_told=not arguments.json)
    if arguments.json:
        put(pretty([each.to_json() for each in outcomes]))
    return 0 if all(each.is_well for each in outcomes) else 1


def _done(
    steps: list[Step], place: Place, rate: float, queue: FailureQueue | None, *, is_told: bool
) -> list[Outcome]:
    from stepsmith.cli.output.messages import one_line, say
    from stepsmith.service.executions.redriving import carry_out

    outcomes: list[Outcome] = []
    try:
        for each in carry_out(steps, place, rate=rate):
            outcomes.append(each)
            if queue is not None:
                queue.settle(each)
            if is_told and each.done != "left":
                more = f": {each.reason}" if each.reason else f" as {each.began}" if each.began else ""
                say(one_line(f"{each.done}  {each.step.arn}{more}"))
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(f"{len(outcomes)} of {len(steps)} were seen to: {_summary(outcomes)}")
        raise
    if is_told and outcomes:
        say(_summary(outcomes))
    return outcomes


def _summary(outcomes: Iterable[Outcome]) -> str:
    counts = Counter("could not be helped" if not each.is_well else each.done for each in outcomes)
    return ", ".join(
        f"{number} {what.replace('restarted', 'started anew')}" for what, number in counts.items()
    )


def _show(steps: list[Step]) -> None:
    """Show what would be done: how many for which reason, and the first of them."""
    from stepsmith.cli.output.messages import one_line, put

    if not steps:
        put("no executions")
        return
    counts = Counter((each.action, each.why) for each in steps)
    for (action, why), number in counts.most_common():
        put(one_line(f"{number:,} would be {_WORDS[action]}{f': {why}' if why else ''}"))
    for each in steps[:MOST_LINES]:
        put(f"  {each.action:<8} {each.status:<10} {one_line(each.arn)}")
    if len(steps) > MOST_LINES:
        put(f"  and {len(steps) - MOST_LINES:,} more; --json names them all")
