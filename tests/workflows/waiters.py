"""Executions of the vending pass that wait for the back end: what each of them holds. VP-04.

`python -m tests.workflows.waiters 10000` lets as many wait, and prints it.
"""

import gc
import sys
import threading
import tracemalloc
from dataclasses import dataclass
from typing import Any

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask, TaskSucceeded
from stepsmith.service.machines.workflow_runs import workflow_machine
from tasks.vending_pass.models import Swipe
from tasks.vending_pass.tables import create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB
from workflows.vending_pass import vending_pass


@dataclass(frozen=True)
class Waiters:
    """What executions in their Wait state hold."""

    waiting: int
    threads: int
    """How many threads there are more than before."""
    bytes_each: int


def measure(count: int) -> Waiters:
    """Run the real workflow up to its Wait state, `count` times, each for a participant of its own."""
    dynamodb: Any = MemoryDynamoDB()
    create_tables(dynamodb)
    machine = workflow_machine(vending_pass)
    settings = machine.settings("us-east-1", 0, "123456789012")
    _up_to_the_wait(machine.program, settings, dynamodb, -1)
    dynamodb.tables["vending-pass"].clear()
    threads = threading.active_count()
    gc.collect()
    tracemalloc.start()
    runs = [_up_to_the_wait(machine.program, settings, dynamodb, number) for number in range(count)]
    dynamodb.tables["vending-pass"].clear()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    waiting = sum(run.next_timer == 90.0 and run.status == "RUNNING" for run in runs)
    return Waiters(waiting, threading.active_count() - threads, held // count)


def _up_to_the_wait(program: Any, settings: Any, dynamodb: Any, number: int) -> Run:
    swipe = Swipe(swipe_id=f"s{number}", participant=f"p{number}", machine="m1", product="cola")
    run = Run(program, settings, vending_pass.input_of(swipe, f"e{number}"), now=0.0, name=f"e{number}")
    commands = run.advance(0.0)
    while starts := [each for each in commands if isinstance(each, StartTask)]:
        for start in starts:
            payload: Any = start.payload
            task = vending_pass.tasks[payload["FunctionName"].strip("${}")]
            output = {
                "ExecutedVersion": "$LATEST",
                "Payload": task.handle(payload["Payload"], dynamodb=dynamodb),
                "StatusCode": 200,
            }
            run.apply(TaskSucceeded(id=start.id, output=output), 0.0)
        commands = run.advance(0.0)
    return run


def main() -> None:
    """Let as many wait as the command line says."""
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(
        f"{found.waiting} executions of vending_pass wait with {found.threads} threads and {found.bytes_each} bytes each"
    )


if __name__ == "__main__":
    main()
