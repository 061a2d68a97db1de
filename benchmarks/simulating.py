"""Executions of onboarding that are simulated, as a ratio to such as are computed one by one in the same run."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stepsmith.simulation import remembering
from workflows.customer_onboarding import customer_onboarding

MODEL = Path(__file__).resolve().parents[1] / "examples/simulations/customer_onboarding.yaml"
EXECUTIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
ALONE = max(1, EXECUTIONS // 10)


def seconds(executions: int) -> float:
    """Seconds of the processor that so many executions take."""
    began = time.process_time()
    customer_onboarding.simulate(executions=executions, model=MODEL)
    return time.process_time() - began


def main() -> None:
    seconds(20)  # compiles, and reads the types
    together = seconds(EXECUTIONS)
    room, remembering.MOST_STEPS = remembering.MOST_STEPS, 0
    alone = seconds(ALONE) * EXECUTIONS / ALONE
    remembering.MOST_STEPS = room
    print(
        f"simulating {EXECUTIONS:,} executions of onboarding: {together:.2f} s, {alone / together:.1f} × faster"
    )


if __name__ == "__main__":
    main()
