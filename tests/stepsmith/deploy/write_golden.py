"""Write the reviewed texts of all rights anew: `python -m tests.stepsmith.deploy.write_golden`; then read the diff."""

import re
from pathlib import Path
from typing import Any

from stepsmith.deploy.application import Application
from stepsmith.deploy.permissions.statements import words
from stepsmith.deploy.template.assembly import render_template
from stepsmith.deploy.template.functions import task_statements
from stepsmith.deploy.template.machines import machine_statements, place
from tests.stepsmith.deploy.applications import PACKAGE, TASKS, WORKFLOWS

GOLDEN = Path(__file__).parent / "golden"


def machine_text(name: str) -> str:
    """The rights of one workflow's state machine."""
    workflow = WORKFLOWS[name]
    functions = {each: (f"{each}Function", f"{each}Version") for each in workflow.tasks}
    placed = place(workflow, functions, Application((workflow,)).provisions)
    return "\n".join(words(machine_statements(workflow, placed))) + "\n"


def tasks_text() -> str:
    """The rights of every task and of every other function."""
    lines = [
        line
        for name, task in TASKS.items()
        for line in (name, *(f"  {each}" for each in words(task_statements(task))))
    ]
    return "\n".join(lines) + "\n"


def triggers_text() -> str:
    """The rights of every kind of trigger."""
    from tests.stepsmith.deploy.template.test_assembly import EVERYTHING, answering, packing

    found: Any = render_template(Application((answering, packing)), lambda task: PACKAGE, EVERYTHING)
    lines = [
        line
        for name, resource in found["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role" and re.match("(Packing|Answering)(?!Machine)", name)
        for line in (name, *(f"  {each}" for each in resource["Metadata"]["Reasons"]))
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in WORKFLOWS:
        (GOLDEN / f"{name}.txt").write_text(machine_text(name), "utf-8")
    (GOLDEN / "tasks.txt").write_text(tasks_text(), "utf-8")
    (GOLDEN / "triggers.txt").write_text(triggers_text(), "utf-8")
