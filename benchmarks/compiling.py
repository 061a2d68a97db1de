"""How long each workflow of the repository takes to compile, and how large its definition is.

python benchmarks/compiling.py
"""

import importlib
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stepsmith import Workflow, workflow  # noqa: E402 - the path comes first
from stepsmith.views.graphs.outline import outline, walk  # noqa: E402

REPEATS = 10


def workflows() -> list[Workflow[..., Any]]:
    """Give the workflows of the repository."""
    modules = [f"workflows.{path.stem}" for path in sorted((ROOT / "workflows").glob("[a-z]*.py"))]
    return [getattr(importlib.import_module(name), name.partition(".")[2]) for name in modules]


def main() -> None:
    """Print the table."""
    print(f"{'':24}{'ms':>8}{'ms a state':>12}{'states':>8}{'bytes':>8}")
    for each in workflows():
        times: list[float] = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            workflow(each.function)
            times.append((time.perf_counter() - begun) * 1000)
        states = len(list(walk(outline(each.definition))))
        size = len(each.definition.to_json())
        print(f"{each.name:24}{min(times):8.1f}{min(times) / states:12.2f}{states:8}{size:8}")


if __name__ == "__main__":
    main()
