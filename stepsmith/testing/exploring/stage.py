"""A stage for executions on one world: it says what may happen next, and lets one of it happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import ACCOUNT
from stepsmith.engine.kernel.standing import waiting_states
from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    MoreItems,
    ReadItems,
    StartTask,
    TaskFailed,
    TaskSubmitted,
    WriteResults,
)
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import DEFAULT_REGION, ClientRegistry
from stepsmith.integrations.failures import compact
from stepsmith.service.clock import VirtualClock
from stepsmith.service.driving.calls import response
from stepsmith.service.driving.live import LiveRun, Responder, for_task
from stepsmith.service.executions.options import RunOptions
from stepsmith.service.machines.nested import NestedExecutions
from stepsmith.service.machines.workflow_runs import workflow_machine, workflow_machines
from stepsmith.testing.exploring.actors import Actor, Open, Script
from stepsmith.testing.exploring.mishaps import (
    ABORTED,
    AFTER,
    IS_ANSWERED,
    PASSES,
    STARTS,
    WORKS,
    Choice,
    Situation,
    Work,
)
from stepsmith.testing.exploring.raised import Fault
from stepsmith.testing.exploring.ways import Acts, ways_of

Late: TypeAlias = "tuple[str, Callable[[], None]]"
"""What comes when nobody waits for it any more: what it is called, and what it does."""


class Stage:
    """Executions that take turns, on virtual time; everything happens on the thread that calls."""

    def __init__(
        self,
        script: Script,
        inputs: Sequence[dict[str, Json]],
        clients: ClientRegistry,
        answers: Mapping[str, Sequence[Responder]],
    ) -> None:
        self.clock = VirtualClock()
        self.actors: list[Actor] = []
        self.work: list[Work] = []
        """The calls of tasks and the answers so far: all that has touched the world."""
        self._script = script
        self._inputs = inputs
        self._answers = answers
        self._options: RunOptions = {"clients": clients, "tasks": script.tasks}
        self._starter = NestedExecutions(workflow_machines(script.workflow))
        self._turn: Actor | None = None
        self._late: list[Late] = []
        self._tokens: dict[str, str] = {}

    # -- what it says -------------------------------------------------------------------

    def situation(self) -> Situation | None:
        """Say what may happen next; None when all is over."""
        actor = self._whose_turn()
        if actor is not None:
            return self._of_open(actor, actor.open[0])
        waiting = self._next_in_time()
        if waiting is not None:
            at = f"waiting in {' and '.join(waiting_states(waiting.live.run))}"
            return Situation(
                waiting.number,
                at,
                Choice(PASSES, self._pass_time),
                lambda: [*self._before(waiting), *self._aborting(waiting)],
            )
        if len(self.begun()) < len(self._inputs):
            return Situation(len(self.begun()) + 1, "start", Choice(STARTS, self._start_next), list)
        if self._late:
            return Situation(1, "the end", self._lateness(0), list)
        return None

    def standing(self) -> tuple[object, ...]:
        """Give where everything stands except for the world, as a value that can be compared."""
        return (
            None if self._turn is None else self._turn.number,
            tuple(actor.standing() for actor in self.actors),
            tuple(what for what, _ in self._late),
        )

    def without_tokens(self, text: str) -> str:
        """Give a text in which task tokens are named by their states: they are drawn anew for every attempt."""
        for token, state in self._tokens.items():
            text = text.replace(token, f"token of {state}")
        return text

    def begun(self) -> list[Actor]:
        """Give the executions of the inputs that have begun, in their order."""
        return [actor for actor in self.actors if actor.live.depth == 0]

    def _whose_turn(self) -> Actor | None:
        ready = [actor for actor in self.actors if actor.runs and actor.open]
        if self._turn in ready:
            return self._turn
        return ready[0] if ready else None

    def _next_in_time(self) -> Actor | None:
        """Give the running execution to which something happens next without anybody's doing."""
        timed = [
            (actor.live.run.next_timer, actor)
            for actor in self.actors
            if actor.runs and actor.live.run.next_timer is not None
        ]
        return min(timed, key=lambda each: each[0] or 0.0)[1] if timed else None

    def _before(self, actor: Actor) -> list[Choice]:
        """Give what may come before what an execution would do."""
        found = [Choice(f"{each} goes first", partial(_to_front, actor, each)) for each in actor.open[1:]]
        for other in self.actors:
            if other is not actor and other.runs and other.open:
                found.append(Choice(f"execution {other.number} goes first", partial(self._give_turn, other)))
        begun = len(self.begun())
        if begun < len(self._inputs):
            found.append(Choice(f"execution {begun + 1} starts", self._start_next))
        return [*found, *map(self._lateness, range(len(self._late)))]

    def _lateness(self, place: int) -> Choice:
        return Choice(f"{self._late[place][0]} comes late", partial(self._come_late, place))

    def _of_open(self, actor: Actor, first: Open) -> Situation:
        command, state = first.command, first.command.state
        if first.is_asked:
            answers = for_task(self._answers, command) or ()
            usual, *mishaps = self._answering(actor, command, answers)
        else:
            usual, mishaps = Choice(WORKS, partial(self._call, actor, command)), None
            lasting = actor.lasting.get(state) if command.attempt else None
            if lasting is not None:
                usual = next(each for each in self._mishaps(actor, command) if each.does == lasting)
                mishaps = []

        def others() -> list[Choice]:
            found = self._mishaps(actor, command) if mishaps is None else mishaps
            called = None if first.is_asked else command
            return [*self._before(actor), *found, *self._aborting(actor, called)]

        return Situation(actor.number, str(first), usual, others)

    def _mishaps(self, actor: Actor, command: StartTask) -> list[Choice]:
        """Give what can go wrong with a call, besides its coming too late."""
        has_deadline = command.timeout_seconds is not None or command.heartbeat_seconds is not None
        script, key = actor.script, (command.state, has_deadline)
        ways = script.ways.get(key)
        if ways is None:
            faults = script.faults.get(command.state, ())
            timeout = script.timeouts[command.state] if has_deadline else None
            acts = Acts(Stage._call, Stage._fail, Stage._lose)
            ways = script.ways[key] = tuple(ways_of(faults, timeout, acts))
        return [Choice(way.does, partial(way.act, self, actor, command), way.alike) for way in ways]

    def _aborting(self, actor: Actor, command: StartTask | None = None) -> list[Choice]:
        if not actor.can_be_aborted:
            return []
        found = [Choice(ABORTED, partial(self._abort, actor))]
        if command is not None:
            found += [
                Choice(f"{ABORTED}{AFTER}", partial(self._abort, actor, command)),
                Choice(f"{ABORTED} and works later", partial(self._abort, actor, command, later=True)),
            ]
        return found

    def _answering(self, actor: Actor, command: StartTask, answers: Sequence[Responder]) -> list[Choice]:
        """Give what may become of a question, the usual first: the first answer, or none where there is none."""
        found: list[Choice] = []
        lose = partial(self._ignore, actor, command)
        for place, answer in enumerate(answers):
            does = IS_ANSWERED if len(answers) == 1 else f"{IS_ANSWERED} by {place + 1}"
            found.append(Choice(does, partial(self._answer, actor, command, answer)))
            found.append(Choice(f"{does} twice", partial(self._answer, actor, command, answer, times=2)))
            found.append(Choice(f"{does} too late", partial(lose, answer)))
        unanswered = Choice("is not answered", lose)
        return [*found[:1], unanswered, *found[1:]]

    # -- what it does -------------------------------------------------------------------

    def _start_next(self) -> None:
        place = len(self.begun())
        value = json.loads(json.dumps(self._inputs[place]))
        machine = workflow_machine(self._script.workflow)
        settings = machine.settings(DEFAULT_REGION, 0, ACCOUNT)
        name = f"execution-{place + 1}"
        run = Run(machine.program, settings, value, now=self.clock.now(), name=name)
        live, _ = machine.crew(run, self._options)
        self.add(live)
        self._turn = self.actors[-1]
        self._settle()

    def _give_turn(self, actor: Actor) -> None:
        self._turn = actor

    def _pass_time(self) -> None:
        actor = self._next_in_time()
        due = None if actor is None else actor.live.run.next_timer
        if due is not None:
            self.clock.move_to(due)
        self._settle()

    def _call(self, actor: Actor, command: StartTask, *, times: int = 1, later: bool = False) -> None:
        actor.forget(command.id)
        said = self._carry_out(actor, command)
        for _ in range(times - 1):
            self._carry_out(actor, command)
        if later:
            self._late.append((command.state, lambda: self._drop(self._carry_out(actor, command))))
        for answer in said:
            actor.live.run.apply(answer, self.clock.now())
        if not said or isinstance(said[-1], TaskSubmitted):
            actor.open.append(Open(command, is_asked=True))
        self._settle()

    def _carry_out(self, actor: Actor, command: StartTask) -> list[Answer]:
        said: list[Answer] = []
        self.work.append(Work(command.state, _given(command)))
        actor.live.dispatcher.start(command, said.append)
        return said

    def _drop(self, said: object) -> None:
        """Nobody hears what is said too late."""

    def _fail(self, actor: Actor, command: StartTask, fault: Fault, *, worked: bool) -> None:
        actor.forget(command.id)
        if worked:
            self._carry_out(actor, command)
        cause = compact({"errorMessage": f"{fault.error} on purpose", "errorType": fault.error})
        failed = TaskFailed(id=command.id, error=fault.error, cause=cause)
        actor.live.run.apply(failed, self.clock.now())
        self._settle()

    def _lose(self, actor: Actor, command: StartTask, *, worked: bool, later: bool = False) -> None:
        actor.forget(command.id)
        if worked:
            self._carry_out(actor, command)
        if later:
            self._late.append((command.state, lambda: self._drop(self._carry_out(actor, command))))

    def _answer(self, actor: Actor, command: StartTask, responder: Responder, *, times: int = 1) -> None:
        actor.forget(command.id)
        for _ in range(times):
            answer = self._ask(command, responder)
            actor.live.run.apply(answer, self.clock.now())
            self._settle()

    def _ask(self, command: StartTask, responder: Responder) -> Answer:
        self.work.append(Work(f"answer to {command.state}", _given(command)))
        return response(responder, command)

    def _ignore(self, actor: Actor, command: StartTask, late: Responder | None = None) -> None:
        actor.forget(command.id)
        if late is not None:
            self._late.append((f"answer to {command.state}", lambda: self._drop(self._ask(command, late))))

    def _abort(self, actor: Actor, command: StartTask | None = None, *, later: bool = False) -> None:
        if command is not None and not later:
            self._carry_out(actor, command)
        if command is not None and later:
            self._late.append((command.state, lambda: self._drop(self._carry_out(actor, command))))
        self.stop(actor.live, None, None)
        self._settle()

    def _come_late(self, place: int) -> None:
        _, act = self._late.pop(place)
        act()
        self._settle()

    # -- what the engine asks for -------------------------------------------------------

    def _settle(self) -> None:
        """Take every execution as far as it goes by itself."""
        moved = True
        while moved:
            moved = False
            for actor in list(self.actors):
                moved = self._advance(actor) or moved

    def _advance(self, actor: Actor) -> bool:
        run = actor.live.run
        was = run.status
        commands = run.advance(self.clock.now())
        for command in commands:
            self._take(actor, command)
        if run.status != "RUNNING" and was == "RUNNING":
            self._ended(actor)
            return True
        return bool(commands) or run.busy

    def _take(self, actor: Actor, command: Command) -> None:
        match command:
            case StartTask():
                if command.token is not None:
                    self._tokens[command.token] = command.state
                if not self._starter.start(self, actor.live, command):
                    actor.open.append(Open(command))
            case CancelTask():
                self._starter.cancel(self, actor.live, command.id)
                actor.forget(command.id)
            case ReadItems() | MoreItems():
                self.answer(actor.live, actor.live.dispatcher.read(command))
            case WriteResults():
                self.answer(actor.live, actor.live.dispatcher.write(command))

    def _ended(self, actor: Actor) -> None:
        actor.open.clear()
        if actor.live.on_closed is not None:
            actor.live.on_closed(actor.live.run)
        on_failed = actor.live.on_failed
        if on_failed is not None and actor.live.run.status != "SUCCEEDED":
            self.add(on_failed(actor.live, self.clock.now()))

    def add(self, live: LiveRun) -> None:
        """Take in an execution that another has started."""
        actor = Actor(len(self.actors) + 1, live, self._script, can_be_aborted=live.depth == 0)
        self.actors.append(actor)

    def answer(self, live: LiveRun, answer: Answer) -> None:
        """Hand an answer to an execution."""
        live.run.apply(answer, self.clock.now())

    def stop(self, live: LiveRun, error: str | None, cause: str | None) -> None:
        """Abort an execution, and what it has started and waits for."""
        was = live.run.status
        commands = live.run.stop(error, cause, self.clock.now())
        for actor in self.actors:
            if actor.live is live:
                for command in commands:
                    self._take(actor, command)
                if was == "RUNNING":
                    self._ended(actor)


def _given(command: StartTask) -> Json:
    """Give what a task is called with, without what says which function it is."""
    payload = command.payload
    if isinstance(payload, dict) and "FunctionName" in payload:
        return payload.get("Payload")
    return payload


def _to_front(actor: Actor, first: Open) -> None:
    """Let one of several tasks and answers be the next."""
    actor.open.remove(first)
    actor.open.insert(0, first)
