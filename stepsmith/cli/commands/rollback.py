"""`stepsmith rollback`: let executions start with the version before, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack

    arguments = Arguments(
        "rollback",
        "Let executions start with the version before the present one: shows what that changes, and asks. "
        "The next deployment moves on to the version of its own.",
    )
    arguments.value("name", metavar="NAME|ARN", help="a workflow, or the ARN of a state machine")
    arguments.option("to", metavar="VERSION", help="the number of another version")
    add_stack(arguments)
    add_account(arguments)
    arguments.flag("yes", help="do not ask")
    return arguments


def run(arguments: Namespace) -> int:
    """Go back; exit code 1 says that the answer was no."""
    from stepsmith.cli.arguments.aws_options import backend, confirmed, number
    from stepsmith.cli.output.messages import put, say, whole_line
    from stepsmith.deploy.stacks.rollback import check_still, plan_rollback, roll_back

    aws, to = backend(arguments), None if arguments.to is None else number(arguments.to, "to")
    machine = aws.machine_arn(arguments.name)
    if aws.stack is not None:
        check_still(aws.account, aws.stack)
    rollback = plan_rollback(aws.account, machine, to=to)
    for line in rollback.lines():
        put(whole_line(line))
    if not confirmed("Go back?", yes=arguments.yes):
        say("stopped; nothing was changed")
        return 1
    roll_back(aws.account, rollback)
    say(f"executions start with version {rollback.to.number} from now on")
    return 0
