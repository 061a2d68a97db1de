"""What is deployed: workflows, the tasks and workflows they call, and what those name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.functions.http_function import HttpFunction
from stepsmith.authoring.tasks.provisions import Parameter, Provision
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.starting import (
    machines_in,
    named_in,
    provisions_of,
    reached_by,
    source_of,
)
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.deploy.errors import DeploymentError
from stepsmith.errors import InvalidInput
from stepsmith.service.pages import Page

AnyFunction: TypeAlias = HttpFunction[..., Any] | BatchFunction[...]
"""What no workflow calls."""
AnyTask: TypeAlias = Task[..., Any] | AnyFunction
"""What becomes a Lambda function."""
AnyWorkflow: TypeAlias = Workflow[..., Any]

_STACK: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Application:
    """The workflows to deploy, with everything that they reach, and what is deployed beside them."""

    chosen: tuple[AnyWorkflow, ...]
    functions: tuple[AnyFunction, ...] = ()
    """Functions that no workflow calls."""
    pages: tuple[Page, ...] = ()

    @property
    def http_functions(self) -> list[HttpFunction[..., Any]]:
        """The functions that answer routes."""
        return [each for each in self.functions if isinstance(each, HttpFunction)]

    @property
    def batch_functions(self) -> list[BatchFunction[...]]:
        """The functions that take records."""
        return [each for each in self.functions if isinstance(each, BatchFunction)]

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
                self._add(found, task)
        for function in self.functions:
            self._add(found, function)
            for name in sorted(machines_in(function.deployment.policies) - self.workflows.keys()):
                raise DeploymentError(
                    f"{function.function_name} names the workflow {name!r}, which is not deployed"
                )
        return dict(sorted(found.items()))

    def _add(self, found: dict[str, AnyTask], task: AnyTask) -> None:
        known = found.setdefault(logical_name(task), task)
        if known.function is not task.function:
            raise DeploymentError(f"there are two tasks called {entry_point(task)!r}")

    @cached_property
    def provisions(self) -> dict[str, Provision]:
        """Every table, queue, topic and bucket that tasks, workflows and triggers name, by logical name; sorted."""
        found: dict[str, Provision] = {}
        every = [each for workflow in self.workflows.values() for each in provisions_of(workflow)]
        every += [each for function in self.functions for each in named_in(function.deployment.policies)]
        sources = [source_of(function.source) for function in self.batch_functions]
        every += [each for each in sources if each is not None and not isinstance(each, str)]
        for provision in every:
            name = provision_name(provision)
            if found.setdefault(name, provision) != provision:
                raise DeploymentError(f"there are two different declarations of {provision.name!r}")
        return dict(sorted(found.items()))

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter that functions name, by its name; sorted."""
        found: dict[str, Parameter] = {}
        for task in self.tasks.values():
            for value in task.deployment.environment.values():
                if isinstance(value, Parameter) and found.setdefault(value.name, value) != value:
                    raise DeploymentError(f"there are two different declarations of {value.name!r}")
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


def names_of_task(task: AnyTask) -> tuple[str, str]:
    """Give the names that settings have for a task: its own, and that with its module below the tasks."""
    module = task.function.__module__.removeprefix("tasks.")
    return task.function_name, f"{module}.{task.function_name}"


def logical_name(task: AnyTask) -> str:
    """Give the name of a task in templates: its module below the tasks, and its own name."""
    return pascal(names_of_task(task)[1])


def provision_name(provision: Provision) -> str:
    """Give the name in templates of something that is provided."""
    return f"{pascal(provision.name)}{type(provision).__name__}"


def pascal(text: str) -> str:
    """Give a name as CloudFormation takes it: letters and digits only."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text) if word)
