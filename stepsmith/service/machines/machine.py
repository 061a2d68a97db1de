"""A state machine that can be run here: any definition, ours or anyone's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack, cast

from stepsmith.asl import parse_unfilled, render
from stepsmith.asl.model import StateMachine
from stepsmith.engine.kernel.frames import Program
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import ACCOUNT, MachineType, Settings
from stepsmith.engine.states.compiling import compile
from stepsmith.engine.values.failures import StateFailure
from stepsmith.engine.values.payload import text_of
from stepsmith.errors import InvalidInput, nearest
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.integrations.clients.registry import DEFAULT_REGION
from stepsmith.integrations.dispatch import refusal
from stepsmith.integrations.services.models import service_model
from stepsmith.service.clock import VIRTUAL_START_SECONDS, Clock, VirtualClock, WallClock
from stepsmith.service.driving.driver import Driver
from stepsmith.service.driving.live import LiveRun, Watcher
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared
from stepsmith.service.executions.execution import Execution
from stepsmith.service.executions.options import RunOptions, check_options
from stepsmith.service.executions.started import (
    Ending,
    Startable,
    child_listeners,
    ending_input,
    ending_name,
)

if TYPE_CHECKING:
    from pathlib import Path

    from stepsmith.asl.filling import Substitutions
    from stepsmith.asl.placeholders import Placeholder
    from stepsmith.integrations.dispatch import Mocked
    from stepsmith.service.driving.live import Starter

MOST_INPUT_BYTES = 262_144


listeners: list[Callable[[Machine, Execution[Any]], None]] = []
"""Are called with each execution of a machine when it has ended."""


observers: list[Callable[[Machine, Execution[Any]], Watcher | None]] = []
"""Are asked, for each execution that begins, for somebody to watch it."""


def _observed(machine: Machine, execution: Execution[Any]) -> list[Watcher]:
    found = [observer(machine, execution) for observer in list(observers)]
    return [watcher for watcher in found if watcher is not None]


class Machine:
    """A state machine, compiled once; runs as often as asked."""

    def __init__(
        self,
        definition: StateMachine,
        *,
        name: str = "machine",
        type: MachineType = "STANDARD",
        placeholders: tuple[Placeholder, ...] = (),
        ending: Ending | None = None,
        declares: Callable[[], Declared[Any]] = lambda: NOTHING_DECLARED,
    ) -> None:
        self.definition = definition
        self.declares = declares
        """Gives what the source says about executions that others start."""
        self.ending = ending
        """What begins when an execution has failed, timed out or been aborted."""
        self.placeholders = placeholders
        """The placeholders in the definition that have no value."""
        self.name = name
        self.type: MachineType = type
        self._settings: dict[tuple[str, int, str], Settings] = {}

    @cached_property
    def program(self) -> Program:
        """The compiled form."""
        return compile(self.definition, type=self.type)

    def run(self, input: Json | Undefined = UNDEFINED, **options: Unpack[RunOptions]) -> Execution[Json]:
        """Run an execution to its end and return it; raises InvalidInput for an input that AWS would refuse."""
        return self.execute(input, options)

    def start(self, input: Json | Undefined = UNDEFINED, **options: Unpack[RunOptions]) -> Execution[Json]:
        """Start an execution in the background and return it at once.

        While it waits for somebody to answer a task, virtual time stands still.
        """
        return self.execute(input, options, background=True)

    def execute(
        self,
        input: Json | Undefined,
        options: RunOptions,
        *,
        background: bool = False,
        declared: Declared[Any] = NOTHING_DECLARED,
        input_text: str | None = None,
    ) -> Execution[Any]:
        """Run or start an execution; its first events show the input with the spacing of `input_text`."""
        if options:
            check_options(options)
        if self.placeholders:
            known = (options.get("tasks"), options.get("responders"), options.get("machines"))
            self._refuse_unfilled(known, options.get("mocked"))
        if options.get("journal") is not None:
            raise InvalidInput(
                f"write Journal({str(options.get('journal'))!r}).start(machine, ...) to have it recorded"
            )
        value: Json = {} if isinstance(input, Undefined) else input
        text = check_input(value)
        seed, name = _identity(options, background=background)
        clients, clock, watcher = options.get("clients"), options.get("clock"), options.get("watcher")
        region = clients.region if isinstance(clients, ClientRegistry) else DEFAULT_REGION
        if clock is None and options.get("real_time"):
            clock = WallClock()
        run = Run(
            self.program,
            self.settings(region, seed, ACCOUNT),
            value,
            now=VIRTUAL_START_SECONDS if clock is None else clock.now(),
            name=name,
            input_text=input_text,
            text=text,
        )
        execution: Execution[Any] = Execution(run, self, options, declared)
        if background or watcher is not None or clock is not None or observers:
            watchers = [] if watcher is None else [watcher]
            is_watched = background or bool(watchers) or bool(observers)
            fan = _Fan(watchers) if is_watched else None
            execution.show(self.crew(run, options, clock=clock, watcher=fan, attended=background))
            watchers += [execution, *_observed(self, execution)]
        if background:
            execution.drive_in_background()
        else:
            execution.drive()
        return execution

    def crew(
        self,
        run: Run,
        options: RunOptions,
        *,
        clock: Clock | None = None,
        watcher: Watcher | None = None,
        attended: bool = False,
    ) -> tuple[LiveRun, Driver]:
        """Return what drives an execution that does not end by itself."""
        machines = options.get("machines")
        starter = _starter(machines) if machines else None
        driver = Driver(clock or VirtualClock(), attended=attended, starter=starter, watcher=watcher)
        dispatcher = Dispatcher(
            registry_of(options.get("clients")),
            options.get("tasks"),
            http=options.get("http"),
            mocked=options.get("mocked"),
        )
        live = LiveRun(
            run,
            dispatcher,
            options.get("responders") or {},
            options.get("delays") or {},
            on_failed=self._on_failed,
        )
        return live, driver

    def tell(self, execution: Execution[Any]) -> None:
        """Tell the listeners that an execution has ended."""
        if listeners:
            for listener in list(listeners):
                listener(self, execution)

    def child(
        self,
        value: Json,
        *,
        name: str,
        parent: LiveRun,
        now: float,
        on_closed: Callable[[Run], None],
    ) -> LiveRun:
        """Return a run of this machine that another execution has started.

        Raises InvalidInput where nothing stands for a placeholder in its definition.
        """
        if self.placeholders:
            functions = parent.dispatcher.functions.names()
            self._refuse_unfilled((functions, parent.responders), parent.dispatcher.mocked)
        above = parent.run.settings
        settings = self.settings(above.region, above.seed, above.account)
        run = Run(self.program, settings, value, now=now, name=name)
        dispatcher = parent.dispatcher.for_run()
        depth = parent.depth + 1
        return LiveRun(
            run, dispatcher, parent.responders, parent.delays, depth, on_closed, on_failed=self._on_failed
        )

    @property
    def _on_failed(self) -> Callable[[LiveRun, float], LiveRun] | None:
        return None if self.ending is None else partial(_begin_ending, self.ending)

    def _refuse_unfilled(self, known: Iterable[Iterable[str] | None], mocked: Mocked | None) -> None:
        from stepsmith.service.definitions.stand_ins import refuse_unfilled

        names = [name for each in known for name in each or ()]
        refuse_unfilled(self.placeholders, names, mocked)

    def settings(self, region: str, seed: int, account: str) -> Settings:
        """Return what is fixed for executions with a seed, made once."""
        found = self._settings.get((region, seed, account))
        if found is None:
            found = self._settings[region, seed, account] = Settings(
                state_machine_name=self.name,
                account=account,
                region=region,
                role_arn=f"arn:aws:iam::{account}:role/{self.name}",
                seed=seed,
                clock=_processor_time() if self.program.uses_query else None,
                refuse=refusal,
            )
        return found

    def __repr__(self) -> str:
        return f"<state machine {self.name}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show a notebook the graph."""
        from stepsmith.service.executions.shown import machine_bundle

        return machine_bundle(self.definition, self.name)


def _begin_ending(ending: Ending, live: LiveRun, now: float) -> LiveRun:
    """Return the run that ends the records of one that did not succeed."""

    def closed(run: Run) -> None:
        for listener in list(child_listeners):
            listener(ending.machine, run)

    return ending.machine.child(
        ending_input(ending, live.run), name=ending_name(live.run), parent=live, now=now, on_closed=closed
    )


@dataclass(slots=True)
class _Fan:
    watchers: list[Watcher]

    def changed(self, run: Run) -> None:
        for watcher in self.watchers:
            watcher.changed(run)


def load(
    source: str | bytes | Path | Mapping[str, Any] | StateMachine,
    *,
    name: str | None = None,
    type: MachineType = "STANDARD",
    substitutions: Substitutions | None = None,
) -> Machine:
    """Return the state machine in a file, a JSON text, an object or a model.

    `substitutions` says what stands for each `${Name}` in its strings. Raises NotFound for a file that cannot be read,
    InvalidDefinition for what AWS would refuse, and InvalidInput for what is none of these and for substitutions that
    the definition does not take.
    """
    if isinstance(source, StateMachine):
        if not substitutions:
            parse_unfilled(render(source), type=type, services=service_model)  # the same door for all
            return Machine(source, name=name or "machine", type=type)
        source = render(source)
    if isinstance(source, Mapping | bytes) or (isinstance(source, str) and source.lstrip()[:1] in ("{", "[")):
        return _machine(source, name or "machine", type, substitutions)
    if not isinstance(cast("object", source), str | PathLike):
        # whoever has no type checker is told, too
        found = source.__class__.__name__
        raise InvalidInput(f"load takes a file, a JSON text, an object or a model, and this is a {found}")
    from pathlib import Path

    from stepsmith.service.templates.reading import definition_in

    path, _, part = (
        str(source).partition("#") if "#" in str(source) and not Path(source).exists() else (source, "", "")
    )
    found = definition_in(Path(path), part or None)
    kind = type if type == "EXPRESS" else found.type
    return _machine(found.text, name or found.name, kind, {**found.own_values(), **(substitutions or {})})


def _machine(
    source: bytes | str | Mapping[str, Any], name: str, type: MachineType, substitutions: Substitutions | None
) -> Machine:
    given = substitutions or {}
    found = parse_unfilled(source, type=type, services=service_model, substitutions=given)
    for each in given:
        if each not in found.used:
            known = {one.name for one in found.open} | found.used
            hint = nearest(each, known, otherwise="its placeholders are")
            raise InvalidInput(f"substitutions has {each!r}; the definition has no ${{{each}}}{hint}")
    return Machine(found.machine, name=name, type=type, placeholders=found.open)


def read_input(text: str | bytes) -> Json:
    """Return the JSON of an execution input; raises InvalidInput with line, column and what was found."""
    try:
        value = read(text, repeated_keys=True)
    except InvalidJson as error:
        reason = error.message.partition("\n")[0]
        raise InvalidInput(
            f"the input is not JSON: line {error.line}, column {error.column}: {reason}"
        ) from None
    check_input(value)
    return value


def check_input(value: Json) -> str:
    """Return the text of an input; raises InvalidInput for one that no execution can start with."""
    try:
        text = text_of(value)
        size = len(text) if text.isascii() else len(text.encode())
    except StateFailure as failure:
        raise InvalidInput(f"the input cannot be written as JSON: {failure.cause}") from None
    except UnicodeEncodeError:
        raise InvalidInput("the input holds half of a surrogate pair, which is no character") from None
    if size > MOST_INPUT_BYTES:
        raise InvalidInput(f"the input has {size} bytes; {MOST_INPUT_BYTES} are allowed")
    return text


def _identity(options: RunOptions, *, background: bool) -> tuple[int, str]:
    """Return seed and name: the same again for runs that end before they return, unique for those that go on."""
    seed, name = options.get("seed"), options.get("name")
    if not background:
        return seed or 0, name or "execution"
    import secrets
    from uuid import uuid4

    return secrets.randbits(63) if seed is None else seed, name or str(uuid4())


def registry_of(clients: ClientRegistry | Mapping[str, object] | None) -> ClientRegistry:
    """Return the clients to use: local ones by default, with single services replaced where they are given."""
    registry = clients if isinstance(clients, ClientRegistry) else ClientRegistry.local(clients)
    if registry.is_local:
        registry.wrap("stepfunctions", _local_step_functions)
    return registry


def _local_step_functions(client: object) -> object:
    from stepsmith.service.answers.step_functions_client import LocalStepFunctions

    return LocalStepFunctions(client)


def _starter(machines: Mapping[str, Startable]) -> Starter:
    from stepsmith.service.machines.nested import NestedExecutions

    return NestedExecutions(machines)


def _processor_time() -> Callable[[], float]:
    from stepsmith.expressions.jsonata import PROCESSOR_TIME

    return PROCESSOR_TIME
