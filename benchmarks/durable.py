"""Durable executions beside bare SQLite and beside DBOS, in one run: `python benchmarks/durable.py [--peer PYTHON]`.

Steps are tasks that do next to nothing, one after the other, in 1 and in 16 executions at once; every step is on the
disk before the next begins. Bare SQLite is measured in two ways, both with the rows that were written, byte for byte,
by the statements that wrote them, and without an engine, a task or a hash: in the same commits, one after the other
on one thread; and with as many threads, each of which waits until its row is on the disk before it has the next one,
and one more that commits what has come up. DBOS runs the same steps as its own, on SQLite; it is looked for in the
interpreter that `--peer` names, or in this one, and left out where it is not installed. Wall time, interleaved, the
median of several rounds: disks differ from minute to minute.
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
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service import load
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.loading import load as take_up
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.durable.starting import begin
from stepsmith.store import Reader, Start, Store, Synchronous
from stepsmith.store.commits import LINK, RECORD
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


Write: TypeAlias = Callable[[list[tuple[Any, ...]]], None]
Work: TypeAlias = Callable[[list[tuple[Any, ...]], Write], None]
"""Writes rows, so many at a time as it likes."""


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


def bare(folder: Path, work: Work, synchronous: str = "FULL") -> float:
    """Give rows a second without anything but SQLite; `work` says which rows are written when."""
    reader = Reader(folder / "journal.db")
    rows = reader.query("SELECT * FROM records ORDER BY id")
    heads = reader.query("SELECT count, record, chain, status, due, stopped, seal, execution FROM heads")
    reader.close()
    path = folder / "bare.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={synchronous}")
    for table in TABLES:
        db.execute(table)
    db.executemany("INSERT INTO heads VALUES (?8, 0, ?2, 'RUNNING', 0.0, 0.0, ?3, ?7)", heads)
    seals = {head[-1]: head[-2] for head in heads}

    def write(batch: list[tuple[Any, ...]]) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.executemany(RECORD, batch)
        db.executemany(LINK, [(row[3], row[0], row[8], seals[row[2]], row[2], row[3] - 1) for row in batch])
        db.execute("COMMIT")

    begun = time.perf_counter()
    work(rows, write)
    seconds = time.perf_counter() - begun
    db.close()
    return len(rows) / seconds


def in_commits(sizes: list[int]) -> Work:
    """Write rows in commits of these sizes."""

    def work(rows: list[tuple[Any, ...]], write: Write) -> None:
        place = 0
        for size in sizes:
            write(rows[place : place + size])
            place += size

    return work


def by_waiters(rows: list[tuple[Any, ...]], write: Write) -> None:
    """Write the rows of each execution on a thread of its own that waits for each of them."""
    queue: SimpleQueue[tuple[tuple[Any, ...], threading.Semaphore] | None] = SimpleQueue()

    def wait(own: list[tuple[Any, ...]]) -> None:
        written = threading.Semaphore(0)
        for row in own:
            queue.put((row, written))
            written.acquire()
        queue.put(None)

    executions: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        executions.setdefault(row[2], []).append(row)
    for own in executions.values():
        threading.Thread(target=wait, args=(own,), daemon=True).start()
    ended = 0
    while ended < len(executions):
        found = [queue.get()]
        while not queue.empty():
            found.append(queue.get())
        batch = [each for each in found if each is not None]
        ended += len(found) - len(batch)
        if batch:
            write([row for row, _ in batch])
        for _, written in batch:
            written.release()


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
    mine, theirs, waiters, peer = [], [], [], []

    def round_(folder: Path) -> None:
        rate, commits = ours(folder, executions, steps)
        mine.append(rate)
        theirs.append(bare(folder, in_commits(commits)))
        waiters.append(bare(folder, by_waiters))
        found = peers(folder, executions, 20, python)
        if found is not None:
            peer.append(found)

    for _ in range(rounds):
        in_folder(round_)
    print(f"{executions:3} at once, full sync: {statistics.median(mine):8.0f} steps/s")
    compare("bare SQLite in the same commits", mine, theirs)
    compare("bare SQLite, a thread for each that waits", mine, waiters)
    if peer:
        compare("DBOS", mine, peer)
    else:
        print("    DBOS is not installed")


def compare(name: str, mine: list[float], others: list[float]) -> None:
    """Print how many times what is measured beside it: the median of the rounds, the least and the most."""
    ratios = [own / other for own, other in zip(mine, others, strict=True)]
    print(
        f"    {statistics.median(ratios):6.2f} times {name}, {min(ratios):.2f} to {max(ratios):.2f}"
        f" ({statistics.median(others):.0f} steps/s)"
    )


def resume(steps: int, loop: Callable[[int], dict[str, Any]], times: int = 9) -> tuple[int, float]:
    """Give the events of an execution in its midst, and the median milliseconds until it can go on."""

    def measure(folder: Path) -> tuple[int, float]:
        store = journal(folder, 1, steps, "NORMAL", loop)
        conductor = Conductor(store, Steps())
        conductor.run()
        store.close()
        found: list[float] = []
        last = 0
        for _ in range(times):
            begun = time.perf_counter()
            store = Store(folder / "journal.db")
            reader = Reader(store.path)
            live = take_up(reader, 1, Steps())
            found.append(1000 * (time.perf_counter() - begun))
            last = live.run.last
            reader.close()
            store.close()
        return last, statistics.median(found)

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
    parser.add_argument(
        "--steps", type=int, default=600, help="of each of 16 executions; one that is alone takes a third"
    )
    arguments = parser.parse_args()
    if arguments.memory is not None:
        memory(arguments.memory)
        return
    throughput(1, arguments.steps // 3, arguments.peer, arguments.rounds)
    throughput(16, arguments.steps, arguments.peer, arguments.rounds)
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
