"""What the commands that make templates take, and what they make them of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stepsmith.cli.arguments.aws_options import number
from stepsmith.cli.arguments.parsing import Arguments, WrongCall
from stepsmith.cli.arguments.project import Project
from stepsmith.errors import NotFound, nearest

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stepsmith.deploy.application import Application
    from stepsmith.deploy.options import Options
    from stepsmith.deploy.settings.layers import Layered


def add_options(arguments: Arguments) -> None:
    """Take the choices that workflows do not make themselves; they come before the settings of the project."""
    arguments.option("canary", metavar="PERCENT", help="start this share with a new version first")
    arguments.option("linear", metavar="PERCENT", help="move this share to a new version at a time")
    arguments.option("minutes", metavar="NUMBER", help="minutes between two moves; 5 by default")
    arguments.option("alarms", metavar="NAME,...", help="alarms that move everything back while it moves")
    arguments.option("express", metavar="NAME,...", help="workflows to deploy as Express state machines")
    arguments.option("retention", metavar="DAYS", help="how long logs are kept; 30 by default")
    arguments.option("tags", metavar="KEY=VALUE,...", help="tags of everything that can have some")
    arguments.option("notify", metavar="ARN", help="the SNS topic that hears of every alarm")
    arguments.flag("no-failed-executions", help="do not keep in a queue which executions failed")
    arguments.option("may-hold", metavar="FILE,...", help="files that may look as if they held a secret")


def layered(arguments: Namespace, root: Path) -> Layered:
    """Return the settings of a project for a call, with where each comes from.

    Raises WrongCall, and DeploymentError for settings that are not possible.
    """
    from stepsmith.deploy.settings.layers import load_settings

    return load_settings(root, arguments.stage, _given(arguments))


def checked(project: Project, application: Application, options: Options) -> Options:
    """Return the options for some workflows of a project.

    Raises DeploymentError with the nearest name for one of a task or workflow that the project does not have.
    """
    from stepsmith.deploy.application import Application, names_of_task
    from stepsmith.deploy.errors import DeploymentError

    known = {found.workflow.name: found.workflow for found in project.all(skip_broken=True).values()}
    known |= application.workflows
    everything = Application(tuple(known.values()), application.functions)
    tasks = {name for task in everything.tasks.values() for name in names_of_task(task)}
    there_are = (
        ("workflow", options.express, known),
        ("task", options.functions, tasks),
        ("parameter", options.parameters, everything.parameters),
    )
    for what, wanted, there in there_are:
        for name in sorted(wanted):
            if name not in there:
                hint = nearest(name, there, otherwise=f"the {what}s are")
                raise DeploymentError(f"the settings name the {what} {name!r}, and there is none{hint}")
    return replace(options, express=options.express & application.workflows.keys())


def application(project: Project, names: Iterable[str], besides: Iterable[str] = ()) -> Application:
    """Return the named workflows, or all; `besides` are those that are deployed already and stay.

    Raises NotFound with the nearest name.
    """
    from stepsmith.deploy.application import Application

    wanted = list(names)
    found = [project.find(name) for name in wanted] if wanted else list(project.all().values())
    for name in besides:
        try:
            found.append(project.find(name))
        except NotFound:
            continue  # it has left the project, and goes
    workflows = {each.workflow.name: each.workflow for each in found}
    if not workflows:
        raise NotFound("there are no workflows here")
    app = Application(tuple(workflows.values()))
    systems = _systems(app) if wanted else None
    return Application(app.chosen, tuple(project.functions(systems)), tuple(project.pages(systems)))


def _systems(app: Application) -> set[str]:
    """Return the folders below `tasks` that hold tasks of an application: their functions and pages come along."""
    modules = [task.function.__module__.split(".") for task in app.tasks.values()]
    return {each[1] for each in modules if each[0] == "tasks" and len(each) > 1}


def _given(arguments: Namespace) -> dict[str, Any]:
    """Return what a call says in place of settings."""
    found: dict[str, Any] = {}
    for name in ("region", "stack"):
        if getattr(arguments, name, None) is not None:
            found[name] = getattr(arguments, name)
    if arguments.canary is not None and arguments.linear is not None:
        raise WrongCall("--canary and --linear exclude each other")
    for name in ("canary", "linear", "minutes", "retention"):
        if getattr(arguments, name) is not None:
            found[name] = number(getattr(arguments, name), name)
    for name in ("alarms", "express", "may_hold"):
        if getattr(arguments, name) is not None:
            found[name.replace("_", "-")] = _list(getattr(arguments, name))
    pairs = [each.partition("=") for each in _list(arguments.tags)]
    if pairs:
        found["tags"] = {name: value for name, _, value in pairs}
    if arguments.notify is not None:
        found["notify"] = arguments.notify
    if arguments.no_failed_executions:
        found["failed-executions"] = False
    return found


def _list(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
