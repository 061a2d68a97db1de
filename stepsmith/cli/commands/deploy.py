"""`stepsmith deploy`: show what would change, ask, change it, and say how it ended."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping

    from stepsmith.cli.arguments.project import Project
    from stepsmith.deploy.application import Application
    from stepsmith.deploy.costs.estimate import Costs
    from stepsmith.deploy.options import Options
    from stepsmith.deploy.packaging.package import Packages
    from stepsmith.deploy.stacks.deployer import Deployer
    from stepsmith.deploy.stacks.plan import Plan
    from stepsmith.expressions.types import Json
    from stepsmith.testing.replays import Replays

WOULD_CHANGE = 2


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_account, add_stack
    from stepsmith.cli.arguments.deploy_options import add_options

    arguments = Arguments(
        "deploy",
        "Deploy workflows with their tasks to AWS: shows what would change first, and asks. "
        "Exit code 0 means deployed, 1 that the deployment failed, 2 a wrong call; with --plan 0 means that nothing "
        "would change, 2 that something would, 1 that no plan could be made.",
    )
    arguments.value("names", metavar="NAME", help="workflows; all by default", many=True)
    add_stack(arguments)
    add_account(arguments)
    add_options(arguments)
    arguments.option(
        "replay",
        metavar="NUMBER",
        help="show in the plan what becomes of the last so many executions of each",
    )
    arguments.flag("plan", help="show what would change and stop")
    arguments.flag("json", help="with --plan, show it as JSON")
    arguments.flag("yes", help="do not ask")
    return arguments


def run(arguments: Namespace) -> int:
    """Plan and deploy; with --plan, no failure has the exit code that says that something would change."""
    from stepsmith.cli.output.messages import fail
    from stepsmith.errors import StepsmithError

    try:
        return _run(arguments)
    except (WrongCall, StepsmithError) as error:
        if not arguments.plan:
            raise
        return fail(str(error), code=1)


def _run(arguments: Namespace) -> int:
    from stepsmith.cli.arguments.aws_options import account, confirmed, stack_name
    from stepsmith.cli.arguments.deploy_options import application, checked, layered
    from stepsmith.cli.arguments.project import Project
    from stepsmith.cli.output.messages import fail, put, say, whole_line
    from stepsmith.deploy.packaging.package import Packages
    from stepsmith.deploy.settings.choices import options_of
    from stepsmith.deploy.stacks.deployer import Deployer
    from stepsmith.errors import StepsmithError

    if arguments.json and not arguments.plan:
        raise WrongCall("--json is for --plan: a deployment asks, and tells its progress")
    project = Project.here()
    found = layered(arguments, project.root)
    options = options_of(found.settings)
    packages = Packages(project.root, options.runtime, may_hold=frozenset(found.settings.may_hold))
    deployer = Deployer(account(arguments), stack_name(arguments, project.root), say=say)
    app = application(project, arguments.names, _deployed(deployer) if arguments.names else ())
    template = _template(app, packages, checked(project, app, options))
    plan = replace(deployer.plan(template), settings=found.sources)
    if arguments.plan or not plan.is_empty:
        plan = replace(plan, costs=_costs(project, app, options, deployer.account.region, template))
    replays = [] if plan.is_empty else _replays(arguments, app)
    if arguments.json:
        shown = plan.to_json()
        put(
            json.dumps(
                {**shown, "replays": [each.to_json() for each in replays]} if replays else shown, indent=2
            )
        )
    else:
        for line in [*plan.lines(), *(line for each in replays for line in ("", *each.lines()))]:
            put(whole_line(line))
    if plan.is_empty and not arguments.plan:
        deployer.upload_pages(app.pages)  # those that an interrupted call has left
    if arguments.plan or plan.is_empty:
        return 0 if plan.is_empty else WOULD_CHANGE
    if not confirmed("Deploy this?", yes=arguments.yes):
        say("stopped; nothing was changed")
        return 1
    try:
        resources = _carry_out(deployer, plan, template, packages, yes=arguments.yes)
        deployer.upload_pages(app.pages)
    except StepsmithError as error:
        return fail(str(error), code=1)
    _prune(deployer, template, resources, found.settings.keep_versions)
    where = f"--stack {deployer.stack.name}" if arguments.stage is None else f"--stage {arguments.stage}"
    _report(app, resources, where)
    return 0


def _replays(arguments: Namespace, app: Application) -> list[Replays]:
    """Replay the last executions of each workflow through what would be deployed."""
    from stepsmith.cli.arguments.aws_options import backend, number
    from stepsmith.cli.executions.replay import replay_deployed

    if arguments.replay is None:
        return []
    most, aws = number(arguments.replay, "replay"), backend(arguments)
    found = [replay_deployed(aws, workflow, most) for workflow in app.workflows.values()]
    return [each for each in found if each is not None and each.verdicts]


def _costs(
    project: Project, app: Application, options: Options, region: str, template: Mapping[str, Json]
) -> Costs:
    """Estimate what executions will cost, by the journal of the project where it has one that can be read."""
    from stepsmith.cli.journal.options import DEFAULT
    from stepsmith.cli.output.messages import say
    from stepsmith.deploy.costs.estimate import estimate
    from stepsmith.deploy.costs.runs import recorded
    from stepsmith.errors import StepsmithError

    try:
        runs = recorded(project.root / DEFAULT, app.workflows.values())
    except StepsmithError as error:
        say(f"costs are estimated without the runs here: {error}")
        runs = {}
    return estimate(app, options, region=region, runs=runs, template=template)


def _template(app: Application, packages: Packages, options: Options) -> Mapping[str, Json]:
    from stepsmith.deploy.template.assembly import render_template
    from stepsmith.deploy.template.preflight import check_template

    template = render_template(app, lambda task: packages.of(task).key, options)
    check_template(template)
    return template


def _deployed(deployer: Deployer) -> Iterable[str]:
    """Return the workflows that are in the stack: those that are not named stay."""
    from stepsmith.deploy.template.assembly import workflows_of

    return workflows_of(deployer.stack.template() or {})


def _carry_out(
    deployer: Deployer, plan: Plan, template: Mapping[str, Json], packages: Packages, *, yes: bool
) -> dict[str, str]:
    from stepsmith.cli.arguments.aws_options import confirmed
    from stepsmith.cli.output.messages import put, whole_line
    from stepsmith.deploy.stacks.deployer import GOES_ON

    def confirm(surprises: list[str]) -> bool:
        put("CloudFormation would do more than the plan says:")
        for line in surprises:
            put(whole_line(f"  {line}"))
        return not yes and confirmed("Go on?", yes=False)

    try:
        return deployer.deploy(plan, template, packages.all(), confirm)
    except KeyboardInterrupt as interrupt:
        stack = deployer.stack.name
        interrupt.add_note(GOES_ON.format(stack=stack) if deployer.begun else "nothing was changed")
        raise


def _prune(deployer: Deployer, template: Mapping[str, Json], resources: Mapping[str, str], keep: int) -> None:
    """Delete versions that nobody needs; what is deployed stays deployed where that is not possible."""
    from stepsmith.cli.output.messages import say
    from stepsmith.deploy.stacks.versions import prune_versions
    from stepsmith.integrations.clients.account import AwsFailure

    try:
        prune_versions(deployer.account, template, resources, keep=keep, say=say)
    except AwsFailure as failure:
        say(f"old versions stay: {failure}")


def _report(app: Application, resources: Mapping[str, str], where: str) -> None:
    from stepsmith.cli.output.messages import put
    from stepsmith.deploy.application import pascal

    put("")
    for name in app.workflows:
        arn = resources.get(f"{pascal(name)}Machine", "unknown")
        put(f"{name}  {arn}")
        put(f"  start it with: stepsmith start {name} {where}")
    for logical, provision in app.provisions.items():
        kind = type(provision).__name__.lower()
        put(f"{kind} {provision.name}  {resources.get(logical, 'unknown')}")
