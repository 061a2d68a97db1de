"""The search through what can go wrong: nearest to the happy path first, no state twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias, cast

from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry
from stepsmith.testing.exploring.fingerprints import fingerprint
from stepsmith.testing.exploring.mishaps import Choice, Mishap, Situation
from stepsmith.testing.exploring.playing import Answers, Ending, Inputs, Play, W
from stepsmith.testing.exploring.report import Exploration, PropertyBroken
from stepsmith.testing.exploring.reproduction import reproduction
from stepsmith.testing.exploring.stage import Stage
from stepsmith.testing.task_names import ByTask

Plan: TypeAlias = "tuple[Mishap, ...]"
Moment: TypeAlias = "tuple[Mishap, list[Choice]]"
"""What usually happens, and what may happen instead."""
Holds: TypeAlias = "Callable[[Ending[W]], object]"
"""Raises, as an assertion does, where something does not hold."""
Always: TypeAlias = "Callable[[W], object]"
"""The same for a world at any moment."""
LOCAL: Final[Callable[[], Any]] = ClientRegistry.local


def explore(
    workflow: Workflow[..., Any],
    inputs: Inputs,
    *,
    holds: Holds[W] | None = None,
    always: Always[W] | None = None,
    world: Callable[[], W] = LOCAL,
    answers: Answers[W] | None = None,
    errors: ByTask[Sequence[str | type[Exception]]] | None = None,
    skip: Callable[[Mishap], bool] | None = None,
    depth: int = 1,
    plans: int | None = None,
    seconds: float | None = None,
) -> Exploration:
    """Play a workflow with all that can go wrong, up to `depth` mishaps at once, and see whether a property holds.

    At each moment a task may fail by each of its errors, before or after its effect, for once or for good; it may time
    out, work twice or too late; an execution may be aborted, another start or go on before it, branches may go in any
    order, and answers may come twice, too late, or not at all. `inputs` is the input of an execution, or of several on
    one world. `world` makes the world of each play anew: clients, or whatever has them as `clients`; with a method
    `snapshot`, which gives all that lies in it, plays that come to the same state are recognised. `answers` says what
    callback tasks are answered with, or is a function that says it for a world; a list is of alternatives, the usual
    first. `errors` names further ones by which tasks fail; `skip` says which mishaps are left out.

    `holds` is called with the Ending of each play, and must depend on nothing but the world and how executions ended;
    `always` is called with the world whenever something has happened.
    Gives what was covered and what was not. Raises PropertyBroken with the shortest plan where it does not hold; stops
    after `plans` plays or `seconds` of the wall, where they are given.
    """
    if depth < 0:
        raise InvalidInput(f"depth is {depth}; it is the most mishaps at once, from 0")
    if holds is None and always is None:
        raise InvalidInput("explore is given neither holds= nor always=: there is nothing to find")
    play = Play(workflow, inputs, world, answers, errors)
    begun = time.monotonic()
    search = _Search(play, holds, always, skip, plans, None if seconds is None else begun + seconds)
    try:
        search.run(depth)
    except _Broken as broken:
        search.covered.seconds = time.monotonic() - begun
        test = reproduction(
            workflow, play.inputs, broken.plan, broken.holds, broken.always, world=world, answers=answers
        )
        name = getattr(broken.holds or broken.always, "__name__", "the property")
        raise PropertyBroken(name, broken.problem, broken.plan, test, search.covered) from broken.problem
    search.covered.seconds = time.monotonic() - begun
    return search.covered


def follow(
    workflow: Workflow[..., Any],
    inputs: Inputs,
    *,
    plan: Sequence[Mishap] = (),
    always: Always[W] | None = None,
    world: Callable[[], W] = LOCAL,
    answers: Answers[W] | None = None,
) -> Ending[W]:
    """Play executions on a world with what a plan says, in its order, and give how they ended.

    Raises InvalidInput for a mishap that cannot happen there, with those that can, and for one that it never came to.
    """
    play = Play(workflow, inputs, world, answers)
    return cast("Ending[W]", play.go(plan, _to_the_end, always))


def _to_the_end(stage: Stage, world: object, situation: Situation, usual: Mishap) -> bool:
    return True


class _Broken(Exception):
    def __init__(
        self,
        plan: Plan,
        problem: Exception,
        *,
        holds: Holds[Any] | None = None,
        always: Always[Any] | None = None,
    ) -> None:
        super().__init__(plan)
        self.plan = plan
        self.problem = problem
        self.holds = holds
        self.always = always


class _Search:
    def __init__(
        self,
        play: Play[Any],
        holds: Holds[Any] | None,
        always: Always[Any] | None,
        skip: Callable[[Mishap], bool] | None,
        most: int | None,
        until: float | None,
    ) -> None:
        self.covered = Exploration()
        self._play = play
        self._holds = holds
        self._always = always
        self._skip = skip
        self._most = most
        self._until = until
        self._seen: set[bytes] = set()
        """States from which plans with one mishap more go on, as long as there may be one more."""
        self._played: set[bytes] = set()
        """States from which it is known only how things end where nothing more goes wrong."""

    def run(self, depth: int) -> None:
        """Try all plans of one length after the other."""
        plans: list[tuple[Plan, bool]] = [((), depth > 0)]
        for length in range(depth + 1):
            following: list[tuple[Plan, bool]] = []
            for place, (plan, goes_on) in enumerate(plans):
                if self._is_over():
                    self.covered.not_begun = len(plans) - place
                    return
                moments = self._try(plan, goes_on=goes_on)
                if goes_on:
                    following.extend(self._longer(plan, moments, goes_on=length + 1 < depth))
            self.covered.depth = length
            plans = following

    def _is_over(self) -> bool:
        if self._most is not None and self.covered.plans >= self._most:
            return True
        return self._until is not None and time.monotonic() >= self._until

    def _try(self, plan: Plan, *, goes_on: bool) -> list[Moment]:
        """Play a plan, look whether the property holds, and give the moments from which others go on."""
        moments: list[Moment] = []

        def watch(stage: Stage, world: object, situation: Situation, usual: Mishap) -> bool:
            key = fingerprint(stage, world)
            if key in self._seen:
                return False
            if goes_on:
                self._seen.add(key)
                self._played.discard(key)
                moments.append((usual, situation.others()))  # as long as it is the moment
            elif key in self._played:
                return False
            else:
                self._played.add(key)
            return True

        def look(world: object) -> None:
            if self._always is not None:
                try:
                    self._always(world)
                except Exception as problem:
                    raise _Broken(plan, problem, always=self._always) from problem

        self.covered.plans += 1
        ending = self._play.go(plan, watch, look)
        self.covered.states = len(self._seen) + len(self._played)
        if ending is None:
            self.covered.joined += 1
        elif self._holds is not None:
            try:
                self._holds(ending)
            except Exception as problem:
                raise _Broken(plan, problem, holds=self._holds) from problem
        return moments

    def _longer(self, plan: Plan, moments: list[Moment], *, goes_on: bool) -> Iterator[tuple[Plan, bool]]:
        """Give the plans with one mishap more, and whether others go on from them.

        All errors come alone, and beside others one of those that are treated alike.
        """
        for usual, others in moments:
            known: set[str] = set()
            for choice in others:
                mishap = Mishap(usual.at, choice.does, usual.execution, usual.time)
                is_alike = choice.alike != "" and choice.alike in known
                if self._skip is not None and self._skip(mishap):
                    self.covered.skipped += 1
                elif plan and is_alike:
                    self.covered.alike += 1
                else:
                    known.add(choice.alike)
                    yield (*plan, mishap), goes_on and not is_alike
                    self.covered.not_combined += goes_on and is_alike
