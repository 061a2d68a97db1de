"""Takes one step of an execution, and says what is to be written of it."""

from __future__ import annotations

from collections.abc import Iterable

from stepsmith.engine.ports import Command, StartTask, TaskSucceeded
from stepsmith.engine.values.failures import StateFailure
from stepsmith.engine.values.payload import is_deep, text_of
from stepsmith.service.durable.endings import ending_start
from stepsmith.service.durable.live import Live
from stepsmith.service.durable.waits import begins_work, has_work
from stepsmith.service.executions.started import outcome
from stepsmith.store import NEVER, Input, Token, Unit, encode


def take_step(
    live: Live, at: float, inputs: list[Input], follows: Iterable[Command]
) -> tuple[Unit, list[Command]]:
    """Tell an execution something at an instant.

    Gives the unit to be written, and the commands to carry out then: those that come of the step, after `follows`.
    """
    run = live.stepper.run
    at = max(at, run.now)
    for given in inputs:
        if type(given) is TaskSucceeded and not given.text:
            _write_out(given)
    commands = live.stepper.step(at, inputs)
    live.awaited.take(inputs, commands)
    effects = [*follows, *commands] if follows else commands
    unit = Unit(
        tail=live.tail,
        status=run.status,
        body=encode(inputs),
        at=at,
        last=run.last,
        digest=live.stepper.digest,
    )
    if live.taken:
        unit.taken, live.taken = tuple(live.taken), []
    if run.status != "RUNNING":
        _end(live, unit, at)
    for command in commands:
        if type(command) is StartTask and command.token is not None and command.id in live.awaited.tasks:
            _open_token(live, unit, command)
    if live.tokens:
        _close_tokens(live, unit, inputs if unit.taken else ())
    unit.due = _due(live, effects)
    return unit, effects


def _end(live: Live, unit: Unit, at: float) -> None:
    """Let an execution that has ended wait for nothing, and tell those of it that wait for it or follow it."""
    run = live.run
    live.awaited.clear()
    live.arrivals.clear()
    live.children.clear()
    unit.stopped = run.stopped or at
    unit.posted = _posted(live)
    unit.follows = ending_start(live.id, live.start, run, live.means.machines, at=at)


def _write_out(answer: TaskSucceeded) -> None:
    """Make the text of an output, once: for the events of the execution and for the journal."""
    if is_deep(answer.output):
        return  # it is measured first
    try:
        answer.text = text_of(answer.output)
    except StateFailure:
        return  # the execution says what is wrong with it


def _open_token(live: Live, unit: Unit, command: StartTask) -> None:
    """Hand out the token of a task with a step."""
    live.tokens[command.id] = token = command.token or ""
    opened = Token(token=token, execution=live.id, command=command.id, state=command.state, is_open=True)
    unit.opened = (*unit.opened, opened)


def _close_tokens(live: Live, unit: Unit, answers: Iterable[Input]) -> None:
    """Let tokens take no answers that nobody waits for; those that were answered are closed by their answers."""
    answered = {getattr(each, "id", None) for each in answers}
    over = [id for id in live.tokens if id not in live.awaited.tasks]
    unit.answered = tuple(live.tokens[id] for id in over if id in answered)
    unit.closed = tuple(live.tokens[id] for id in over if id not in answered)
    for id in over:
        del live.tokens[id]


def _posted(live: Live) -> tuple[tuple[int, Input], ...]:
    """Give what an ended execution tells the one that waits for it."""
    parent = live.parent
    if parent is None or parent.pattern == "request":
        return ()
    return ((parent.execution, outcome(parent.command, live.run, values=parent.pattern == "sync:2")),)


def _due(live: Live, effects: Iterable[Command]) -> float:
    """Say when an execution has to be looked at again, should this process end now."""
    if live.flights:
        return 0.0
    for command in effects:  # not any() over a generator: this is asked at every step
        if begins_work(live, command):
            return 0.0
    if has_work(live):
        return 0.0
    if live.is_virtual:
        return NEVER if live.waits_for_others else 0.0
    timer = live.run.next_timer
    return NEVER if timer is None else timer
