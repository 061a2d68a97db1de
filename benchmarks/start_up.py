"""From the shell to the first result, as ratios to starting Python and to importing moto in the same run.

python benchmarks/start_up.py
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 7
TRIVIAL = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
PURCHASE = 'purchase={"machine_id": "m1", "product": "cola", "price_cents": 150}'


def measure(command: list[str]) -> float:
    """Give the smallest time of several runs of a command, in milliseconds."""
    times: list[float] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append((time.perf_counter() - begun) * 1000)
    return min(times)


def main() -> None:
    """Print the table."""
    stepsmith = [sys.executable, "-m", "stepsmith"]
    with tempfile.TemporaryDirectory() as folder:
        definition = Path(folder) / "trivial.asl.json"
        definition.write_text(json.dumps(TRIVIAL))
        commands = {
            "Python alone": [sys.executable, "-c", "pass"],
            "import stepsmith": [sys.executable, "-c", "import stepsmith"],
            "load and run one Pass": [
                sys.executable, "-c", f"import stepsmith; stepsmith.load({TRIVIAL!r}).run({{}})",
            ],
            "run a trivial definition": [*stepsmith, "run", str(definition)],
            "run delayed_vending": [*stepsmith, "run", "delayed_vending", PURCHASE],
            "recognise a photograph": [
                *stepsmith, "run", "image_recognition", "--upload", "examples/photographs/hay_bales.jpg",
                "--out", str(Path(folder) / "out"),
            ],
            "import moto and boto3": [sys.executable, "-c", "import boto3, moto"],
        }  # fmt: skip
        measured = {name: measure(command) for name, command in commands.items()}
    floor, peer = measured["Python alone"], measured["import moto and boto3"]
    print(f"{'':28}{'ms':>8}{'x Python':>10}{'x moto':>8}")
    for name, milliseconds in measured.items():
        print(f"{name:28}{milliseconds:8.0f}{milliseconds / floor:10.1f}{milliseconds / peer:8.2f}")


if __name__ == "__main__":
    main()
