"""Takes one step of an execution, and says what is to be written of it."""

from __future__ import annotations

from collections.abc import Iterable

from stepsmith.engine.ports import Command, StartTask
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
    run = live.run
    at = max(at, run.now)
    commands = live.stepper.step(at, inputs)
    live.awaited.take(inputs, commands)
    taken, live.taken = tuple(live.taken), []
    has_ended = run.status != "RUNNING"
    if has_ended:
        live.awaited.clear()
        live.arrivals.clear()
        live.children.clear()
    effects = [*follows, *commands] if follows else commands
    unit = Unit(
        tail=live.tail,
        status=run.status,
        stopped=(run.stopped or at) if has_ended else 0.0,
        body=encode(inputs),
        at=at,
        last=run.last,
        digest=live.stepper.digest,
        opened=_opened(live, commands),
        taken=taken,
        posted=_posted(live) if has_ended else (),
        follows=ending_start(live.id, live.start, run, live.means.machines, at=at) if has_ended else None,
    )
    if live.tokens:
        _close_tokens(live, unit, inputs if taken else ())
    unit.due = _due(live, effects)
    return unit, effects


def _opened(live: Live, commands: Iterable[Command]) -> tuple[Token, ...]:
    """Give the task tokens that a step hands out."""
    opened: list[Token] = []
    for command in commands:
        if isinstance(command, StartTask) and command.token is not None and command.id in live.awaited.tasks:
            live.tokens[command.id] = token = command.token
            opened.append(
                Token(token=token, execution=live.id, command=command.id, state=command.state, is_open=True)
            )
    return tuple(opened)


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
    if live.flights or any(begins_work(live, command) for command in effects) or has_work(live):
        return 0.0
    if live.is_virtual:
        return NEVER if live.waits_for_others else 0.0
    timer = live.run.next_timer
    return NEVER if timer is None else timer
