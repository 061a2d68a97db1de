"""What is kept of an execution that has succeeded when it lets go of what it ran with."""

from stepsmith.asl import parse
from stepsmith.engine import Run, Settings, compile, events
from stepsmith.engine.ports import TaskSucceeded

ONE = '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"a":1},"End":true}}}'
FAILED = '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}}'


def run_of(definition: str) -> Run:
    run = Run(compile(parse(definition)), Settings(), {}, now=1.0)
    run.advance(1.0)
    return run


def test_all_that_is_told_of_it_stays() -> None:
    run = run_of(ONE)
    before = (run.arn, run.status, run.output, run.started, run.stopped, events(run.history))

    run.let_go()

    assert (run.arn, run.status, run.output, run.started, run.stopped, events(run.history)) == before


def test_nothing_happens_to_it_any_more() -> None:
    run = run_of(ONE)
    run.let_go()

    run.apply(TaskSucceeded(id=1, output=1), 2.0)

    assert run.stop("E", None, 2.0) == []
    assert run.status == "SUCCEEDED"


def test_one_that_may_run_again_keeps_everything() -> None:
    run = run_of(FAILED)

    run.let_go()
    run.redrive(2.0)
    run.advance(2.0)

    assert (run.status, run.redrive_count) == ("FAILED", 1)
