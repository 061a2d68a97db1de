"""An execution as the journal keeps it: what it began with, and the run that comes of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Final, TypeAlias, cast

from stepsmith.asl import parse
from stepsmith.engine.kernel.frames import Program
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import ACCOUNT, MachineType, Settings
from stepsmith.engine.states.compiling import compile
from stepsmith.expressions.json_text import read
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.store import Start

Refuse: TypeAlias = Callable[[str, Json], str | None]
REGION: Final = "us-east-1"


@frozen(kw_only=True)
class Parent:
    """The task of another execution that started this one."""

    execution: int
    command: int
    pattern: str
    """How the task waits: request, sync or sync:2."""
    token: str
    """The task's idempotency token."""
    depth: int


@frozen(kw_only=True)
class Origin:
    """Where whoever drives an execution finds what answers its tasks."""

    workflow: str | None = None
    """A workflow of the project."""
    file: str | None = None
    """The file that the definition came from."""
    tasks: str | None = None
    """The module or Python file whose functions answer its tasks."""


def start_of(
    definition: str,
    input: str,
    *,
    machine: str,
    name: str,
    started: float,
    virtual: bool,
    attended: bool = True,
    origin: Origin,
    seed: int | None = None,
    account: str = ACCOUNT,
    region: str = REGION,
    parent: Parent | None = None,
    ends: int | None = None,
) -> Start:
    """Return how a Standard execution begins; without a seed its tokens are what nobody can guess.

    In virtual time, one that is attended waits for whoever answers its callbacks, and others go to their deadlines.
    `ends` is the execution whose records it ends.
    """
    options: dict[str, Json] = {
        "seed": secrets.randbits(128) if seed is None else seed,
        "account": account,
        "region": region,
        "virtual": virtual,
        "attended": attended,
        "version": version("stepsmith"),
        "workflow": origin.workflow,
        "file": origin.file,
        "tasks": origin.tasks,
    }
    if parent is not None:
        options["parent"] = [parent.execution, parent.command, parent.pattern, parent.token, parent.depth]
    if ends is not None:
        options["ends"] = ends
    return Start(
        arn=f"arn:aws:states:{region}:{account}:execution:{machine}:{name}",
        name=name,
        machine=machine,
        definition=definition,
        input=input,
        started=started,
        options=options,
    )


def run_of(start: Start, refuse: Refuse) -> Run:
    """Return the run of an execution as it stood before its first step."""
    options = start.options
    account, region = str(options["account"]), str(options["region"])
    settings = Settings(
        state_machine_name=start.machine,
        account=account,
        region=region,
        role_arn=str(options.get("role") or f"arn:aws:iam::{account}:role/{start.machine}"),
        alias_arn=cast("str | None", options.get("alias")),
        version_arn=cast("str | None", options.get("of version")),
        keeps_children=options.get("keeps children") is True,
        seed=cast("int", options["seed"]),
        clock=None,  # a limit of time would end an evaluation at another place the next time
        refuse=refuse,
    )
    return Run(
        program_of(start.definition, "STANDARD"),
        settings,
        read(start.input, repeated_keys=True),
        now=start.started,
        name=start.name,
        input_text=start.input,
    )


@lru_cache(maxsize=256)
def program_of(definition: str, type: MachineType) -> Program:
    """Return the compiled form of a definition."""
    return compile(parse(definition, type=type), type=type)


def is_virtual(start: Start) -> bool:
    """Say whether the execution has a clock of its own that jumps over waits."""
    return start.options.get("virtual") is True


def is_attended(start: Start) -> bool:
    """Say whether somebody is there to answer its callbacks, for whom virtual time stands still."""
    return start.options.get("attended") is not False


def origin_of(start: Start) -> Origin:
    """Return where its tasks are answered."""
    options = cast("Mapping[str, str | None]", start.options)
    return Origin(workflow=options.get("workflow"), file=options.get("file"), tasks=options.get("tasks"))


def ends_of(start: Start) -> int | None:
    """Return the execution whose records it ends."""
    found = start.options.get("ends")
    return found if isinstance(found, int) else None


def parent_of(start: Start) -> Parent | None:
    """Return the task that started it."""
    given = start.options.get("parent")
    if not isinstance(given, list):
        return None
    execution, command, pattern, token, depth = cast("tuple[int, int, str, str, int]", tuple(given))
    return Parent(execution=execution, command=command, pattern=pattern, token=token, depth=depth)
