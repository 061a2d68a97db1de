"""Executions of the vending pass that wait for the back end: what each of them holds. VP-04.

`python -m tests.workflows.waiters 10000` lets as many wait, in a process and in a journal, and prints it.
"""

import gc
import json
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask, TaskSucceeded
from stepsmith.integrations import ClientRegistry
from stepsmith.service import workflow_machine, workflow_machines
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.durable.starting import begin
from stepsmith.store import Reader, Store
from tasks.vending_pass.models import Swipe
from tasks.vending_pass.tables import PASS, create_tables
from tests.stepsmith.service.durable.engines import Answers, Clock
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB
from workflows.vending_pass import vending_pass


@dataclass(frozen=True)
class Waiters:
    """What executions in their Wait state hold."""

    waiting: int
    threads: int
    """How many threads there are more than before."""
    bytes_each: int


def in_process(count: int) -> Waiters:
    """Run the workflow up to its Wait state, `count` times, each for a participant of its own."""
    dynamodb = _dynamodb()
    machine = workflow_machine(vending_pass)
    settings = machine.settings("us-east-1", 0, "123456789012")

    def wait() -> Callable[[], int]:
        runs = [_waiting(machine.program, settings, dynamodb, number) for number in range(count)]
        dynamodb.tables[PASS].clear()
        return lambda: sum(run.status == "RUNNING" and run.next_timer == 90.0 for run in runs)

    return _measured(count, wait)


def in_a_journal(count: int, path: Path) -> Waiters:
    """Start as many in a journal, in real time, and let one conductor take them to their Wait state."""
    clock, dynamodb = Clock(), _dynamodb()
    store, reader = Store(path, create=True, synchronous="NORMAL"), Reader(path)
    for number in range(count):
        start = start_of(
            workflow_machine(vending_pass).definition.to_json(),
            json.dumps(_input(number)),
            machine="vending_pass",
            name=f"e{number}",
            started=clock.now(),
            virtual=False,
            origin=Origin(),
        )
        begin(store, reader, start)
    answers = Answers(
        dict(vending_pass.tasks),
        machines=workflow_machines(vending_pass),
        clients=ClientRegistry.local({"dynamodb": dynamodb}),
    )
    conductor = Conductor(store, answers, clock=clock, is_direct=True)

    def are_waiting() -> int:
        return sum(each.due == clock.now() + 90 for each in reader.executions(status="RUNNING"))

    def wait() -> Callable[[], int]:
        while are_waiting() < count:
            conductor.turn()
        dynamodb.tables[PASS].clear()
        return are_waiting

    try:
        return _measured(count, wait)
    finally:
        conductor.close()
        reader.close()
        store.close()


def _measured(count: int, wait: Callable[[], Callable[[], int]]) -> Waiters:
    before = set(threading.enumerate())
    gc.collect()
    tracemalloc.start()
    waiting = wait()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Waiters(waiting(), len(set(threading.enumerate()) - before), held // count)


def _dynamodb() -> Any:
    dynamodb: Any = MemoryDynamoDB()
    create_tables(dynamodb)
    return dynamodb


def _input(number: int) -> dict[str, Any]:
    swipe = Swipe(swipe_id=f"s{number}", participant=f"p{number}", machine="m1", product="cola")
    return vending_pass.input_of(swipe, f"e{number}")


def _waiting(program: Any, settings: Any, dynamodb: Any, number: int) -> Run:
    run = Run(program, settings, _input(number), now=0.0, name=f"e{number}")
    commands = run.advance(0.0)
    while starts := [each for each in commands if isinstance(each, StartTask)]:
        for start in starts:
            payload: Any = start.payload
            task = vending_pass.tasks[payload["FunctionName"].strip("${}")]
            answer = task.handle(payload["Payload"], dynamodb=dynamodb)
            output: Any = {"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200}
            run.apply(TaskSucceeded(id=start.id, output=output), 0.0)
        commands = run.advance(0.0)
    return run


def main() -> None:
    """Let as many wait as the command line says."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        for place, found in (
            ("in a process", in_process(count)),
            ("in a journal", in_a_journal(count, Path(folder) / "journal.db")),
        ):
            print(
                f"{found.waiting} executions of vending_pass wait {place} "
                f"with {found.threads} more threads and {found.bytes_each} bytes each"
            )


if __name__ == "__main__":
    main()
