"""Durable executions beside bare SQLite and beside DBOS, in one run: `python benchmarks/durable.py [--peer PYTHON]`.

Steps are tasks that do next to nothing, one after the other, in 1 and in 16 executions at once; every step is on the
disk before the next begins. Bare SQLite writes the same rows in the same commits, without an engine, a task or a hash.
DBOS runs the same steps as its own, on SQLite; it is looked for in the interpreter that `--peer` names, or in this one,
and left out where it is not installed. Wall time, interleaved, the median of several rounds: disks differ from minute
to minute.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service import load
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.loading import load as take_up
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.durable.starting import begin
from stepsmith.store import Reader, Start, Store, Synchronous
from stepsmith.store.commits import HEAD, RECORD
from stepsmith.store.schema import TABLES

PEER = """
import sys, time, json
from concurrent.futures import ThreadPoolExecutor
from dbos import DBOS
folder, executions, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
url = f"sqlite:///{folder}/dbos.db"
DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})

@DBOS.step()
def step(i):
    return {"i": i + 1}

@DBOS.workflow()
def loop(steps):
    i = 0
    for _ in range(steps):
        i = step(i)["i"]
    return i

DBOS.launch()
loop(2)
begun = time.perf_counter()
with ThreadPoolExecutor(executions) as pool:
    assert list(pool.map(loop, [steps] * executions)) == [steps] * executions
print(json.dumps(executions * steps / (time.perf_counter() - begun)))
DBOS.destroy()
"""


def machine(steps: int) -> dict[str, Any]:
    """Return a loop of tasks."""
    function = "arn:aws:lambda:us-east-1:123456789012:function:step"
    more = [{"Variable": "$.i", "NumericLessThan": steps, "Next": "Step"}]
    return {
        "StartAt": "Step",
        "States": {
            "Step": {"Type": "Task", "Resource": function, "Next": "More"},
            "More": {"Type": "Choice", "Choices": more, "Default": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }


def queries(steps: int) -> dict[str, Any]:
    """Return the same loop in JSONata."""
    states = machine(steps)["States"]
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Step",
        "States": {
            "Step": {
                **states["Step"],
                "Arguments": "{% $states.input %}",
                "Output": "{% $states.result %}",
            },
            "More": {
                **states["More"],
                "Choices": [{"Condition": f"{{% $states.input.i < {steps} %}}", "Next": "Step"}],
            },
            "Done": states["Done"],
        },
    }


class Steps:
    """Answers the tasks."""

    def __init__(self) -> None:
        self._dispatcher = Dispatcher(ClientRegistry.local(), {"step": lambda event: {"i": event["i"] + 1}})

    def means(self, id: int, start: Start) -> Means:
        return Means(dispatcher=self._dispatcher.for_run())


def journal(
    folder: Path,
    executions: int,
    steps: int,
    synchronous: Synchronous = "FULL",
    loop: Callable[[int], dict[str, Any]] = machine,
) -> Store:
    """Return a journal with executions that have not begun."""
    store = Store(folder / "journal.db", create=True, synchronous=synchronous)
    reader, definition = Reader(store.path), load(loop(steps)).definition.to_json()
    for number in range(executions):
        start = start_of(
            definition,
            '{"i":0}',
            machine="loop",
            name=f"n{number}",
            started=time.time(),
            virtual=False,
            origin=Origin(),
        )
        begin(store, reader, start)
    reader.close()
    return store


def ours(
    folder: Path, executions: int, steps: int, synchronous: Synchronous = "FULL"
) -> tuple[float, list[int]]:
    """Give steps a second, and how many rows each commit had."""
    store, commits = journal(folder, executions, steps, synchronous), []
    commit = store.commit

    def counting(units: Any) -> None:
        commits.append(len(units))
        commit(units)

    store.commit = counting  # type: ignore[method-assign]
    conductor = Conductor(store, Steps())
    begun = time.perf_counter()
    conductor.run()
    seconds = time.perf_counter() - begun
    assert conductor.is_done
    store.close()
    return executions * steps / seconds, commits


def bare(folder: Path, commits: list[int], synchronous: str = "FULL") -> float:
    """Give rows a second of the same commits without anything but SQLite."""
    reader = Reader(folder / "journal.db")
    rows = reader.query("SELECT * FROM records ORDER BY id")
    heads = reader.query("SELECT count, record, chain, status, due, stopped, seal, execution FROM heads")
    reader.close()
    path = folder / "bare.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={synchronous}")
    for table in TABLES:
        db.execute(table)
    db.executemany("INSERT INTO heads VALUES (?8, 0, ?2, ?3, ?4, ?5, ?6, ?7)", heads)
    of, counts = {head[-1]: head for head in heads}, {head[-1]: 0 for head in heads}
    place, begun = 0, time.perf_counter()
    for size in commits:
        batch = rows[place : place + size]
        place += size
        db.execute("BEGIN IMMEDIATE")
        db.executemany(RECORD, batch)
        updates = []
        for row in batch:
            execution = row[2]
            counts[execution] += 1
            updates.append(
                (counts[execution], *of[execution][1:3], "RUNNING", *of[execution][4:], counts[execution] - 1)
            )
        db.executemany(HEAD, updates)
        db.execute("COMMIT")
    seconds = time.perf_counter() - begun
    db.close()
    return place / seconds


def peers(folder: Path, executions: int, steps: int, python: str) -> float | None:
    """Give steps a second of DBOS; None where it is not installed."""
    script = folder / "peer.py"
    script.write_text(PEER)
    arguments = [python, str(script), str(folder), str(executions), str(steps)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return None if done.returncode else float(done.stdout.strip().splitlines()[-1])


def in_folder(work: Callable[[Path], Any]) -> Any:
    """Do something in a folder that is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="durable-", dir="."))
    try:
        return work(folder)
    finally:
        shutil.rmtree(folder)


def throughput(executions: int, steps: int, python: str, rounds: int) -> None:
    """Print steps a second, and the ratios to bare SQLite and to DBOS: the median, the least and the most."""
    mine, theirs, peer = [], [], []

    def round_(folder: Path) -> None:
        rate, commits = ours(folder, executions, steps)
        mine.append(rate)
        theirs.append(bare(folder, commits))
        found = peers(folder, executions, 20, python)
        if found is not None:
            peer.append(found)

    for _ in range(rounds):
        in_folder(round_)
    shares = [own / other for own, other in zip(mine, theirs, strict=True)]
    line = f"{executions:3} at once, full sync: {statistics.median(mine):8.0f} steps/s"
    line += f", {statistics.median(shares):4.0%} of bare SQLite ({min(shares):.0%} to {max(shares):.0%},"
    line += f" {statistics.median(theirs):.0f} steps/s)"
    if peer:
        ratios = [own / other for own, other in zip(mine, peer, strict=True)]
        line += f", {statistics.median(ratios):5.1f} times DBOS ({min(ratios):.0f} to {max(ratios):.0f},"
        line += f" {statistics.median(peer):.0f} steps/s)"
    print(line if peer else f"{line}; DBOS is not installed")


def resume(steps: int, loop: Callable[[int], dict[str, Any]], times: int = 9) -> tuple[int, float]:
    """Give the events of an execution in its midst, and the median milliseconds until it can go on."""

    def measure(folder: Path) -> tuple[int, float]:
        store = journal(folder, 1, steps, "NORMAL", loop)
        conductor = Conductor(store, Steps())
        conductor.run()
        store.close()
        found: list[float] = []
        for _ in range(times):
            begun = time.perf_counter()
            store = Store(folder / "journal.db")
            reader = Reader(store.path)
            live = take_up(reader, 1, Steps())
            found.append(1000 * (time.perf_counter() - begun))
            reader.close()
            store.close()
        return live.run.last, statistics.median(found)

    return in_folder(measure)


def memory(steps: int) -> None:
    """Print the peak memory of this process after an execution of so many steps."""

    def measure(folder: Path) -> None:
        store = journal(folder, 1, steps, "NORMAL")
        Conductor(store, Steps()).run()

    in_folder(measure)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak(steps: int) -> int:
    """Give the peak memory in kilobytes of a process that drives an execution of so many steps."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory", str(steps)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=sys.executable, help="an interpreter that has DBOS")
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each is measured, one after the other"
    )
    arguments = parser.parse_args()
    if arguments.memory is not None:
        memory(arguments.memory)
        return
    throughput(1, 200, arguments.peer, arguments.rounds)
    throughput(16, 600, arguments.peer, arguments.rounds)
    normal = max(in_folder(lambda folder: ours(folder, 16, 400, "NORMAL"))[0] for _ in range(3))
    print(f" 16 at once, normal sync: {normal:6.0f} steps/s")
    for steps in (2857, 10):
        for language, loop in (("JSONPath", machine), ("JSONata", queries)):
            events, milliseconds = resume(steps, loop)
            print(f"resume of {events:6} events, {language}: {milliseconds:5.1f} ms at the median")
    short, long = peak(200), peak(3400)
    print(f"peak memory: {short / 1024:.1f} MB after 1,400 events, {long / 1024:.1f} MB after 23,800")
    print(json.dumps({"python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version}))


if __name__ == "__main__":
    main()
