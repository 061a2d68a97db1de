"""Goes on with what an execution was waiting for when the process that drove it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stepsmith.cloud.actions.runner import Live, Runner
from stepsmith.engine.ports import Answer, Command, MoreItems, ReadItems, StartTask, TaskStarted, WriteResults
from stepsmith.integrations.resources import Activity, parse_resource
from stepsmith.service.durable.awaited import Awaited, Exporting, Reading, open_again, write_again
from stepsmith.service.durable.waits import is_job
from stepsmith.store import Input, Request

if TYPE_CHECKING:
    from stepsmith.cloud.actions.recorders import Recorder
    from stepsmith.integrations import Dispatcher


@dataclass(slots=True)
class Stand:
    """Where an execution stands that was played back."""

    awaited: Awaited
    with_worker: set[int] = field(default_factory=set[int])
    """Tasks of activities that a worker has, by the ids of their commands."""
    requests: list[Request] = field(default_factory=list[Request])
    """Answers that it has not taken."""
    has_begun: bool = False
    """Whether it has taken a step."""

    def take(self, inputs: Iterable[Input], commands: Iterable[Command]) -> None:
        """Take notice of a step."""
        self.awaited.take(inputs, commands)
        self.with_worker.update(each.id for each in inputs if isinstance(each, TaskStarted))


def resume(runner: Runner, live: Live, recorder: Recorder, stand: Stand) -> None:
    """Begin again with what was interrupted, wait on for what others do, and take the answers that are there."""
    exports: dict[int, Exporting] = dict(stand.awaited.exports)
    for command in stand.awaited.outstanding:
        match command:
            case StartTask():
                _resume_task(runner, live, command, stand)
            case ReadItems() | MoreItems():
                runner.do(live, _reading(live.dispatcher, stand.awaited.readings[command.id], command))
            case WriteResults(id=id) if id in exports:
                runner.do(live, _writing(live.dispatcher, exports.pop(id)))
            case _:
                pass
    for request in stand.requests:
        recorder.take(request.id)
        runner.answer(live, request.input)
    if not stand.has_begun:
        runner.stir(live)


def _resume_task(runner: Runner, live: Live, command: StartTask, stand: Stand) -> None:
    submitted = stand.awaited.submitted.get(command.id)
    if submitted is None:
        is_activity = isinstance(parse_resource(command.resource), Activity)
        if is_activity and command.id in stand.with_worker:
            runner.open(live, command)
        else:
            runner.begin_again(live, command)
        return
    runner.open(live, command)
    output = submitted.output
    child = str(output.get("ExecutionArn")) if isinstance(output, dict) else ""
    nested = runner.nested
    if is_job(command) and not (nested is not None and nested.follow(live, command, child)):
        runner.do(live, lambda post: live.dispatcher.follow(command, output, post))


def _reading(
    dispatcher: Dispatcher, reading: Reading, command: ReadItems | MoreItems
) -> Callable[[Callable[[Answer], None]], None]:
    return lambda post: post(open_again(dispatcher, reading) or dispatcher.read(command))


def _writing(dispatcher: Dispatcher, export: Exporting) -> Callable[[Callable[[Answer], None]], None]:
    def write(post: Callable[[Answer], None]) -> None:
        failed = write_again(dispatcher, export)
        if failed is not None:
            post(failed)
            return
        for page in list(export.pages):
            post(dispatcher.write(page))

    return write
