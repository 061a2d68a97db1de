"""What every command that calls AWS takes: where, with whose rights, and which stack."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepsmith.cli.arguments.parsing import Arguments, WrongCall
from stepsmith.cli.output.messages import say

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.deploy.settings.model import Settings
    from stepsmith.expressions.types import Json
    from stepsmith.integrations.clients.account import AwsAccount
    from stepsmith.service import AwsBackend, AwsExecution


def add_account(arguments: Arguments) -> None:
    """Take what leads to an account."""
    arguments.option("region", metavar="NAME", help="the region")
    arguments.option("profile", metavar="NAME", help="the profile of the credentials")
    arguments.option("endpoint-url", metavar="URL", help="another endpoint in place of AWS")


def add_stack(arguments: Arguments) -> None:
    """Take the name of a stack, and the stage whose settings hold."""
    arguments.option("stack", metavar="NAME", help="the stack; by default called like the project")
    add_stage(arguments)


def add_stage(arguments: Arguments) -> None:
    """Take the stage whose settings hold."""
    arguments.option("stage", metavar="NAME", help="the stage of pyproject.toml whose settings hold")


def account(arguments: Namespace) -> AwsAccount:
    """Return the account that a call means. Raises DeploymentError for another than the settings name."""
    from stepsmith.integrations.clients.account import AwsAccount

    settings = found_settings(arguments)
    region = arguments.region or (None if settings is None else settings.region)
    found = AwsAccount(region, arguments.profile, arguments.endpoint_url)
    if settings is not None and settings.account is not None and found.id != settings.account:
        from stepsmith.deploy.errors import DeploymentError

        raise DeploymentError(
            f"these credentials are of account {found.id}, and the settings name {settings.account}"
        )
    return found


def found_settings(arguments: Namespace) -> Settings | None:
    """Return the settings of the project around, for the stage that a call names; None outside a project.

    Raises DeploymentError for settings that are not possible, and WrongCall for a stage outside a project.
    """
    from stepsmith.cli.arguments.project import find_root

    root = find_root(Path.cwd())
    if root is not None:
        from stepsmith.deploy.settings.layers import load_settings

        return load_settings(root, arguments.stage, {}).settings
    if arguments.stage is not None:
        raise WrongCall(f"--stage {arguments.stage}: there is no project here whose stage it could be")
    return None


def backend(arguments: Namespace) -> AwsBackend:
    """Return the account as a place to run workflows; inside a project, those of its stack."""
    from stepsmith.cli.arguments.project import find_root
    from stepsmith.service import AwsBackend

    root = find_root(Path.cwd())
    stack = arguments.stack if root is None else stack_name(arguments, root)
    return AwsBackend(account(arguments), stack=stack)


def add_unmasked(arguments: Arguments) -> None:
    """Take the wish to see personal fields."""
    arguments.flag("unmasked", help="show what personal fields hold")


def execution(
    aws: AwsBackend, arn: str, *, fresh: bool = False, ended: dict[str, Any] | None = None
) -> AwsExecution[Json]:
    """Return an execution on AWS, fresh or ended; inside its project it is known what is personal in it."""
    machine = arn.split(":")[6] if arn.count(":") > 6 else ""
    return aws.execution(arn, workflow=_workflow_behind(machine), fresh=fresh, ended=ended)


def _workflow_behind(machine: str) -> Workflow[..., Any] | None:
    """Return the project's workflow that was deployed under a name, which begins with that of the stack."""
    from stepsmith.cli.arguments.project import Project, find_root

    root = find_root(Path.cwd())
    found = {} if root is None else Project(root).all(skip_broken=True)
    fitting = [name for name in found if machine == name or machine.endswith(f"-{name}")]
    return found[max(fitting, key=len)].workflow if fitting else None


def stack_name(arguments: Namespace, root: Path) -> str:
    """Return the stack that a call means: the one that is named, or that of project and stage."""
    from stepsmith.deploy.application import check_stack_name

    settings = found_settings(arguments)
    named = arguments.stack or (None if settings is None else settings.stack)
    if named is not None:
        return check_stack_name(named)
    name = _project_name(root) if arguments.stage is None else f"{_project_name(root)}-{arguments.stage}"
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return check_stack_name(plain if plain[:1].isalpha() else f"stack-{plain}")


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask on the terminal. Raises WrongCall where nobody is there to answer and --yes was not given."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise WrongCall(f"{question} Nobody is there to answer; say --yes")
    say(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def number(text: str, option: str) -> int:
    """Return a whole number that an option gives. Raises WrongCall for anything else."""
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise WrongCall(f"--{option} {text!r} is no whole number")
    return int(text)


def _project_name(root: Path) -> str:
    try:
        found: object = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    except (OSError, KeyError, TypeError, ValueError):
        return root.name
    return str(found)
