"""`stepsmith init`: a new project with one workflow that works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace

FILES = {
    "pyproject.toml": """\
[project]
name = "<project>"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["stepsmith[local]"]

[dependency-groups]
dev = ["pytest"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
<source>""",
    ".gitignore": ".venv/\n__pycache__/\n.stepsmith/\n",
    "README.md": """\
# <project>

    stepsmith list
    stepsmith run greeting name=World
    stepsmith compile
    pytest

`tasks/` says what the business does, `workflows/` in which order. `definitions/` is generated and committed.
""",
    "tasks/__init__.py": '"""What the business does: task functions."""\n',
    "tasks/greeting.py": '''\
"""Tasks of the greeting."""

from stepsmith import WorkflowError, task


class Unwelcome(WorkflowError):
    """Somebody who is not greeted."""


@task
def compose_greeting(name: str) -> str:
    """Compose the greeting for one person."""
    if not name.strip():
        raise Unwelcome("nobody is there")
    return f"Hello, {name}!"
''',
    "workflows/__init__.py": '"""In which order: one workflow function for each module."""\n',
    "workflows/greeting.py": '''\
"""Greet somebody after a moment of thought."""

from datetime import timedelta

from stepsmith import wait, workflow
from tasks.greeting import compose_greeting

THOUGHT = timedelta(seconds=5)


@workflow
def greeting(name: str) -> str:
    """Greet one person."""
    text = compose_greeting(name)
    wait(THOUGHT)
    return text
''',
    "tests/test_greeting.py": """\
from datetime import timedelta

from tasks.greeting import compose_greeting
from workflows.greeting import greeting


def test_a_task_is_a_function() -> None:
    assert compose_greeting("Ada") == "Hello, Ada!"


def test_the_workflow_waits_before_it_speaks() -> None:
    execution = greeting.run(name="Ada")

    assert execution.output == "Hello, Ada!"
    assert execution.elapsed == timedelta(seconds=5)
""",
    "notebooks/.gitkeep": "",
}


INSTRUCTIONS = """\
## Workflows

Workflows for AWS Step Functions are typed Python functions in `workflows/`, which compose tasks, small functions in
`tasks/`, each with one responsibility and pydantic models for what it takes and gives. `stepsmith compile` writes
them to `definitions/`, which are committed and never edited.

- A workflow function is the source of a state machine: no clock, no random numbers, no calls but those of tasks, of
  other workflows, and of `wait`, `parallel`, `map_items` and their kin. What it refuses has a code;
  `stepsmith explain CODE` says why and what to write instead. Everything else belongs into a task.
- Tasks take their AWS clients as keyword-only parameters, `s3: "S3Client" = client("s3")`, raise named errors
  (`class SoldOut(WorkflowError)`), and may be called twice with the same payload.
- After each change: `stepsmith compile`, then `stepsmith run NAME key=value` (virtual time; AWS is played in process;
  `--fail TASK=ERROR@1`, `--returns TASK=JSON` and `--delay TASK=SECONDS` decide what tasks do), then `stepsmith test`.
- Tests call tasks as functions, and run workflows with the fixture `run`:
  `run(greeting, "Ada", fail={"compose_greeting": Unwelcome("no")})`.
- `stepsmith mcp` serves all of this as tools.
"""
"""A paragraph for the file in which agents look for instructions."""


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "init",
        "Make a new project with the usual folders and one working workflow.",
        examples=("shop", "shop --instructions", "--instructions >> AGENTS.md"),
    )
    arguments.value("folder", metavar="DIR", help="the folder to make", optional=True)
    arguments.flag(
        "instructions",
        help="put a paragraph for agents into AGENTS.md; without DIR, write it to standard output",
    )
    return arguments


def run(arguments: Namespace) -> int:
    """Make the project."""
    from stepsmith.asl import to_json
    from stepsmith.cli.arguments.project import Project
    from stepsmith.cli.commands.compile import write_text
    from stepsmith.cli.output.messages import one_line, put
    from stepsmith.errors import InvalidInput

    if arguments.folder is None:
        if not arguments.instructions:
            raise WrongCall("name the folder to make: stepsmith init DIR")
        put(INSTRUCTIONS.rstrip())
        return 0
    folder = Path(arguments.folder)
    if folder.is_symlink() and not folder.exists():
        raise InvalidInput(f"{folder} is a link that leads nowhere")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(f"{folder} exists and is not an empty folder")
    name = project_name(folder)
    files = {**FILES, **({"AGENTS.md": INSTRUCTIONS} if arguments.instructions else {})}
    for path, text in files.items():
        write_text(folder / path, text.replace("<project>", name).replace("<source>", source()))
    workflow = Project(folder.resolve()).find("greeting").workflow
    write_text(folder / "definitions" / "greeting.asl.json", to_json(workflow.definition))
    put(f"made {one_line(str(folder))}; try: cd {one_line(str(folder))} && stepsmith run greeting name=World")
    return 0


def source() -> str:
    """Return the lines that tell uv in which folder stepsmith is; none where it was installed from an index."""
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import unquote, urlsplit

    try:
        text = distribution("stepsmith").read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    about: dict[str, object] = json.loads(text or "{}")
    place = urlsplit(str(about.get("url", "")))
    if place.scheme != "file" or "dir_info" not in about:
        return ""
    path = json.dumps(unquote(place.path), ensure_ascii=False)
    return f"\n[tool.uv.sources]\nstepsmith = {{ path = {path}, editable = true }}\n"


def project_name(folder: Path) -> str:
    """Return a name that packaging tools accept, made of the folder's."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in folder.resolve().name.lower()).strip(
        "-"
    )
    return kept or "project"
