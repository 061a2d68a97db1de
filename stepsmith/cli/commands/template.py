"""`stepsmith template`: the CloudFormation template, or a bare definition, for those who deploy otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from stepsmith.cli.arguments.project import Project
    from stepsmith.deploy.packaging.package import Packages
    from stepsmith.expressions.types import Json


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_stack
    from stepsmith.cli.arguments.deploy_options import add_options

    arguments = Arguments(
        "template",
        "Write the CloudFormation template of workflows, a module for SAM, Terraform or the CDK, or a bare definition "
        "with ${Substitutions}.",
    )
    arguments.value("names", metavar="NAME", help="workflows; all by default", many=True)
    arguments.option("out", metavar="FILE", help="where to write; standard output by default", short="o")
    arguments.choice(
        "format",
        ("cloudformation", "sam", "terraform", "cdk"),
        help="the tool that deploys it; for all but cloudformation, --out is a folder",
    )
    arguments.option("packages", metavar="DIR", help="build the packages of the functions into this folder")
    arguments.flag("bare", help="write only the definition of the one workflow named")
    add_options(arguments)
    add_stack(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Write the template or the definition."""
    from stepsmith.cli.arguments.deploy_options import application, checked, layered
    from stepsmith.cli.arguments.project import Project
    from stepsmith.deploy.packaging.package import Packages
    from stepsmith.deploy.settings.choices import options_of
    from stepsmith.deploy.template.assembly import render_template, template_text
    from stepsmith.deploy.template.preflight import check_template

    project = Project.here()
    if arguments.bare:
        return _bare(arguments, project)
    settings = layered(arguments, project.root).settings
    options, app = options_of(settings), application(project, arguments.names)
    packages = Packages(project.root, options.runtime, may_hold=frozenset(settings.may_hold))
    template = render_template(app, lambda task: packages.of(task).key, checked(project, app, options))
    check_template(template)
    if arguments.format == "cloudformation":
        _write(arguments.out, template_text(template))
    else:
        _write_module(arguments, project, template)
    if arguments.packages is not None:
        _build(packages, Path(arguments.packages))
    return 0


def _write_module(arguments: Namespace, project: Project, template: Mapping[str, Json]) -> None:
    from stepsmith.cli.arguments.aws_options import stack_name
    from stepsmith.cli.output.messages import one_line, say
    from stepsmith.deploy.handoff.module import module_files, write_module
    from stepsmith.errors import InvalidInput

    if arguments.out is None:
        raise WrongCall(f"--format {arguments.format} writes a folder of files; name it with --out DIR")
    files = module_files(arguments.format, template, stack_name(arguments, project.root))
    try:
        write_module(files, Path(arguments.out))
    except OSError as error:
        raise InvalidInput(f"{arguments.out} cannot be written: {error.strerror}") from None
    say(one_line(f"wrote {', '.join(sorted(files))} into {arguments.out}"))
    if arguments.packages is None:
        say(one_line(f"the packages belong beside them: --packages {arguments.out}"))


def _bare(arguments: Namespace, project: Project) -> int:
    from stepsmith.asl import to_json
    from stepsmith.cli.output.messages import say
    from stepsmith.deploy.template.machines import placeholders

    if len(arguments.names) != 1:
        raise WrongCall("--bare writes the definition of one workflow; name it")
    workflow = project.find(arguments.names[0]).workflow
    _write(arguments.out, to_json(workflow.definition))
    names = placeholders(workflow.definition)
    if names:
        say(f"to substitute: {', '.join(names)}")
    return 0


def _build(packages: Packages, folder: Path) -> None:
    from stepsmith.cli.output.messages import one_line, say
    from stepsmith.deploy.packaging.package import build
    from stepsmith.errors import InvalidInput

    for package in packages.all():
        path = folder / package.key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"{path.parent} cannot be made: {error.strerror}") from None
        say(f"wrote {one_line(str(path))}, SHA-256 {build(package, path)}")


def _write(out: str | None, text: str) -> None:
    from stepsmith.cli.commands.compile import write_text
    from stepsmith.cli.output.messages import one_line, put, say

    if out is None:
        put(text.removesuffix("\n"))
        return
    write_text(Path(out), text)
    say(one_line(f"wrote {out}"))
