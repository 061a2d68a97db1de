"""How long each workflow of the repository takes to compile, how large its definition is, and what its paths cost.

A path costs its transitions. For the workflows of the repository they are counted on the routes of the tests, for
twenty workflow functions on a few inputs; beside them stand those of the same machine written by hand.

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
from tests.stepsmith.authoring.compiler.handwritten.compare import by_hand, cases, compiled  # noqa: E402
from tests.workflows import transitions  # noqa: E402

REPEATS = 10


def workflows() -> list[Workflow[..., Any]]:
    """Give the workflows of the repository."""
    modules = [f"workflows.{path.stem}" for path in sorted((ROOT / "workflows").glob("[a-z]*.py"))]
    return [getattr(importlib.import_module(name), name.partition(".")[2]) for name in modules]


def beside_hand_written() -> None:
    """Print the transitions of each path beside those of the machine written by hand."""
    print(f"\n{'transitions':24}{'compiled':>32}{'by hand':>8}{'ratio':>8}")
    for name, route in transitions.routes():
        _print(name, route, len(transitions.path_of(name, route)), transitions.BY_HAND[name][route])
    _print(
        "power_tuning", "five powers", len(transitions.tuning_compiled()), len(transitions.tuning_by_hand())
    )
    for name, input in cases():
        _print(name, str(input)[:22], len(compiled(name, input).path), len(by_hand(name, input).path))


def _print(name: str, route: str, ours: int, theirs: int) -> None:
    print(f"{name:24}{route:24}{ours:8}{theirs:8}{ours / theirs:8.2f}")


def compile_times() -> None:
    """Print how long compiling takes."""
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
    compile_times()
    beside_hand_written()
