"""Sources of earlier releases, what was compiled from them then, and how what is compiled now differs.

As a module (`python -m tests.compatibility.kept`), it prints the differences and writes them down anew.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path

from stepsmith import Workflow
from stepsmith.deploy.stacks.definition_diff import definition_difference

HERE = Path(__file__).parent
RELEASES = sorted(path.name for path in HERE.glob("v*") if path.is_dir())


def compiled(release: str) -> dict[str, str]:
    """Give the definitions that are compiled from the sources of a release now."""
    found: dict[str, str] = {}
    for path in sorted((HERE / release).glob("[a-z]*.py")):
        module = importlib.import_module(f"tests.compatibility.{release}.{path.stem}")
        workflows = [value for value in vars(module).values() if isinstance(value, Workflow)]
        found.update((workflow.name, workflow.definition.to_json()) for workflow in workflows)
    return found


def differences(release: str) -> str:
    """Say what is different from what the release compiled, state by state."""
    lines: list[str] = []
    for name, text in sorted(compiled(release).items()):
        before = json.loads((HERE / release / f"{name}.asl.json").read_text(encoding="utf-8"))
        lines += [f"{name}", *(f"  {line}" for line in definition_difference(before, json.loads(text)))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for each in RELEASES:
        text = differences(each)
        (HERE / each / "differences.txt").write_text(text, encoding="utf-8")
        print(f"{each}\n{text}")
