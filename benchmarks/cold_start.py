"""What a packaged function takes of a processor and of memory, cold and warm, and what it costs by memory size.

python benchmarks/cold_start.py

Each task is started in a fresh process that finds nothing but its package and what Lambda's runtime brings, and called
three times against services on this machine. Lambda gives a function a whole processor while it loads, and afterwards
a share of one: 1,769 MB are a processor. The waiting for services is taken to be 10 ms a call.
"""

import platform
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stepsmith.deploy.packaging.package import Packages
from tests.stepsmith.deploy.packaged import laid_out, services, started
from tests.stepsmith.deploy.test_cold_start import chosen, payloads
from tests.workflows.scenes import SCENES, play

ROOT = Path(__file__).resolve().parents[1]
WHOLE_PROCESSOR_MB = 1769
SIZES = (128, 192, 256, 512, 1024)
WAITING_MS = 10.0
REPEATS = 3


def main() -> None:
    """Print both tables."""
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {platform.processor() or 'unknown processor'}"
    )
    print(f"{'task':22}{'loading s':>10}{'first ms':>10}{'warm ms':>9}{'MB':>6}")
    cold: list[float] = []
    warm: list[float] = []
    most = 0.0
    with tempfile.TemporaryDirectory() as folder:
        packages = Packages(ROOT, "python3.11")
        for scene in SCENES.values():
            with next(iter(scene.routes.values()))() as world:
                given = payloads(play(scene, world).execution.history)
                with services(world.clients) as endpoint:
                    for name in sorted(chosen() & given.keys()):
                        task = scene.workflow.tasks[name]
                        folders = laid_out(packages, task, Path(folder))
                        runs = [started(folders, task, [given[name]] * 3, endpoint) for _ in range(REPEATS)]
                        loading, first, again = (
                            min(run[place].seconds for run in runs) for place in (0, 1, 3)
                        )
                        memory = max(run[-1].megabytes for run in runs)
                        print(f"{name:22}{loading:10.2f}{first * 1000:10.1f}{again * 1000:9.1f}{memory:6.0f}")
                        if task.deployment.memory == 128:
                            cold.append(first * 1000)
                            warm.append(again * 1000)
                            most = max(most, memory)
    print(
        f"\nTasks of the default memory: up to {most:.0f} MB, {max(cold):.1f} ms first, {max(warm):.1f} warm"
    )
    print(f"{'MB':>6}{'first call ms':>14}{'warm call ms':>14}{'GB-seconds of a million calls':>31}")
    for size in SIZES:
        share = min(1.0, size / WHOLE_PROCESSOR_MB)
        first, took = max(cold) / share + WAITING_MS, max(warm) / share + WAITING_MS
        print(f"{size:6}{first:14.1f}{took:14.1f}{took * size / 1024 * 1000:31,.0f}")


if __name__ == "__main__":
    main()
