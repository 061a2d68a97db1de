"""Compare many random expressions in every evaluator: `python -m tests.stepsmith.expressions.differential COUNT`.

The reference implementation is asked too where node finds the package `jsonata` (NODE_PATH says where it lies).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stepsmith.expressions.differential.cases import (
    FAILED,
    Case,
    by_jsonata,
    by_python,
    by_tree,
    cases,
    normal,
    same,
)

BATCH = 2000


def by_reference(batch: list[Case]) -> list[Any] | None:
    """Give what the reference implementation gives, or None where it is not there."""
    node = shutil.which("node")
    if node is None:
        return None
    lines = "\n".join(json.dumps({"text": case.text, "values": case.values}) for case in batch)
    script = Path(__file__).with_name("reference.js")
    done = subprocess.run([node, str(script)], input=lines, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [FAILED if "failed" in answer else normal(answer["result"]) for answer in answers]


def main() -> int:
    """Print the differences and the numbers; 1 where there are differences."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    totals = {"same value": 0, "all fail": 0, "differ": 0}
    asked = 0
    batch: list[Case] = []
    for case in cases(count, seed):
        batch.append(case)
        if len(batch) == BATCH:
            asked += _compare(batch, totals)
            batch = []
    asked += _compare(batch, totals)
    print(f"{count} expressions, {asked} of them by the reference too: {totals}")
    return 1 if totals["differ"] else 0


def _compare(batch: list[Case], totals: dict[str, int]) -> int:
    reference = by_reference(batch) if batch else None
    for index, case in enumerate(batch):
        expected = by_python(case)
        found = {"tree": by_tree(case), "jsonata": by_jsonata(case)}
        if reference is not None:
            found["reference"] = reference[index]
        if all(same(expected, result) for result in found.values()):
            totals["all fail" if expected is FAILED else "same value"] += 1
            continue
        totals["differ"] += 1
        if totals["differ"] <= 20:
            show = {name: "failed" if value is FAILED else value for name, value in found.items()}
            wanted = "failed" if expected is FAILED else expected
            print(f"{case.source}\n  {case.text}\n  Python {wanted!r}; {show}\n  {case.values}")
    return 0 if reference is None else len(batch)


if __name__ == "__main__":
    sys.exit(main())
