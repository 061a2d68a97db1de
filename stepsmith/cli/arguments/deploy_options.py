"""What the commands that make templates take, and what they make them of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.aws_options import number
from stepsmith.cli.arguments.parsing import Arguments, WrongCall
from stepsmith.cli.arguments.project import Project
from stepsmith.errors import NotFound

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.deploy.application import Application, Options, Shift


def add_options(arguments: Arguments) -> None:
    """Take the choices that workflows do not make themselves."""
    arguments.option("canary", metavar="PERCENT", help="start this share with a new version first")
    arguments.option("linear", metavar="PERCENT", help="move this share to a new version at a time")
    arguments.option("minutes", metavar="NUMBER", help="minutes between two moves", default="5")
    arguments.option("alarms", metavar="NAME,...", help="alarms that move everything back while it moves")
    arguments.option("express", metavar="NAME,...", help="workflows to deploy as Express state machines")
    arguments.option("retention", metavar="DAYS", help="how long logs are kept", default="30")
    arguments.option("tags", metavar="KEY=VALUE,...", help="tags of everything that can have some")
    arguments.option("notify", metavar="ARN", help="the SNS topic that hears of every alarm")
    arguments.flag("no-failed-executions", help="do not keep in a queue which executions failed")
    arguments.option("may-hold", metavar="FILE,...", help="files that may look as if they held a secret")


def options(arguments: Namespace) -> Options:
    """Return the choices of a call. Raises WrongCall, and DeploymentError for one that is not possible."""
    from stepsmith.deploy.application import Options

    pairs = [each.partition("=") for each in _list(arguments.tags)]
    return Options(
        shift=_shift(arguments),
        retention=number(arguments.retention, "retention"),
        tags={name: value for name, _, value in pairs},
        express=frozenset(_list(arguments.express)),
        keep_failures=not arguments.no_failed_executions,
        notify=arguments.notify,
    )


def may_hold(arguments: Namespace) -> frozenset[str]:
    """Return the files that may look as if they held a secret."""
    return frozenset(_list(arguments.may_hold))


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
    return Application(tuple(workflows.values()))


def _shift(arguments: Namespace) -> Shift:
    from stepsmith.deploy.application import Shift

    if arguments.canary is not None and arguments.linear is not None:
        raise WrongCall("--canary and --linear exclude each other")
    minutes, alarms = number(arguments.minutes, "minutes"), tuple(_list(arguments.alarms))
    if arguments.canary is not None:
        return Shift(
            kind="CANARY", percentage=number(arguments.canary, "canary"), minutes=minutes, alarms=alarms
        )
    if arguments.linear is not None:
        return Shift(
            kind="LINEAR", percentage=number(arguments.linear, "linear"), minutes=minutes, alarms=alarms
        )
    if alarms:
        raise WrongCall("--alarms needs --canary or --linear: a move at once is not watched")
    return Shift()


def _list(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
