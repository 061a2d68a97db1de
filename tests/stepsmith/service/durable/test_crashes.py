"""Whatever commit fails, and however the process ends: what follows is what would have been without it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from stepsmith.errors import JournalError
from stepsmith.expressions.types import Json
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Store, verify
from tests.stepsmith.service.durable.engines import Crash, driven, failing, finish, shown, started
from tests.stepsmith.service.durable.workloads import WORKLOADS, Effects, answers

pytestmark = pytest.mark.slow


def records(events: list[dict[str, Json]]) -> Counter[str]:
    """Return what happened, without the ids and the order of what happened side by side."""
    return Counter(f"{each['type']} {_name(each)}" for each in events)


def _name(event: dict[str, Json]) -> str:
    details = [value for key, value in event.items() if key.endswith("EventDetails")]
    return str(details[0].get("name", "")) if details and isinstance(details[0], dict) else ""


def undisturbed(path: Path, name: str) -> tuple[str, Json, Counter[str], Counter[str]]:
    effects, workload = Effects(), WORKLOADS[name]
    started(path, workload.machine, dict(workload.input))
    finish(path, answers(effects))
    status, output, events = shown(path)
    return status, output, records(events), Counter(effects.calls)


@pytest.mark.parametrize("how", ["before", "after", "disk I/O error", "database or disk is full"])
@pytest.mark.parametrize("name", WORKLOADS)
def test_every_commit_may_fail_once(tmp_path: Path, name: str, how: str) -> None:
    status, output, happened, calls = undisturbed(tmp_path / "calm.db", name)
    workload, number = WORKLOADS[name], 0
    while True:
        number += 1
        path, effects = tmp_path / f"{number}.db", Effects()
        started(path, workload.machine, dict(workload.input))
        connect = failing(number, how)
        store = Store(path, synchronous="NORMAL", connect=connect)

        with suppress(Crash, JournalError):
            driven(path, answers(effects), store=store).close()
        store.close()
        before = shown(path)[2]
        finish(path, answers(effects))

        after = shown(path)
        assert (after[0], after[1], records(after[2])) == (status, output, happened)
        assert after[2][: len(before)] == before
        repeated = Counter(effects.calls) - calls
        assert sum(repeated.values()) <= (2 if name in ("fan", "each", "spread") else 1)
        assert not calls - Counter(effects.calls)
        assert list(verify(path)) == []
        if connect.kind.commits < number:  # type: ignore[attr-defined]
            break
    assert number > 3


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_task_that_takes_the_process_with_it_runs_again_and_nothing_else_does(
    tmp_path: Path, name: str
) -> None:
    status, output, happened, calls = undisturbed(tmp_path / "calm.db", name)
    workload = WORKLOADS[name]
    for number in range(1, sum(calls.values()) + 1):
        path, effects = tmp_path / f"{number}.db", Dying(dies_in=number)
        started(path, workload.machine, dict(workload.input))

        with suppress(Crash):
            driven(path, answers(effects)).close()
        finish(path, answers(effects))

        after = shown(path)
        assert (after[0], after[1], records(after[2])) == (status, output, happened)
        assert sum((Counter(effects.calls) - calls).values()) <= (
            2 if name in ("fan", "each", "spread") else 1
        )


class Dying(Effects):
    """Tasks of which one ends the process, after its effect."""

    def __init__(self, dies_in: int) -> None:
        super().__init__()
        self._dies_in = dies_in

    def step(self, payload: Json) -> Json:
        return self._die(super().step(payload))

    def flaky(self, payload: Json) -> Json:
        try:
            found = super().flaky(payload)
        finally:
            self._die(None)
        return found

    def bad(self, payload: Json) -> Json:
        try:
            return super().bad(payload)
        finally:
            self._die(None)

    def _die(self, found: Json) -> Json:
        if len(self.calls) == self._dies_in:
            raise Crash
        return found


def test_the_history_after_a_crash_is_a_prefix_of_the_last_one(tmp_path: Path) -> None:
    path, effects = tmp_path / "journal.db", Dying(dies_in=3)
    started(path, WORKLOADS["loop"].machine, {"n": 1})
    with suppress(Crash):
        driven(path, answers(effects)).close()
    before = list(Journal(path).execution("one").history)

    finish(path, answers(effects))

    after = list(Journal(path).execution("one").history)
    assert 0 < len(before) < len(after)
    assert after[: len(before)] == before
