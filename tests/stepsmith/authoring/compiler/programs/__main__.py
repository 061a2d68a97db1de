"""Compare many random programs, and compile many mutated ones: `python -m tests...compiler.programs COUNT [SEED]`."""

from __future__ import annotations

import sys

from tests.stepsmith.authoring.compiler.programs import unions
from tests.stepsmith.authoring.compiler.programs.comparing import compare
from tests.stepsmith.authoring.compiler.programs.mutations import crashes


def main() -> int:
    """Print what was found; 1 where there is a difference or a crash."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    found = compare(count, seed)
    broken = crashes(count // 2, seed)
    apart = unions.compare(count // 10, seed)
    print(*found.problems, *apart.problems, *broken, sep="\n\n")
    print(
        f"{found.accepted} programs accepted, {found.refused} refused, {len(found.problems)} differ; "
        f"{apart.accepted} over unions, {len(apart.problems)} differ; "
        f"{count // 2} mutated, {len(broken)} crash the compiler"
    )
    return 1 if found.problems or apart.problems or broken else 0


if __name__ == "__main__":
    sys.exit(main())
