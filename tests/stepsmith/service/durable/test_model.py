"""A journal under any sequence of what can happen to it, beside a dictionary that says what must come of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.service import JournalExecution, TokenError, load
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.starting import ExecutionAlreadyExists
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Store, prune, verify
from tests.stepsmith.service.durable.engines import Answers, Clock, Crash, started, task

EXAMPLES = int(os.environ.get("STEPSMITH_MODEL_EXAMPLES", "200"))
DAY = 86_400.0

STEPS = {
    "StartAt": "One",
    "States": {
        "One": task("one", Next="Rest"),
        "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "Two"},
        "Two": task("two", End=True),
    },
}
ASKS = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "TimeoutSeconds": 7200,
            "Next": "Two",
        },
        "Two": task("two", End=True),
    },
}
FAILS = {"StartAt": "No", "States": {"No": task("no", End=True)}}
MACHINES = {
    "steps": load(STEPS, name="steps"),
    "asks": load(ASKS, name="asks"),
    "fails": load(FAILS, name="fails"),
}


class Executions(RuleBasedStateMachine):
    """Starts, drives, kills, asks and forgets executions."""

    names = Bundle("names")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="model-"))
        self.path = self.folder / "journal.db"
        Store(self.path, create=True).close()
        self.clock = Clock()
        self.expected: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, list[Json]] = {}
        self.calls: dict[str, int] = {}
        self.crashes = 0
        self.mended = False
        self.count = 0
        self.dies_in: int | None = None

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- tasks --------------------------------------------------------------------------

    def _work(self, name: str) -> Json:
        from stepsmith import idempotency_token

        token = idempotency_token()
        self.calls[token] = self.calls.get(token, 0) + 1
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                self.dies_in = None
                self.crashes += 1
                raise Crash
        return {"by": name}

    def _no(self, payload: Json) -> Json:
        if self.mended:
            return self._work("no")
        raise ValueError("no")

    @property
    def answers(self) -> Answers:
        return Answers(
            {
                "one": lambda _: self._work("one"),
                "two": lambda _: self._work("two"),
                "ask": lambda _: None,
                "no": self._no,
            }
        )

    # -- rules --------------------------------------------------------------------------

    @rule(target=names, kind=st.sampled_from(sorted(MACHINES)))
    def start(self, kind: str) -> str:
        self.count += 1
        name = f"n{self.count}"
        started(self.path, MACHINES[kind], name=name, virtual=False, now=self.clock.now(), seed=self.count)
        self.expected[name] = {"kind": kind, "pruned": False}
        return name

    @rule(name=names)
    def start_again(self, name: str) -> None:
        """The same name and input is the same execution while it runs, and taken afterwards."""
        found = self.expected[name]
        if found["pruned"]:
            return
        machine = MACHINES[found["kind"]]
        if Journal(self.path).execution(name).status == "RUNNING":
            id = started(self.path, machine, name=name, virtual=False, now=self.clock.now())
            assert id == Journal(self.path).execution(name).id
        else:
            try:
                started(self.path, machine, name=name, virtual=False, now=self.clock.now())
            except ExecutionAlreadyExists:
                return
            raise AssertionError("an ended execution was started again")

    @rule(dies_in=st.none() | st.integers(0, 3))
    def drive(self, dies_in: int | None) -> None:
        self.dies_in = dies_in
        store = Store(self.path, synchronous="NORMAL")
        conductor = Conductor(store, self.answers, clock=self.clock, is_direct=True)
        try:
            with suppress(Crash):
                conductor.turn()
        finally:
            self.dies_in = None
            conductor.close()
            store.close()

    @rule()
    def drive_by_two(self) -> None:
        """Two that drive at once share what there is, and neither does what the other has done."""
        stores = [Store(self.path, synchronous="NORMAL") for _ in range(2)]
        conductors = [Conductor(store, self.answers, clock=self.clock, is_direct=True) for store in stores]
        try:
            for conductor in (*conductors, *conductors):
                conductor.turn()
        finally:
            for conductor, store in zip(conductors, stores, strict=True):
                conductor.close()
                store.close()

    @rule(hours=st.sampled_from([-5.0, 0.3, 1.0, 3.0, 30.0]))
    def let_time_pass(self, hours: float) -> None:
        """The clock may also be set back."""
        self.clock.instant += hours * 3600

    @rule(name=names)
    def stop(self, name: str) -> None:
        found = self.expected[name]
        if not found["pruned"]:
            before = Journal(self.path).execution(name).status
            Journal(self.path).execution(name).stop("Stopped", "by the test")
            found["stopped"] = before == "RUNNING"

    @rule(name=names)
    def redrive(self, name: str) -> None:
        found = self.expected[name]
        if found["pruned"]:
            return
        execution = Journal(self.path).execution(name)
        status = execution.status
        try:
            execution.redrive()
        except InvalidInput:
            assert status in ("RUNNING", "SUCCEEDED")
            return
        assert status in ("FAILED", "TIMED_OUT", "ABORTED")
        assert Journal(self.path).execution(name).status == "RUNNING"

    @rule(name=names, twice=st.booleans())
    def answer(self, name: str, twice: bool) -> None:
        found = self.expected[name]
        if found["pruned"]:
            return
        execution = Journal(self.path).execution(name)
        for waiting in execution.waiting:
            is_first = found.get("answered") != waiting.token
            assert self._is_taken(execution, waiting.token) == is_first
            found["answered"] = waiting.token
            assert not (twice and self._is_taken(execution, waiting.token))

    @staticmethod
    def _is_taken(execution: JournalExecution[Json], token: str) -> bool:
        try:
            execution.send_task_success(token, {"answered": True})
        except TokenError as error:
            if error.code != "TaskTimedOut":
                raise
            return False
        return True

    @rule()
    def mend(self) -> None:
        self.mended = True

    @rule()
    def forget_the_old(self) -> None:
        store = Store(self.path, synchronous="NORMAL")
        ended = {
            each.name
            for each in Journal(self.path).summaries()
            if each.status != "RUNNING" and each.stopped < self.clock.now() - DAY
        }
        assert prune(store, self.clock.now() - DAY) == len(ended)
        store.close()
        for name in ended:
            self.expected[name]["pruned"] = True
            self.seen.pop(name, None)

    # -- what must always be so ---------------------------------------------------------

    @invariant()
    def nothing_is_lost_and_nothing_is_rewritten(self) -> None:
        if not hasattr(self, "path"):
            return
        there = {each.name for each in Journal(self.path).summaries()}
        assert there == {name for name, found in self.expected.items() if not found["pruned"]}
        for name in there:
            events = list(Journal(self.path).execution(name).history)
            before = self.seen.get(name, [])
            assert events[: len(before)] == before
            assert [each["id"] for each in events] == list(range(1, len(events) + 1))
            assert all(int(each["previousEventId"]) < int(each["id"]) for each in events)  # type: ignore[arg-type]
            times = [each["timestamp"] for each in events]
            assert times == sorted(times)  # type: ignore[type-var]
            self.seen[name] = events  # type: ignore[assignment]

    @invariant()
    def a_task_runs_again_only_after_a_crash(self) -> None:
        if hasattr(self, "path"):
            assert max(self.calls.values(), default=1) - 1 <= self.crashes

    @invariant()
    def all_is_as_it_was_written(self) -> None:
        if hasattr(self, "path"):
            assert list(verify(self.path)) == []


TestExecutions = Executions.TestCase
TestExecutions.settings = settings(max_examples=EXAMPLES, stateful_step_count=12, deadline=None)
