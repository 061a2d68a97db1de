"""Workflows: typed Python functions, with the state machines they are compiled to."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeAlias, TypeVar, cast

from stepsmith.authoring.calls.boundary import Boundary
from stepsmith.authoring.calls.plain import PlainRun, current_run, entered, next_delay
from stepsmith.authoring.calls.retries import Retry, check_policies, whole_seconds
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.workflows.ended import parameter_of, plain_detail
from stepsmith.authoring.workflows.runners import Execution, LiveExecution, Simulated, runner, simulator
from stepsmith.errors import TaskFailed, TaskTimeout, WorkflowError
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.asl.model import StateMachine
    from stepsmith.authoring.tasks.provisions import Policy
    from stepsmith.authoring.tasks.task import Task
    from stepsmith.authoring.workflows.triggers import Trigger
    from stepsmith.expressions.typed.tree import Span

__tracebackhide__ = True  # pytest shows the frames of tests, workflows and tasks, not those in between

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
Check: TypeAlias = Literal["by task", "by expressions"] | None
"""How a state machine checks its input: in its first task, by expressions, or not at all."""


@frozen
class Compiled:
    """What a workflow function compiles to."""

    machine: StateMachine
    spans: Mapping[str, Span]
    """State name -> the place in the source that the state stands for."""
    tasks: Mapping[str, Task[..., Any]]
    children: Mapping[str, Workflow[..., Any]]
    check: Check = None


@frozen
class AsChild:
    """How a workflow is started by another one."""

    name: str
    """The name of the states that start it."""
    retry: tuple[Retry, ...] = ()
    timeout: timedelta | None = None


class Workflow(Generic[P, R_co]):
    """A function that is both: plain Python when called, a state machine when run or deployed; `@workflow` makes it."""

    __name__: str

    def __init__(
        self,
        function: Callable[P, R_co],
        boundary: Boundary,
        compiled: Compiled,
        *,
        triggers: Sequence[Trigger] = (),
        policies: Sequence[Policy] = (),
        checked: bool = False,
        timeout: timedelta | None = None,
        express: bool = False,
        ended: Workflow[..., Any] | None = None,
        refusals: Sequence[str] = (),
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        """The function itself."""
        self.name = function.__name__
        """The name of the workflow."""
        self.boundary = boundary
        """Its signature as JSON sees it: the execution input is an object with a member for each parameter."""
        self.triggers = tuple(triggers)
        """What starts its executions once it is deployed."""
        self.policies = tuple(policies)
        """What its state machine may do besides what its states say."""
        self.checked = checked
        """Whether its state machine reads and checks the input itself, whatever started the execution."""
        self.timeout = timeout
        """How long an execution may take."""
        self.express = express
        """Whether its executions are Express ones."""
        self.ended = ended
        """What begins when an execution has failed, timed out or been aborted, and is told so."""
        self.refusals = tuple(refusals)
        """The names of the errors by which it refuses something as it should."""
        self.as_child = AsChild(sentence(function.__name__))
        """How another workflow starts it and waits for it."""
        self._compiled = compiled

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run as plain Python, on a virtual clock, with JSON at every task."""
        arguments = self.boundary.bind(args, kwargs)
        run = current_run()
        if run is not None and run.workflow:
            return self._as_child(run, self.boundary.written(arguments))
        input = self.boundary.to_json(arguments) if run is None else self.boundary.written(arguments)
        run = run or PlainRun()
        with entered(run):
            return self._played(run, input, TaskTimeout)

    def _as_child(self, run: PlainRun, input: dict[str, Json]) -> R_co:
        """Run in the run of another workflow, as its state does: retried, and within its time limit."""
        counts = [0] * len(self.as_child.retry)
        while True:
            ended = False
            try:
                with run.limited(self.as_child.timeout):
                    try:
                        return self._played(run, input, TaskFailed)
                    except Exception:
                        ended = True
                        raise
            except Exception as error:
                seen = TaskFailed() if ended else error
                delay = next_delay(seen, self.as_child.retry, counts)
                if delay is None:
                    raise
                run.wait(delay)

    def _played(self, run: PlainRun, input: dict[str, Json], overdue: type[WorkflowError]) -> R_co:
        """Run within the time limit; what `ended` names follows where that fails, as after an execution."""
        began = run.clock
        try:
            with run.limited(self.timeout, overdue):
                return self._plain(run, input)
        except Exception as error:
            if self.ended is not None:
                self._follow(
                    self.ended, run, plain_detail(run, self.name, input, error, started=began), error
                )
            raise

    def _follow(
        self, ended: Workflow[..., Any], run: PlainRun, detail: dict[str, Json], error: Exception
    ) -> None:
        following = run.following()
        try:
            with entered(following):
                ended._played(following, {parameter_of(ended.boundary): detail}, TaskTimeout)
        except Exception as problem:
            error.add_note(f"{ended.name} has failed after that: {problem}")

    def with_options(
        self,
        *,
        name: str | None = None,
        retry: Sequence[Retry] | None = None,
        timeout: timedelta | None = None,
    ) -> Workflow[P, R_co]:
        """Give the same workflow as a child with another state name, retry policy or time limit.

        Raises ValueError for a policy that names an error of the child: on AWS each arrives as States.TaskFailed.
        """
        made = copy.copy(self)
        known = self.as_child
        policies = known.retry if retry is None else check_policies(retry)
        for policy in policies:
            odd = [each for each in policy.names() if not each.startswith(("States.", "StepFunctions."))]
            if odd:
                raise ValueError(
                    f"a child workflow fails with States.TaskFailed, never with {odd[0]}: retry that"
                )
        if timeout is not None:
            whole_seconds("timeout", timeout)
        made.as_child = AsChild(name or known.name, policies, known.timeout if timeout is None else timeout)
        return made

    def _plain(self, run: PlainRun, input: dict[str, Json]) -> R_co:
        as_given = run.given if run.given is not None and not run.workflow else input
        with run.inside(self.name, as_given):
            result = cast("Callable[..., R_co]", self.function)(**self.boundary.read(input))
        return cast("R_co", self.boundary.result.read(self.boundary.result.written(result)))

    @property
    def definition(self) -> StateMachine:
        """The state machine it compiles to."""
        return self._compiled.machine

    @property
    def spans(self) -> Mapping[str, Span]:
        """State name -> the place in the source that the state stands for."""
        return self._compiled.spans

    @property
    def tasks(self) -> Mapping[str, Task[..., Any]]:
        """Function name -> task, for every task that a state calls."""
        return self._compiled.tasks

    @property
    def children(self) -> Mapping[str, Workflow[..., Any]]:
        """Name -> workflow, for every workflow that a state starts."""
        return self._compiled.children

    @property
    def check(self) -> Check:
        """How its state machine checks the input."""
        return self._compiled.check

    @cached_property
    def input_models(self) -> Mapping[str, object]:
        """Parameter -> its annotation."""
        return {parameter.name: parameter.converter.annotation for parameter in self.boundary.parameters}

    def check_input(self, input: Json) -> dict[str, Json]:
        """Give an execution input with every default filled in.

        Raises InvalidInput naming the field that is missing, unknown or of the wrong type.
        """
        arguments = self.boundary.from_json(input)
        return self.boundary.to_json(arguments)

    def received(self, input: Json) -> dict[str, Any]:
        """Give the arguments for an execution input that came as JSON.

        Raises InvalidInput for one that `run` and `start` refuse or, where the state machine checks it itself, its
        first task; UnreadableValue where it has none that does, for one that the machine cannot read.
        """
        match self.check:
            case "by task":
                return self.boundary.from_json(input)
            case "by expressions":
                return self.boundary.checked(input)
            case _:
                return self.boundary.strictly(input)

    def input_of(self, *args: P.args, **kwargs: P.kwargs) -> dict[str, Json]:
        """Give the execution input for arguments. Raises InvalidInput naming the argument that does not fit."""
        given = self.boundary.visible_arguments(args, kwargs)
        return self.boundary.to_json(given)

    def run(self, *args: P.args, **kwargs: P.kwargs) -> Execution[R_co]:
        """Run the compiled state machine here, in virtual time, and give the execution when it has ended."""
        return runner().run(self, self.input_of(*args, **kwargs), {})

    def start(self, *args: Any, backend: object = None, **kwargs: Any) -> LiveExecution[R_co]:
        """Start the compiled state machine here, or where `backend` says, and give the execution that goes on."""
        return runner().start(self, self.input_of(*args, **kwargs), backend)

    def simulate(
        self,
        *,
        executions: int = 1000,
        model: Mapping[str, Any] | str | PathLike[str] | None = None,
        histories: Sequence[str | PathLike[str]] = (),
        change: Mapping[str, Json] | None = None,
        seed: int = 0,
        region: str = "us-east-1",
    ) -> Simulated:
        """Run executions in virtual time, their tasks answered from a model, and give the figures.

        The options are those of `stepsmith.simulation.simulate`. The same seed gives the same figures.
        """
        return simulator()(
            self,
            executions=executions,
            model=model,
            histories=histories,
            change=change,
            seed=seed,
            region=region,
        )

    def __repr__(self) -> str:
        return f"<workflow {self.name}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show a notebook the graph."""
        return runner().show(self)
