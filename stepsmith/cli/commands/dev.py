"""`stepsmith dev`: the local cloud as a server, with the workflows of the project in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.cli.reloading import Reloading
    from stepsmith.cloud.local import LocalCloud
    from stepsmith.server.kept.folder import Kept

DESCRIPTION: Final = (
    "Serve AWS on this machine: Step Functions, the services beside it, and the workflows of the project around the "
    "current folder under their names. Nothing leaves this machine, and nothing from elsewhere is served."
)
EXAMPLES: Final = ("", "--port 8083 --account 000000000000", "--data .stepsmith/cloud", "--virtual")


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.aws_options import add_stage

    arguments = Arguments("dev", DESCRIPTION, examples=EXAMPLES)
    arguments.option(
        "port", metavar="NUMBER", help="where to listen; 4599 by default, 0 for any that is free"
    )
    arguments.option("host", metavar="ADDRESS", help="the address to listen on; 127.0.0.1 by default")
    arguments.option("account", metavar="NUMBER", help="the account of callers whose key names none")
    arguments.option("region", metavar="NAME", help="the region that workflows are deployed to")
    add_stage(arguments)
    arguments.option(
        "data", metavar="DIR", help="keep S3, DynamoDB, state machines and executions in this folder"
    )
    arguments.flag("virtual", help="let time stand still until /_stepsmith/clock moves it")
    return arguments


def run(arguments: Namespace) -> int:
    """Serve until a signal comes."""
    _check(arguments)
    from stepsmith.cli.output.messages import say
    from stepsmith.errors import InvalidInput

    try:
        from stepsmith.server.guard import Hosts
        from stepsmith.server.serving import HOST, PORT, address_of, listen, serve
    except ImportError as error:
        raise InvalidInput(f"{error.name} is not installed: pip install 'stepsmith[server]'") from None
    host, port = arguments.host or HOST, PORT if arguments.port is None else int(arguments.port)
    listening = listen(host, port)
    kept = None
    try:
        kept = None if arguments.data is None else _open(arguments.data)
        cloud = _cloud(arguments)
        with cloud:
            found = [] if kept is None else _play(kept, cloud)
            names, reloading = _deploy(cloud)
            if kept is not None:
                found += _go_on(kept, cloud)
            say(f"stepsmith: {address_of(listening)} answers for AWS; Ctrl-C ends it")
            for line in found:
                say(f"stepsmith: {line}")
            if names:
                say(f"stepsmith: deployed {', '.join(names)}")
            if reloading is not None:
                reloading.start()
            number = serve(cloud, listening, hosts=Hosts(frozenset({host})))
            if reloading is not None:
                reloading.stop()
    finally:
        listening.close()
        if kept is not None:
            kept.close()
    again = " ".join(["stepsmith dev", *_given(arguments)])
    if kept is None:
        say(f"stepsmith: ended, and what it kept is gone; begin anew with: {again}")
    else:
        say(f"stepsmith: ended; go on with: {again}")
    return 128 + number


def _open(folder: str) -> Kept:
    from pathlib import Path

    from stepsmith.server.kept.folder import Kept

    return Kept(Path(folder))


def _play(kept: Kept, cloud: LocalCloud) -> list[str]:
    """Have again what was there, and say what is not."""
    refused = kept.play(cloud)
    kept.record(cloud)
    return [f"{refused} of the calls in {kept.folder} are refused now, and are left out"] if refused else []


def _go_on(kept: Kept, cloud: LocalCloud) -> list[str]:
    """Let executions go on, for what they need is deployed by now, and say what becomes of them."""
    from stepsmith.cli.output.messages import one_line

    problems = [one_line(f"an execution cannot go on: {problem}") for problem in kept.go_on(cloud)]
    count = cloud.step_functions.runner.count
    if count == 1:
        return [*problems, "1 execution goes on where it was"]
    return [*problems, f"{count} executions go on where they were"] if count else problems


def _check(arguments: Namespace) -> None:
    from stepsmith.errors import InvalidInput

    port, account = arguments.port, arguments.account
    if port is not None and not (port.isascii() and port.isdecimal() and int(port) < 65_536):
        raise InvalidInput(f"--port {port}: a port is a number from 0 to 65535")
    if account is not None and not (len(account) == 12 and account.isascii() and account.isdecimal()):
        raise InvalidInput(f"--account {account}: an account is a number of twelve digits")


def _cloud(arguments: Namespace) -> LocalCloud:
    from stepsmith.cli.arguments.aws_options import found_settings
    from stepsmith.cloud.local import LocalCloud
    from stepsmith.cloud.services import ACCOUNT, REGION
    from stepsmith.service.clock import VirtualClock, WallClock

    clock, settings = VirtualClock() if arguments.virtual else WallClock(), found_settings(arguments)
    region = arguments.region or (settings and settings.region) or REGION
    number = arguments.account or (settings and settings.account) or ACCOUNT
    return LocalCloud(region=region, account=number, clock=clock, is_served=True)


def _deploy(cloud: LocalCloud) -> tuple[list[str], Reloading | None]:
    """Deploy the project's workflows, and see to its changes; where there is no project there is nothing."""
    import sys

    from stepsmith.cli.arguments.project import Project
    from stepsmith.cli.reloading import Reloading, load
    from stepsmith.errors import NotFound

    try:
        project = Project.here()
    except NotFound:
        return [], None
    sys.dont_write_bytecode = (
        True  # Python takes what it kept for fresh where a file has the same length and second
    )
    names = load(cloud, project)()
    return names, Reloading(cloud, project.root)


def _given(arguments: Namespace) -> list[str]:
    names = ("port", "host", "account", "region", "stage", "data")
    given = {f"--{name}": getattr(arguments, name) for name in names}
    words = [word for name, value in given.items() if value is not None for word in (name, value)]
    return [*words, *(["--virtual"] if arguments.virtual else [])]
