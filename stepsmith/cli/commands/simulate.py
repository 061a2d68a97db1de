"""`stepsmith simulate`: thousands of executions in virtual time, with what a model says of tasks and limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.expressions.types import Json
    from stepsmith.simulation import Simulation


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "simulate",
        "Run executions in virtual time, their tasks answered from a model: how long they take, where time goes, what "
        "fails, what is throttled, what it costs, and what a change would do. The same seed gives the same figures.",
        examples=(
            "customer_onboarding --executions 10000 --model onboarding.yaml",
            "machine.asl.json --history monday.json --history tuesday.json",
            "customer_onboarding --what-if limits.functions=10 --what-if tasks.check_identity.seconds=5",
        ),
    )
    arguments.value("target", metavar="NAME|FILE", help="a workflow, or a file with a definition")
    arguments.option("executions", metavar="NUMBER", help="how many; 1000 by default", default="1000")
    arguments.option(
        "model", metavar="FILE", help="what tasks do, when executions come, what the account allows"
    )
    arguments.repeated(
        "history", metavar="FILE", help="an exported history to learn from what the model does not say"
    )
    arguments.repeated(
        "what-if",
        metavar="PATH=JSON",
        help="another value in a state, in tasks.NAME or in limits; shown beside",
    )
    arguments.option("seed", metavar="NUMBER", help="decides what is drawn; 0 by default", default="0")
    arguments.option(
        "region", metavar="NAME", help="the region of the prices; us-east-1 by default", default="us-east-1"
    )
    arguments.flag("express", help="simulate Express executions")
    arguments.option(
        "chart",
        metavar="FILE",
        help="write a page with histogram and figures, or a picture where it ends in .svg",
    )
    arguments.flag("json", help="write the figures as JSON")
    return arguments


def run(arguments: Namespace) -> int:
    """Simulate, and write the figures."""
    from stepsmith.cli.arguments.targets import DefinitionFile, find_target
    from stepsmith.cli.output.messages import put
    from stepsmith.cli.output.reports import pretty
    from stepsmith.simulation import simulate
    from stepsmith.simulation.outcome import compared

    target = find_target(arguments.target, express=arguments.express)
    given = target.machine if isinstance(target, DefinitionFile) else target.found.workflow
    change = _changes(arguments.what_if)

    def simulated(changed: dict[str, Json]) -> Simulation:
        return simulate(
            given,
            executions=_number("executions", arguments.executions),
            model=arguments.model,
            histories=arguments.history,
            machines=dict(target.machines()) if isinstance(target, DefinitionFile) else None,
            change=changed,
            seed=_number("seed", arguments.seed),
            region=arguments.region,
        )

    before = simulated({})
    after = simulated(change) if change else None
    if arguments.chart is not None:
        _write_chart(Path(arguments.chart), before, after)
    if arguments.json:
        figures = before.to_json()
        put(
            pretty(
                figures if after is None else {**figures, "what_if": {"change": change, **after.to_json()}}
            )
        )
        return 0
    put(before.text())
    if after is not None:
        put(f"\nwith {', '.join(arguments.what_if)}:\n{compared(before, after)}")
    return 0


def _write_chart(path: Path, *simulations: Simulation | None) -> None:
    from stepsmith.simulation.outcome import page

    shown = [each for each in simulations if each is not None]
    text = shown[0].svg() if path.suffix.lower() == ".svg" else page(shown)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongCall(f"--chart {str(path)!r} cannot be written: {error.strerror or error}") from None


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise WrongCall(f"--{name} {text[:40]!r} is no whole number from 0")
    return int(text)


def _changes(pairs: list[str]) -> dict[str, Json]:
    from stepsmith.cli.arguments.inputs import read_value

    found: dict[str, Json] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals or "." not in path:
            raise WrongCall(f"--what-if {pair!r} is not of the form PATH=JSON, such as limits.functions=10")
        found[path] = read_value(text, f"--what-if {pair}")
    return found
