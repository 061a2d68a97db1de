"""Explores all cases: `python -m tests.workflows.explored DEPTH SECONDS [WORKFLOW]`, seconds for each workflow.

The cases of a workflow are tried side by side, one on each processor; a case that ends early leaves its time to those
that have not begun.
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.sharedctypes import Synchronized

from stepsmith.testing import PropertyBroken
from tests.workflows.explored.all import CASES

LANES = os.cpu_count() or 1
_waiting: "list[Synchronized[int]]" = []
"""How many cases have not begun, shared by the processes."""


def explored(name: str, depth: int, until: float) -> tuple[str, bool]:
    """Explore one case with its share of what is left of the time; gives what was covered or found, and if it holds."""
    waiting = _waiting[0]
    with waiting.get_lock():
        share = max(0.0, until - time.time()) * min(1.0, LANES / waiting.value)
        waiting.value -= 1
    try:
        return str(CASES[name].explored(depth, seconds=share)), True
    except PropertyBroken as found:
        return str(found), False


def main(depth: int, seconds: float, only: str = "") -> int:
    """Print what was covered; 1 where something does not hold."""
    broken = False
    for workflow in dict.fromkeys(name.partition(":")[0] for name in CASES if only in name.partition(":")[0]):
        names = [name for name in CASES if name.startswith(f"{workflow}:")]
        waiting = multiprocessing.Value("i", len(names))
        begun = time.time()
        with ProcessPoolExecutor(LANES, initializer=_waiting.append, initargs=(waiting,)) as lanes:
            tried = [lanes.submit(explored, name, depth, begun + seconds) for name in names]
            for name, case in zip(names, tried, strict=True):
                told, holds = case.result()
                broken = broken or not holds
                sys.stdout.write(f"{name}\n    " + told.replace("\n", "\n    ") + "\n\n")
                sys.stdout.flush()
        sys.stdout.write(f"{workflow}: {time.time() - begun:.0f} s\n\n")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:]))
