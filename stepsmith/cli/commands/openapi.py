"""`stepsmith openapi`: what a project answers over HTTP, as one OpenAPI document for clients and tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "openapi",
        "Write the OpenAPI 3.1 document of the project's HTTP functions, and of the requests that start workflows.",
        examples=("", "--out openapi.json", "--server http://127.0.0.1:4599"),
    )
    arguments.option("out", metavar="FILE", help="where to write; standard output by default", short="o")
    arguments.option(
        "title", metavar="TEXT", help="the name of the API; by default that of the project's folder"
    )
    arguments.option("version", metavar="TEXT", help="the version of the API; 0 by default", default="0")
    arguments.repeated("server", metavar="ADDRESS", help="where it answers, such as the address of a stack")
    return arguments


def run(arguments: Namespace) -> int:
    """Write the document; exit code 1 where the project answers nothing."""
    from stepsmith.authoring.functions.http_function import HttpFunction
    from stepsmith.authoring.functions.openapi import openapi
    from stepsmith.cli.arguments.project import Project
    from stepsmith.cli.commands.compile import write_text
    from stepsmith.cli.output.messages import one_line, put, say
    from stepsmith.errors import NotFound

    project = Project.here()
    functions = [each for each in project.functions() if isinstance(each, HttpFunction)]
    workflows = [each.workflow for each in project.all().values()]
    title = arguments.title or project.root.resolve().name
    document = openapi(functions, workflows, title=title, version=arguments.version)
    if not document["paths"]:
        raise NotFound("no function of this project has a route, and no request starts a workflow")
    if arguments.server:
        document["servers"] = [{"url": address} for address in arguments.server]
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if arguments.out is None:
        put(text)
    else:
        write_text(Path(arguments.out), text + "\n")
        say(one_line(f"wrote {arguments.out}"))
    return 0
