"""What is deployed: workflows, the tasks and workflows they call, and what those name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from stepsmith.authoring.tasks.provisions import Provision
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.starting import provisions_of, reached_by
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.deploy.errors import DeploymentError
from stepsmith.errors import InvalidInput

AnyTask: TypeAlias = Task[..., Any]
AnyWorkflow: TypeAlias = Workflow[..., Any]

_STACK: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,39}", re.ASCII)
_TOPIC: Final = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+", re.ASCII)
_RETENTIONS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The days for which CloudWatch Logs can keep a log, from PutRetentionPolicy."""
_TAG: Final = re.compile(r"[\w\s.:/=+@-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How executions move to a new version of a state machine."""

    kind: Literal["ALL_AT_ONCE", "CANARY", "LINEAR"] = "ALL_AT_ONCE"
    percentage: int = 10
    """The share that moves first or, with LINEAR, each time."""
    minutes: int = 5
    """Between two moves."""
    alarms: tuple[str, ...] = ()
    """Names of alarms that move everything back, besides the one on failed executions."""

    def __post_init__(self) -> None:
        if not 1 <= self.percentage <= 99:
            raise DeploymentError(f"a shift of {self.percentage} percent is not between 1 and 99")
        if not 1 <= self.minutes <= 2100:
            raise DeploymentError(f"{self.minutes} minutes between shifts are not between 1 and 2100")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choices that the workflows do not make themselves."""

    shift: Shift = field(default_factory=Shift)
    retention: int = 30
    """Days for which logs are kept."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    express: frozenset[str] = frozenset()
    """The workflows that are deployed as Express state machines."""
    runtime: str = "python3.13"
    alias: str = "live"
    """The alias of each state machine that triggers start."""
    keep_failures: bool = True
    """Whether a queue keeps which executions failed, timed out or were aborted."""
    notify: str | None = None
    """The ARN of an SNS topic that hears of every alarm."""

    def __post_init__(self) -> None:
        if self.retention not in _RETENTIONS:
            days = ", ".join(map(str, _RETENTIONS))
            raise DeploymentError(f"logs cannot be kept for {self.retention} days; there are {days}")
        for name, value in self.tags.items():
            if not 1 <= len(name) <= 128 or len(value) > 256 or not _TAG.fullmatch(name + value):
                raise DeploymentError(f"{name!r} cannot be a tag")
            if name.lower().startswith("aws:"):
                raise DeploymentError(f"{name!r} is a tag that AWS keeps to itself")
        if self.notify is not None and not _TOPIC.fullmatch(self.notify):
            raise DeploymentError(f"{self.notify[:200]!r} is no ARN of an SNS topic")


@dataclass(frozen=True)
class Application:
    """The workflows to deploy, with everything that they reach."""

    chosen: tuple[AnyWorkflow, ...]

    @cached_property
    def workflows(self) -> dict[str, AnyWorkflow]:
        """Every workflow, those too that others start or that end the records of others; sorted by name."""
        try:
            return reached_by(self.chosen)
        except InvalidInput as error:
            raise DeploymentError(str(error)) from None

    @cached_property
    def tasks(self) -> dict[str, AnyTask]:
        """Every task that becomes a Lambda function, by logical name; sorted."""
        found: dict[str, AnyTask] = {}
        for workflow in self.workflows.values():
            for task in workflow.tasks.values():
                if task.kind == "integration":
                    continue
                name = logical_name(task)
                known = found.setdefault(name, task)
                if known.function is not task.function:
                    raise DeploymentError(f"there are two tasks called {entry_point(task)!r}")
        return dict(sorted(found.items()))

    @cached_property
    def provisions(self) -> dict[str, Provision]:
        """Every table, queue, topic and bucket that tasks, workflows and triggers name, by logical name; sorted."""
        found: dict[str, Provision] = {}
        for workflow in self.workflows.values():
            for provision in provisions_of(workflow):
                name = provision_name(provision)
                if found.setdefault(name, provision) != provision:
                    raise DeploymentError(f"there are two different declarations of {provision.name!r}")
        return dict(sorted(found.items()))


def check_stack_name(name: str) -> str:
    """Give a stack's name back. Raises DeploymentError for one that CloudFormation, or a bucket's name, cannot have."""
    if not _STACK.fullmatch(name):
        raise DeploymentError(
            f"{name!r} is no name of a stack: a letter, then at most 39 letters, digits and hyphens"
        )
    return name


def entry_point(task: AnyTask) -> str:
    """Give module and name of a task, from which its Lambda function imports it."""
    return f"{task.function.__module__}:{task.function.__qualname__}"


def logical_name(task: AnyTask) -> str:
    """Give the name of a task in templates: its module below the tasks, and its own name."""
    module = task.function.__module__.removeprefix("tasks.")
    return pascal(f"{module}.{task.function_name}")


def provision_name(provision: Provision) -> str:
    """Give the name in templates of something that is provided."""
    return f"{pascal(provision.name)}{type(provision).__name__}"


def pascal(text: str) -> str:
    """Give a name as CloudFormation takes it: letters and digits only."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text) if word)
