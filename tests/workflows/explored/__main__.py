"""Explores all cases: `python -m tests.workflows.explored DEPTH SECONDS [WORKFLOW]`, seconds for each workflow.

The cases of a workflow are tried side by side, one on each processor; a case that ends early leaves its time to those
that have not begun.
"""

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.sharedctypes import Synchronized

from stepsmith.testing import Exploration, PropertyBroken
from tests.workflows.explored.all import CASES

LANES = os.cpu_count() or 1
_waiting: "list[Synchronized[int]]" = []
"""How many cases have not begun, shared by the processes."""


def _begin(waiting: "Synchronized[int]") -> None:
    """Get a process ready: what is loaded stays, and plays leave little behind, so garbage is looked for rarely."""
    _waiting.append(waiting)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def explored(name: str, depth: int, until: float) -> Exploration | str:
    """Explore one case with its share of what is left of the time; gives what was covered or what was found."""
    waiting = _waiting[0]
    with waiting.get_lock():
        share = max(0.0, until - time.time()) * min(1.0, LANES / waiting.value)
        waiting.value -= 1
    try:
        return CASES[name].explored(depth, seconds=share)
    except PropertyBroken as found:
        return str(found)


def main(depth: int, seconds: float, only: str = "") -> int:
    """Print what was covered, and which cases were not finished; 1 where something does not hold."""
    broken: list[str] = []
    for workflow in dict.fromkeys(name.partition(":")[0] for name in CASES if only in name.partition(":")[0]):
        names = [name for name in CASES if name.startswith(f"{workflow}:")]
        waiting = multiprocessing.Value("i", len(names))
        begun = time.time()
        with ProcessPoolExecutor(LANES, initializer=_begin, initargs=(waiting,)) as lanes:
            tried = [lanes.submit(explored, name, depth, begun + seconds) for name in names]
            found = {name: case.result() for name, case in zip(names, tried, strict=True)}
        for name, told in found.items():
            sys.stdout.write(f"{name}\n    " + str(told).replace("\n", "\n    ") + "\n\n")
        broken += [name for name, told in found.items() if isinstance(told, str)]
        sys.stdout.write(f"{workflow}: {time.time() - begun:.0f} s, {summary(found, depth)}\n\n")
        sys.stdout.flush()
    sys.stdout.write("".join(f"does not hold: {name}\n" for name in broken))
    return int(bool(broken))


def summary(found: Mapping[str, Exploration | str], depth: int) -> str:
    """Say how many cases were tried to a depth, and how far the others came."""
    begun = [name for name, told in found.items() if isinstance(told, Exploration) and told.not_begun]
    broken = sum(isinstance(told, str) for told in found.values())
    said = f"{len(found) - len(begun) - broken} of {len(found)} cases tried with up to {depth} mishaps"
    if begun:
        said += f"; not finished: {', '.join(name.partition(': ')[2] for name in begun)}"
    return said


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:]))
