"""What ends the records of an execution in a journal begins in the transaction in which that one's end is written."""

from contextlib import suppress
from pathlib import Path

import pytest

from stepsmith.errors import JournalError
from stepsmith.service import Journal, local, workflow_machine, workflow_machines, workflow_tasks
from stepsmith.service.durable.recorded import Origin
from stepsmith.store import Store
from tests.stepsmith.ended_workflows import HELD, TOLD, forget, hold_on
from tests.stepsmith.service.durable.engines import Answers, Clock, Crash, driven, failing, finish, started


@pytest.fixture(autouse=True)
def begun_anew() -> None:
    forget()


def answers() -> Answers:
    return Answers(dict(workflow_tasks(hold_on)), machines=workflow_machines(hold_on))  # type: ignore[arg-type]  # tasks


def statuses(path: Path) -> list[tuple[str, str, str]]:
    return [(each.machine, each.name, each.status) for each in reversed(Journal(path).summaries())]


def test_an_execution_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    started(tmp_path / "j.db", workflow_machine(hold_on), {"thing": "heavy"}, attended=False)

    finish(tmp_path / "j.db", answers())

    assert statuses(tmp_path / "j.db") == [
        ("hold_on", "one", "TIMED_OUT"),
        ("let_go_of_it", "one-ended", "SUCCEEDED"),
    ]
    assert (HELD, len(TOLD)) == ([], 1)


def test_an_execution_that_succeeds_is_followed_by_nothing(tmp_path: Path) -> None:
    started(tmp_path / "j.db", workflow_machine(hold_on), {"thing": "cup"}, attended=False)

    finish(tmp_path / "j.db", answers())

    assert statuses(tmp_path / "j.db") == [("hold_on", "one", "SUCCEEDED")]


def test_whenever_the_process_ends_the_records_are_ended_by_the_next(tmp_path: Path) -> None:
    number = 0
    while True:
        number += 1
        forget()
        path, connect = tmp_path / f"{number}.db", failing(number, "after")
        started(path, workflow_machine(hold_on), {"thing": "heavy"}, attended=False)
        store = Store(path, synchronous="NORMAL", connect=connect)
        with suppress(Crash, JournalError):
            driven(path, answers(), store=store).close()
        store.close()

        finish(path, answers())

        assert [status for _, _, status in statuses(path)] == ["TIMED_OUT", "SUCCEEDED"]
        assert HELD == []
        if connect.kind.commits < number:  # type: ignore[attr-defined]
            break
    assert number > 4


def test_one_that_is_stopped_while_nobody_drives_it_is_ended_by_whoever_goes_on(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock()
    origin = Origin(workflow="tests.stepsmith.ended_workflows:hold_on")
    started(path, workflow_machine(hold_on), {"thing": "cup"}, virtual=False, now=clock.now(), origin=origin)
    driven(path, answers(), clock=clock).close()
    assert HELD == ["cup"]
    execution = Journal(path).execution("one")

    execution.stop("Stopped", "by hand")
    before = statuses(path)
    for _ in range(2):
        driven(path, answers(), clock=clock).close()
        clock.instant += 10

    assert [status for _, _, status in before] == ["ABORTED", "RUNNING"]
    assert [status for _, _, status in statuses(path)] == ["ABORTED", "SUCCEEDED"]
    assert (HELD, [told["cause"] for told in TOLD]) == ([], ["by hand"])
    assert execution.ending is not None
    assert execution.ending.status == "SUCCEEDED"


def test_whoever_waits_for_one_that_this_process_drives_waits_for_its_ending(tmp_path: Path) -> None:
    begun = hold_on.start(thing="heavy", backend=local(journal=tmp_path / "j.db"))

    execution = begun.wait(20)

    assert (execution.status, HELD, len(TOLD)) == ("TIMED_OUT", [], 1)


def test_one_that_is_redriven_and_fails_again_is_ended_again(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    started(path, workflow_machine(hold_on), {"thing": "hot"}, attended=False)
    finish(path, answers())

    Journal(path).execution("one").redrive()
    finish(path, answers())

    assert statuses(path) == [
        ("hold_on", "one", "FAILED"),
        ("let_go_of_it", "one-ended", "SUCCEEDED"),
        ("let_go_of_it", "one-ended-1", "SUCCEEDED"),
    ]
