"""`stepsmith run`: a workflow or any definition, run here with live progress."""

from __future__ import annotations

import signal
import sys
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stepsmith.cli.arguments.parsing import Arguments, WrongCall
from stepsmith.errors import StepsmithError

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.cli.arguments.substitutions import GivenValues
    from stepsmith.cli.output.progress import Progress
    from stepsmith.expressions.types import Json
    from stepsmith.integrations import ClientRegistry
    from stepsmith.service import Execution, JournalExecution, Machine, RunOptions


DESCRIPTION: Final = (
    "Run a workflow or a definition here; virtual time passes in an instant. Standard output carries the output as "
    "JSON, standard error the progress. Exit code 0 means succeeded, 1 that the execution did not, 2 a wrong call."
)
EXAMPLES: Final = (
    "greeting name=Ada",
    "image_recognition --upload photograph.jpg --out made",
    "machine.asl.json --input @input.json --tasks answers.py",
    "delayed_vending --input @purchase.json --durable --real-time",
    "delayed_vending --input @purchase.json --fail charge=States.Timeout@1 --delay dispense=20",
    "machine.asl.json --mock MockConfigFile.json --case HappyPath",
    "power_tuning --input @function.json --chart tuning.html --compare before.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the command line asked for."""

    name: str
    pairs: tuple[str, ...]
    input: str | None
    tasks: str | None
    answers: tuple[str, ...]
    failures: tuple[str, ...]
    returns: tuple[str, ...]
    delays: tuple[str, ...]
    mock: str | None
    machine: str | None
    case: str | None
    upload: Path | None
    out: Path | None
    real_time: bool
    json: bool
    express: bool
    seed: int
    aws: bool
    region: str | None
    profile: str | None
    endpoint_url: str | None
    local_function: str | None = None
    chart: Path | None = None
    compare: str | None = None
    unmasked: bool = False
    given: GivenValues | None = None
    journal: Path | None = None
    execution: str | None = None


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.arguments.substitutions import add_substitutions
    from stepsmith.cli.journal.options import add_durable

    arguments = Arguments("run", DESCRIPTION, examples=EXAMPLES)
    arguments.value("target", metavar="NAME|FILE", help="a workflow, or a file with a definition")
    arguments.value(
        "pairs",
        metavar="key=value",
        help="parts of the input, such as name=Ada or order.lines=[1,2]",
        many=True,
    )
    arguments.option(
        "input", metavar="JSON|@FILE|-", help="the input: as it is, in a file, or on standard input"
    )
    arguments.option(
        "tasks", metavar="MODULE", help="a module or Python file whose functions answer the tasks"
    )
    arguments.repeated("answer", metavar="STATE=JSON", help="what a task that waits for an answer is sent")
    arguments.repeated(
        "fail", metavar="TASK=ERROR[@N]", help="let a task fail, each time or only the Nth time it is called"
    )
    arguments.repeated(
        "returns", metavar="TASK=JSON", help="let a task give this, and not be carried out, whatever it calls"
    )
    arguments.repeated("delay", metavar="TASK=SECONDS", help="let a task take so much virtual time")
    arguments.option("mock", metavar="FILE", help="mock configuration of Step Functions Local")
    arguments.option("machine", metavar="NAME", help="the state machine in the mock configuration")
    arguments.option("case", metavar="NAME", help="the test case in the mock configuration")
    arguments.option("upload", metavar="FILE", help="a file for the workflow to work on")
    arguments.option(
        "local-function", metavar="MODULE:NAME", help="a function that stands for the one on AWS"
    )
    arguments.option("chart", metavar="FILE", help="a page for the chart of the result, where there is one")
    arguments.option(
        "compare",
        metavar="FILE|ADDRESS",
        help="another result for the chart to show: its JSON, or the address of its chart",
    )
    arguments.option(
        "out", metavar="DIR", help="where objects written to local S3 go; .stepsmith/NAME by default"
    )
    arguments.option(
        "seed", metavar="NUMBER", help="decides random numbers and identifiers; 0 by default", default="0"
    )
    arguments.option("region", metavar="NAME", help="the region of the clients")
    arguments.option("profile", metavar="NAME", help="the profile of the credentials; implies --aws")
    arguments.option("endpoint-url", metavar="URL", help="another endpoint for every service; implies --aws")
    arguments.flag(
        "aws", help="let tasks call AWS with the credentials here, and not services in this process"
    )
    arguments.flag("real-time", help="let waits take their time, which is virtual by default")
    arguments.flag("express", help="run as an Express execution")
    add_durable(arguments)
    arguments.option(
        "name", metavar="NAME", help="the name of a durable execution; one of its own by default"
    )
    arguments.flag("watch", help="run it again whenever a file of the project changes")
    arguments.flag("json", help="write the whole execution as one JSON object")
    arguments.flag("unmasked", help="show what personal fields hold where an error tells it")
    add_substitutions(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Run what the command line names; exit code 1 says that the execution did not succeed."""
    from stepsmith.cli.arguments.substitutions import given_values
    from stepsmith.cli.journal.options import journal_path, refuse_here

    if not arguments.durable and arguments.journal is None:
        refuse_here(arguments, "name")
    return _run(
        Call(
            name=arguments.target,
            pairs=tuple(arguments.pairs),
            input=arguments.input,
            tasks=arguments.tasks,
            answers=tuple(arguments.answer),
            failures=tuple(arguments.fail),
            returns=tuple(arguments.returns),
            delays=tuple(arguments.delay),
            mock=arguments.mock,
            machine=arguments.machine,
            case=arguments.case,
            upload=None if arguments.upload is None else Path(arguments.upload),
            out=None if arguments.out is None else Path(arguments.out),
            real_time=arguments.real_time,
            json=arguments.json,
            express=arguments.express,
            seed=_number(arguments.seed),
            aws=arguments.aws or arguments.endpoint_url is not None or arguments.profile is not None,
            region=arguments.region,
            profile=arguments.profile,
            endpoint_url=arguments.endpoint_url,
            local_function=arguments.local_function,
            chart=None if arguments.chart is None else Path(arguments.chart),
            compare=arguments.compare,
            unmasked=arguments.unmasked,
            given=given_values(arguments),
            journal=journal_path(arguments) if arguments.durable or arguments.journal is not None else None,
            execution=arguments.name,
        )
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.removeprefix("-").isdecimal() or len(text) > 18:
        raise WrongCall(f"--seed {text[:40]!r} is no whole number of at most 18 digits")
    return int(text)


def _run(call: Call) -> int:
    from stepsmith.cli.arguments.charts import planned_chart
    from stepsmith.cli.arguments.targets import find_target
    from stepsmith.cli.output.local_files import export, objects
    from stepsmith.cli.output.messages import WRONG_CALL, one_line, say
    from stepsmith.cli.output.progress import Progress

    target = find_target(call.name, express=call.express, given=call.given)
    folder = _folder(call, target.name)
    chart = planned_chart(target, call.chart, call.compare)
    clients = _clients(call, target)
    value, text = target.input(call, clients)
    known = objects(clients)
    progress = Progress(spin=sys.stderr.isatty() and call.real_time)
    with _ended_by_signals():
        execution = _execute(call, target, value, text, clients, progress)
    exported = export(clients, known, folder)
    code = _report(call, execution, exported.files)
    if chart is not None and code == 0:
        from stepsmith.cli.commands.compile import write_text

        write_text(chart.path, chart.drawn(execution.output))
        say(one_line(f"chart: {chart.path}"))
    for failure in exported.failures:
        say(one_line(f"stepsmith: {failure}"))
    return code or (WRONG_CALL if exported.failures else 0)


def _folder(call: Call, name: str) -> Path:
    """Return where files go; raises WrongCall where a link takes the folder that nobody has named elsewhere."""
    if call.out is not None:
        return call.out
    folder = Path(".stepsmith") / name
    for link in (folder.parent, folder):
        if link.is_symlink():
            raise WrongCall(f"{link} is a link; say with --out where files go")
    return folder


def _execute(
    call: Call, target: Any, value: Json, text: str | None, clients: ClientRegistry, progress: Progress
) -> Execution[Any] | JournalExecution[Any]:
    from stepsmith.cli.arguments.inputs import read_answers
    from stepsmith.service import RunOptions, read_mock_file

    mocked = None
    if call.mock is None and (call.machine or call.case):
        raise WrongCall(
            f"{'--case' if call.case else '--machine'} chooses from a mock configuration; name it with --mock"
        )
    if call.mock is not None:
        mocked = read_mock_file(call.mock, machine=call.machine, case=call.case)
    tasks, machines = target.tasks(call.tasks), target.machines()
    if mocked is not None:
        _check_mocked(mocked.states, [*_states(target.machine), *_states_of_others(machines)])
    if call.tasks is not None:
        _check_tasks(call.tasks, target.machine, machines)
    responders = read_answers(call.answers)
    if responders:
        _check_answers(responders, {*_states(target.machine), *_states_of_others(machines)}, tasks)
    options = RunOptions(
        tasks=tasks,
        responders=responders,
        machines=machines,
        clients=clients,
        mocked=mocked,
        real_time=call.real_time,
        seed=call.seed,
        watcher=progress,
    )
    if call.failures or call.returns or call.delays:
        _add_mishaps(call, options, [target.machine, *_readable(machines)])
    # what tasks print is no part of a JSON document
    printed = redirect_stdout(sys.stderr) if call.json else nullcontext()
    try:
        with printed:
            if call.journal is not None:
                return _record(call, call.journal, target, value, text, options)
            return target.machine.execute(value, options, declared=target.declared(), input_text=text)
    finally:
        progress.close()


def _add_mishaps(call: Call, options: RunOptions, machines: Iterable[Machine]) -> None:
    """Let tasks fail, give values and take time as the call says."""
    from stepsmith.cli.arguments.mishaps import read_delays, read_planned
    from stepsmith.service.definitions.planned import PlannedTasks

    definitions = [each.definition for each in machines]
    options["delays"] = read_delays(call.delays, definitions)
    planned = read_planned(call.failures, call.returns, definitions)
    options["mocked"] = PlannedTasks(planned, options.get("mocked"))


def _record(
    call: Call, journal: Path, target: Any, value: Json, text: str | None, options: RunOptions
) -> JournalExecution[Any]:
    """Record it in a journal and drive it; whatever ends this process, `stepsmith work` goes on with it."""
    from stepsmith.cli.journal.running import run_recorded

    refused: tuple[tuple[str, object], ...] = (
        ("mock", call.mock),
        ("express", call.express),
        ("fail", call.failures),
        ("returns", call.returns),
        ("delay", call.delays),
    )
    for name, given in refused:
        if given:
            raise WrongCall(f"--{name} is for runs that no journal holds")
    return run_recorded(journal, target, value, text, options, name=call.execution, tasks=call.tasks)


def _check_answers(names: Iterable[str], states: Collection[str], tasks: Collection[str]) -> None:
    """Refuse an answer for what is neither a state nor a function, with the nearest name."""
    from stepsmith.cli.output.messages import nearest

    for name in names:
        if name not in states and name not in tasks:
            hint = nearest(name, states, otherwise="the states are")
            raise WrongCall(f"--answer {name!r}: there is no such state or function{hint}")


def _check_mocked(names: Iterable[str], states: Collection[str]) -> None:
    """Refuse a test case that answers for a state that is not there, with the nearest name."""
    from stepsmith.cli.output.messages import nearest

    for name in names:
        if name not in states:
            raise WrongCall(
                f"--mock: there is no state {name!r}{nearest(name, states, otherwise='the states are')}"
            )


def _check_tasks(module: str, machine: Machine, others: Mapping[str, Machine]) -> None:
    """Refuse a table of tasks that names what no state calls; other machines are read where this one does not."""
    from stepsmith.cli.arguments.task_modules import named_tasks
    from stepsmith.errors import NotFound
    from stepsmith.service.definitions.task_names import check_functions

    names, place = named_tasks(module), f"--tasks {module}"
    try:
        check_functions(names, [machine.definition], place)
    except NotFound:
        readable = [found.definition for found in _readable(others)]
        check_functions(names, [machine.definition, *readable], place)


def _states(machine: Machine) -> list[str]:
    from stepsmith.views.graphs.outline import outline, walk

    return [node.name for node in walk(outline(machine.definition))]


def _states_of_others(machines: Mapping[str, Machine]) -> Generator[str]:
    """Give the states of the machines that may be started."""
    for machine in _readable(machines):
        yield from _states(machine)


def _readable(machines: Mapping[str, Machine]) -> Generator[Machine]:
    """Give the machines that may be started; a broken one is for the run to complain about."""
    for name in machines:
        with suppress(StepsmithError):
            yield machines[name]


def _clients(call: Call, target: Any) -> ClientRegistry:
    from stepsmith.integrations import ClientRegistry

    if call.aws:
        if call.local_function is not None:
            raise WrongCall("--local-function is for runs without AWS")
        return ClientRegistry.aws(call.region, call.profile, call.endpoint_url)
    clients = ClientRegistry.local(
        target.local_clients(call.local_function), region=call.region or "us-east-1"
    )
    if call.tasks is None:
        target.provide(clients)
    return clients


@contextmanager
def _ended_by_signals() -> Generator[None]:
    """Let SIGTERM end a run as Ctrl-C does."""
    from stepsmith.integrations.interrupts import interrupt

    def stop(number: int, frame: object) -> None:
        interrupt(number)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:
        # only the main thread of a process may ask for signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _report(call: Call, execution: Execution[Any] | JournalExecution[Any], files: dict[str, Path]) -> int:
    from stepsmith.cli.output.messages import put, say
    from stepsmith.cli.output.reports import (
        ending_line,
        failure_lines,
        file_lines,
        json_report,
        pretty,
        summary_lines,
    )
    from stepsmith.service import unmasked

    succeeded = execution.status == "SUCCEEDED"
    if call.json:
        put(pretty(json_report(execution, files)))
    elif succeeded:
        put(pretty(execution.output))
    with unmasked(call.unmasked):
        for number, line in enumerate([] if succeeded else failure_lines(execution, is_local=not call.aws)):
            say(line, colour=None if number else "red")
    if call.json:
        return 0 if succeeded else 1
    if call.upload is not None and succeeded:
        for line in summary_lines(execution, files):
            put(line)
    else:
        for line in file_lines(files):
            say(line)
        say(ending_line(execution), colour="green" if succeeded else "red")
    return 0 if succeeded else 1
