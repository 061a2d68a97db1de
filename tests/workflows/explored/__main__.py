"""Explores all cases: `python -m tests.workflows.explored DEPTH SECONDS [WORKFLOW]`, seconds for each workflow."""

import sys
import time

from stepsmith.testing import PropertyBroken
from tests.workflows.explored.all import CASES


def main(depth: int, seconds: float, only: str = "") -> int:
    """Print what was covered; 1 where something does not hold."""
    broken = 0
    for workflow in dict.fromkeys(name.partition(":")[0] for name in CASES):
        cases = {name: case for name, case in CASES.items() if name.startswith(f"{workflow}:")}
        if only not in workflow:
            continue
        until = time.monotonic() + seconds
        for left, (name, case) in zip(range(len(cases), 0, -1), cases.items(), strict=True):
            share = max(0.0, until - time.monotonic()) / left
            try:
                told = str(case.explored(depth, seconds=share))
            except PropertyBroken as found:
                broken += 1
                told = str(found)
            sys.stdout.write(f"{name}\n    " + told.replace("\n", "\n    ") + "\n\n")
            sys.stdout.flush()
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:]))
