"""The engine and the public door to it beside moto and plain Python, in one run: `python benchmarks/engine.py`.

Loops and Maps run as Express executions, since a Standard one rightly ends at 25,000 events; the quotas on payloads are
on and the whole history is kept. Times are CPU time, the smallest of several runs; every output is checked. W6 and W7
are whole runs: a wait of 90 virtual seconds, and fresh processes that run one Pass. Tasks of a workflow's own `.run()`
stand beside plain Python. The last line streams items through a distributed Map.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import stepsmith
from benchmarks import typed_tasks as typed
from benchmarks.bench_module import SETTINGS, drive
from benchmarks.workloads import ALL, Workload
from stepsmith.asl import parse
from stepsmith.engine import Run, compile
from stepsmith.engine.ports import ItemsRead, MoreItems, ReadItems, ResultsWritten, WriteResults

GOALS = {"W1": 500_000, "W2": 500_000, "W3": 200_000, "W4": 600_000, "W5": 150_000, "W8": 100_000}
"""Units a second that the engine is meant to reach on a quiet machine."""
TRIVIAL = """
from stepsmith.asl import parse
from stepsmith.engine import Run, Settings, compile
machine = parse({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"ok": True}, "End": True}}})
run = Run(compile(machine), Settings(), {}, now=0.0)
run.advance(0.0)
assert run.output == {"ok": True}
"""
TRIVIAL_RUN = """
import stepsmith
machine = stepsmith.load({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"ok": True}, "End": True}}})
assert machine.run({}).output == {"ok": True}
"""


def best(work: Callable[[], Any], repeat: int) -> float:
    """Give the least CPU seconds of several runs."""
    seconds: list[float] = []
    for _ in range(repeat):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return min(seconds)


def ours(workload: Workload) -> tuple[float, float]:
    """Time the engine alone, and `stepsmith.load(...).run(...)`, in turns so that both have the same machine."""
    program = compile(parse(workload.definition), type=workload.type)  # type: ignore[arg-type]
    machine = stepsmith.load(workload.definition, type=workload.type)  # type: ignore[arg-type]
    outputs: list[Any] = []

    def engine() -> None:
        outputs.clear()
        for number, each in enumerate(workload.inputs):
            run = Run(program, SETTINGS, each, now=0.0, name=f"run-{number}")
            drive(run, workload.tasks)
            outputs.append(run.output)

    def door() -> None:
        outputs.clear()
        for each in workload.inputs:
            outputs.append(machine.run(each, tasks=workload.tasks).output)

    seconds = [float("inf")] * 2
    for _ in range(20):
        for place, work in enumerate((engine, door)):
            seconds[place] = min(seconds[place], best(work, 1))
            assert outputs == workload.expected, workload.name
    return seconds[0] / workload.units, seconds[1] / workload.units


def typed_tasks(items: int = 1000) -> tuple[float, float]:
    """Time a task of pydantic models in a workflow's own run, and in plain Python."""
    numbers = list(range(items))
    assert typed.bump_all.run(numbers=numbers).result() == typed.plain(numbers)
    ours = best(lambda: typed.bump_all.run(numbers=numbers), 20)
    return ours / items, best(lambda: typed.plain(numbers), 20) / items


def motos(workload: Workload) -> float | None:
    """Time moto through boto3, in process; None where it, or its extra for state machines, is not installed."""
    try:
        import antlr4  # noqa: F401 - what moto needs for its state machines
        import boto3
        from moto import mock_aws
    except ImportError:
        return None
    logging.disable(logging.CRITICAL)
    os.environ.update(
        AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1"
    )
    role = "arn:aws:iam::123456789012:role/bench"
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        client = boto3.client("stepfunctions")
        definition = json.dumps(workload.definition)
        machine = client.create_state_machine(name="bench", definition=definition, roleArn=role)[
            "stateMachineArn"
        ]
        begun = time.process_time()
        for number, (each, expected) in enumerate(zip(workload.inputs, workload.expected, strict=True)):
            arn = client.start_execution(stateMachineArn=machine, name=f"e{number}", input=json.dumps(each))[
                "executionArn"
            ]
            while (answer := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
                time.sleep(0.005)
            assert json.loads(answer["output"]) == expected, workload.name
        return (time.process_time() - begun) / workload.units


def wait_of_ninety_seconds() -> float:
    """Time W6: a Wait in virtual time."""
    states = {"W": {"Type": "Wait", "Seconds": 90, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    program = compile(parse({"StartAt": "W", "States": states}))

    def work() -> None:
        run = Run(program, SETTINGS, {"a": 1}, now=0.0)
        drive(run, {})
        assert run.now == 90.0

    return best(work, 50)


def fresh_processes() -> tuple[float, float, float]:
    """Time W7: processes that run one Pass by the engine and through the door, and a bare interpreter."""

    def seconds(code: str) -> float:
        times: list[float] = []
        for _ in range(5):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - begun)
        return min(times)

    return seconds(TRIVIAL), seconds(TRIVIAL_RUN), seconds("pass")


def distributed(items: int) -> tuple[float, float]:
    """Stream items through a distributed Map; gives items a second and the peak of memory in MiB."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}}
    place = {"Bucket": "b", "Key": "k"}
    state = {
        "Type": "Map",
        "ItemReader": {**reader, "Parameters": place},
        "ItemProcessor": processor,
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "b", "Prefix": "p"},
        },
        "End": True,
    }
    run = Run(compile(parse({"StartAt": "M", "States": {"M": state}})), SETTINGS, {}, now=0.0)
    begun, given, written = time.process_time(), 0, 0
    commands = run.advance(0.0)
    while run.status == "RUNNING":
        for command in commands:
            match command:
                case ReadItems() | MoreItems():
                    page = range(given, min(given + command.limit, items))
                    given += len(page)
                    answer = ItemsRead(
                        id=command.id, items=tuple({"id": each} for each in page), last=given == items
                    )
                    run.apply(answer, 0.0)
                case WriteResults():
                    written += len(command.records)
                    run.apply(ResultsWritten(id=command.id, details={} if command.last else None), 0.0)
                case _:
                    pass
        commands = run.advance(0.0)
    assert (run.status, written) == ("SUCCEEDED", items)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return items / (time.process_time() - begun), peak


def main(arguments: list[str]) -> None:
    """Print the table; `--items N` sets the size of the distributed Map, `--no-moto` leaves moto out."""
    items = int(arguments[arguments.index("--items") + 1]) if "--items" in arguments else 50_000
    rate, peak = distributed(items)  # first, so that its peak is its own
    print(
        f"{'':4} {'workload':42} {'us a unit':>10} {'units/s':>12} {'goal':>9} {'door/s':>12} {'of it':>6}"
        f" {'x plain':>8} {'moto / ours':>12}"
    )
    for build, size, moto_size in ALL:
        workload = build(size)
        (each, door), plain = ours(workload), best(workload.plain, 5) / workload.units
        moto = motos(build(moto_size)) if workload.moto and "--no-moto" not in arguments else None
        goal = f"{GOALS[workload.name]:,}" if workload.name in GOALS else ""
        what = f"{workload.what} ({workload.unit})"
        print(
            f"{workload.name:4} {what:42} {each * 1e6:10.2f} {1 / each:12,.0f} {goal:>9} {1 / door:12,.0f}"
            f" {each / door:6.0%} {each / plain:8.1f} {f'{moto / each:,.0f}' if moto else '':>12}"
        )
    print(f"W6   a Wait of 90 seconds takes {wait_of_ninety_seconds() * 1e6:.0f} us")
    whole, run, bare = fresh_processes()
    print(
        f"W7   a fresh process that runs one Pass takes {whole * 1e3:.0f} ms, through the door {run * 1e3:.0f},"
        f" {run / bare:.1f} times bare Python"
    )
    each, plain = typed_tasks()
    print(
        f"     a workflow's own run calls {1 / each:,.0f} tasks of pydantic models a second,"
        f" {each / plain:.1f} times plain Python"
    )
    print(f"     a distributed Map of {items:,} items passes {rate:,.0f} items/s; peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
