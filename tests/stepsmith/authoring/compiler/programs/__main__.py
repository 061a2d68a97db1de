"""Compare many random programs, and compile many mutated ones: `python -m tests...compiler.programs COUNT [SEED]`.

Each part runs in a process of its own, so that none grows with what others have left, and says what it has measured.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.stepsmith.authoring.compiler.programs.parts import Kind, Measured, measured, parts


def main() -> int:
    """Print what was found; 1 where there is a difference or a crash."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    totals: dict[Kind, Measured] = {}
    for part in parts(count, seed):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            found = process.submit(measured, part).result()
        totals.setdefault(part.kind, Measured()).add(found)
        total = totals[part.kind]
        print(*found.problems, sep="\n\n", end="\n\n" if found.problems else "")
        print(
            f"{total.programs:,} {part.kind}: {len(total.problems)} wrong; this part from seed {part.seed}: "
            f"{found.seconds:.0f} s, {found.megabytes} MB",
            file=sys.stderr,
            flush=True,
        )
    for kind, total in totals.items():
        print(
            f"{total.programs:,} {kind} programs, {total.refused:,} more refused, {len(total.problems)} wrong; "
            f"{total.seconds:.0f} s of CPU, at most {total.megabytes} MB"
        )
    return 1 if any(total.problems for total in totals.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
