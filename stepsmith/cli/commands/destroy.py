"""`stepsmith destroy`: delete a stack, after saying what goes and what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack

    arguments = Arguments("destroy", "Delete everything that was deployed, except what holds data.")
    add_stack(arguments)
    add_account(arguments)
    arguments.option(
        "keep",
        metavar="NAME,...",
        help="resources to leave behind, after a deletion that failed because of them",
    )
    arguments.flag("yes", help="do not ask")
    return arguments


def run(arguments: Namespace) -> int:
    """Delete the stack; exit code 1 says that something could not be deleted."""
    from pathlib import Path

    from stepsmith.cli.arguments.aws_options import account, confirmed, stack_name
    from stepsmith.cli.arguments.project import find_root
    from stepsmith.cli.output.messages import fail, put, say
    from stepsmith.deploy.stacks.deployer import Deployer, kept_resources
    from stepsmith.deploy.template.assembly import workflows_of
    from stepsmith.errors import StepsmithError

    root = find_root(Path.cwd()) or Path.cwd()
    deployer = Deployer(account(arguments), stack_name(arguments, root), say=say)
    names = [each.strip() for each in (arguments.keep or "").split(",") if each.strip()]
    if deployer.stack.status() is None:
        say(f"there is no stack {deployer.stack.name}")
        return 0
    template = deployer.stack.template() or {}
    put(
        f"stack {deployer.stack.name} is deleted, with: {', '.join(workflows_of(template)) or 'nothing in it'}"
    )
    kept = kept_resources(template, deployer.stack.resources())
    if kept:
        put("These stay, because they hold data; delete them yourself:")
        for line in kept:
            put(f"  {line}")
    put(f"The packages in bucket {deployer.bucket} stay too; other stacks may use them.")
    if not confirmed("Delete it?", yes=arguments.yes):
        say("stopped; nothing was changed")
        return 1
    try:
        deployer.destroy(keep=names)
    except StepsmithError as error:
        return fail(str(error), code=1)
    say(f"stack {deployer.stack.name} is deleted")
    return 0
