"""Tasks: Python functions behind Task states."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    cast,
    overload,
)

from stepsmith.authoring.calls.awaiting import finished, generator_kind
from stepsmith.authoring.calls.boundary import Boundary, hide_inputs
from stepsmith.authoring.calls.callee import INVOKE, TOKEN, Kind, TaskToken
from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.calls.plain import VIRTUAL_START, PlainRun, current_run, entered
from stepsmith.authoring.calls.retries import Retry, check_policies, whole_seconds
from stepsmith.authoring.source.functions import function_mistake, parameter_mistake
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.provisions import (
    Architecture,
    FunctionOptions,
    Parameter,
    Policy,
    function_options,
)
from stepsmith.errors import InvalidInput, StepsmithError
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.authoring.explicit.task_states import Task as TaskState
    from stepsmith.authoring.values.limits import Limits

__tracebackhide__ = True  # pytest shows the frames of tests, workflows and tasks, not those in between

OnInterrupt: TypeAlias = Literal["repeat", "fail"]
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Task(Generic[P, R_co]):
    """A function behind a Task state; called like the function it was made from.

    One that was written with `async def` is called without `await`: its state waits until it is done.
    """

    __name__: str

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        kind: Kind,
        resource: str,
        result: Converter | None = None,
        name: str | None = None,
        retry: Sequence[Retry] = (),
        timeout: timedelta | None = None,
        heartbeat: timedelta | None = None,
        deployment: FunctionOptions | None = None,
        isolate: bool = False,
        on_interrupt: OnInterrupt = "repeat",
        limits: Limits | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.limits = limits
        """What a service takes of what the types of its parameters allow."""
        self.function = function
        """The function itself."""
        self.kind: Kind = kind
        self.resource = resource
        """The Resource of its Task states."""
        self.function_name = function.__name__
        """The name of the Lambda function; definitions say `${name}` and deployment puts the ARN there."""
        self.name = name or sentence(function.__name__)
        """The name of its Task states."""
        self.retry = check_policies(retry)
        self.timeout = timeout
        self.heartbeat = heartbeat
        self.deployment = deployment or FunctionOptions()
        """How its Lambda function is deployed."""
        self.isolate = isolate
        """Whether runs here call it in a child process."""
        self.on_interrupt: OnInterrupt = on_interrupt
        """What becomes of an attempt in whose midst the process of a durable execution has ended."""
        self.waits = resource.endswith(".waitForTaskToken")
        """Whether its result is what somebody answers its token with."""
        kind_of_generator = generator_kind(function)
        if kind_of_generator is not None:
            message = f"{function.__name__}() is {kind_of_generator}, and a Task state has one result"
            raise function_mistake(function, "W233", message, "return a list")
        self.boundary = Boundary(function, skip=1 if kind == "callback" else 0)
        if kind == "callback" and any(parameter.name == TOKEN for parameter in self.boundary.parameters):
            message = (
                f"{function.__name__}() has a parameter '{TOKEN}', which is the task token in its payload"
            )
            raise parameter_mistake(function, TOKEN, "W108", message, "give the parameter another name")
        """Its signature as JSON sees it."""
        self.result = result or self.boundary.result
        """The converter of what its callers get."""
        for what, duration in (("timeout", timeout), ("heartbeat", heartbeat)):
            if duration is not None:
                whole_seconds(what, duration)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function; inside a plain run of a workflow as a Task state would, elsewhere directly."""
        run = current_run()
        if run is not None:
            return run.call(self, self.boundary.bind(args, kwargs))
        if self.kind == "callback":
            raise StepsmithError(
                f"{self.function_name} waits for an answer; outside a workflow call its `function`"
            )
        arguments = self.boundary.bind(args, kwargs)
        return cast("R_co", finished(self.function(**self.boundary.with_clients(arguments))))

    @property
    def clients(self) -> Mapping[str, str]:
        """Parameters that take a client -> the service."""
        return self.boundary.clients

    def prepare(self) -> None:
        """Make ready what reads and writes payloads, which otherwise the first call does."""
        self.boundary.prepare()
        self.result.prepare()

    def handle(self, payload: Json, **clients: object) -> Json:
        """Take a JSON payload and give the JSON result: the Lambda entry point, and what local runs call.

        Raises InvalidInput naming the field that does not fit, and whatever the function raises.
        """
        if self.kind == "callback":
            members = dict(cast("dict[str, Json]", payload)) if isinstance(payload, dict) else {}
            token = members.pop(TOKEN, None)
            if not isinstance(token, str):
                raise InvalidInput(f"{TOKEN} is missing: {self.function_name} is called with a task token")
            self.submit(token, members, **clients)
            return None
        arguments = self.boundary.from_json(payload)
        if clients or self.boundary.clients:
            arguments = self.boundary.with_clients({**arguments, **clients})
        try:
            return self.result.to_json(finished(self.function(**arguments)))
        except ValueError as error:
            hide_inputs(error)
            raise

    def submit(self, token: str, payload: dict[str, Json], **clients: object) -> None:
        """Call the function of a task that waits: with its task token, or with the payload that holds it."""
        arguments = self.boundary.with_clients({**self.boundary.from_json(payload), **clients})
        first = (TaskToken(token),) if self.kind == "callback" else ()
        try:
            finished(self.function(*first, **arguments))
        except ValueError as error:
            hide_inputs(error)
            raise

    def state(self, name: str, /, *args: P.args, **kwargs: P.kwargs) -> TaskState[R_co]:
        """Give an explicit Task state that calls this task with references or constants as arguments."""
        # here, so that a task function on Lambda starts without explicit states
        from stepsmith.authoring.explicit.task_states import task_state

        return task_state(self, name, self.boundary.bind(args, kwargs))

    def with_options(
        self,
        *,
        name: str | None = None,
        retry: Sequence[Retry] | None = None,
        timeout: timedelta | None = None,
        heartbeat: timedelta | None = None,
    ) -> Task[P, R_co]:
        """Give the same task under another state name, or with another retry policy, timeout or heartbeat."""
        return Task(
            self.function,
            kind=self.kind,
            resource=self.resource,
            result=self.result,
            name=name or self.name,
            retry=self.retry if retry is None else retry,
            timeout=self.timeout if timeout is None else timeout,
            heartbeat=self.heartbeat if heartbeat is None else heartbeat,
            deployment=self.deployment,
            isolate=self.isolate,
            on_interrupt=self.on_interrupt,
        )

    def __repr__(self) -> str:
        return f"<task {self.function_name}>"


class TaskDecorator(Protocol):
    """Makes functions tasks."""

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, R]], /) -> Task[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Task[P, R]: ...


@overload
def task(function: Callable[P, Coroutine[Any, Any, R]], /) -> Task[P, R]: ...
@overload
def task(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(
    *,
    name: str | None = None,
    retry: Sequence[Retry] = (),
    timeout: timedelta | None = None,
    isolate: bool = False,
    on_interrupt: OnInterrupt = "repeat",
    memory: int = 128,
    storage: int = 512,
    architecture: Architecture = "arm64",
    environment: Mapping[str, str | Parameter] | None = None,
    policies: Sequence[Policy] = (),
    packages: Sequence[str] = (),
    loads: Sequence[str] = (),
) -> TaskDecorator: ...
def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    retry: Sequence[Retry] = (),
    timeout: timedelta | None = None,
    isolate: bool = False,
    on_interrupt: OnInterrupt = "repeat",
    memory: int = 128,
    storage: int = 512,
    architecture: Architecture = "arm64",
    environment: Mapping[str, str | Parameter] | None = None,
    policies: Sequence[Policy] = (),
    packages: Sequence[str] = (),
    loads: Sequence[str] = (),
) -> Any:
    """Make a function a task, deployed as a Lambda function.

    `retry` is tried in order; `timeout` is in whole seconds. In runs here, `isolate` calls it in a child process, which
    is killed when its time is up; where a durable execution's process ends in its midst, it is called again, or, with
    `on_interrupt="fail"`, fails with TaskInterrupted. The options from `memory` (in MB) on count when it is deployed.
    Raises ValueError for a policy that ASL does not allow, and DefinitionError for parameters that JSON
    cannot name.
    """
    deployment = function_options(
        memory=memory,
        storage=storage,
        architecture=architecture,
        environment=environment,
        policies=policies,
        packages=packages,
        loads=loads,
    )

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        return Task(
            function,
            kind="function",
            resource=INVOKE,
            name=name,
            retry=retry,
            timeout=timeout,
            deployment=deployment,
            isolate=isolate,
            on_interrupt=on_interrupt,
        )

    return decorate if function is None else decorate(function)


def callback_task(
    result: type[R],
    *,
    name: str | None = None,
    retry: Sequence[Retry] = (),
    timeout: timedelta | None = None,
    heartbeat: timedelta | None = None,
    memory: int = 128,
    storage: int = 512,
    architecture: Architecture = "arm64",
    environment: Mapping[str, str | Parameter] | None = None,
    policies: Sequence[Policy] = (),
    packages: Sequence[str] = (),
    loads: Sequence[str] = (),
) -> Callable[[Callable[Concatenate[TaskToken, P], Coroutine[Any, Any, None] | None]], Task[P, R]]:
    """Make a function a task whose result is sent later, with the task token it gets as its first argument.

    `result` is the type of what is sent back. The state waits for it up to `timeout`, then fails with TaskTimeout.
    The options from `memory` on are those of `task`.
    """
    deployment = function_options(
        memory=memory,
        storage=storage,
        architecture=architecture,
        environment=environment,
        policies=policies,
        packages=packages,
        loads=loads,
    )

    def decorate(
        function: Callable[Concatenate[TaskToken, P], Coroutine[Any, Any, None] | None],
    ) -> Task[P, R]:
        return Task(
            function,
            kind="callback",
            resource=f"{INVOKE}.waitForTaskToken",
            result=Converter(result, {}),
            name=name,
            retry=retry,
            timeout=timeout,
            heartbeat=heartbeat,
            deployment=deployment,
        )

    return decorate


@overload
def integration(
    action: str, *, name: str | None = None, retry: Sequence[Retry] = (), timeout: timedelta | None = None
) -> TaskDecorator: ...
@overload
def integration(
    action: str,
    *,
    result: type[R],
    name: str | None = None,
    retry: Sequence[Retry] = (),
    timeout: timedelta | None = None,
    heartbeat: timedelta | None = None,
) -> Callable[[Callable[P, object]], Task[P, R]]: ...
def integration(
    action: str,
    *,
    result: type[Any] | None = None,
    name: str | None = None,
    retry: Sequence[Retry] = (),
    timeout: timedelta | None = None,
    heartbeat: timedelta | None = None,
) -> Callable[[Callable[..., Any]], Task[..., Any]]:
    """Make a function a service integration: the state machine calls AWS itself, without a Lambda function.

    `action` is the end of the Resource, such as `dynamodb:putItem` or `aws-sdk:rekognition:detectLabels`. The
    parameters are named as in the API, and the body makes the same call with boto3, for runs as plain Python.
    An action that ends in `.waitForTaskToken` sends `context.task.token` in its arguments, and its result is what
    the token is answered with, of the type `result`; the state waits for it up to `timeout`.
    Raises InvalidInput for a `result` of an action that does not wait, and for one that waits without.
    """
    if action.endswith(".waitForTaskToken") != (result is not None):
        raise InvalidInput(
            f"integration({action!r}): `result` is the type of the answer to a task token; "
            "give it to actions that end in .waitForTaskToken, and to no others"
        )

    def decorate(function: Callable[..., Any]) -> Task[..., Any]:
        return Task(
            function,
            kind="integration",
            resource=f"arn:aws:states:::{action}",
            result=None if result is None else Converter(result, {}),
            name=name,
            retry=retry,
            timeout=timeout,
            heartbeat=heartbeat,
        )

    return decorate


def plain_run(
    *,
    responders: Mapping[Task[..., Any], Callable[..., object]] | None = None,
    start: datetime = VIRTUAL_START,
) -> AbstractContextManager[PlainRun]:
    """Open a plain run for the workflows called in its `with` block; gives a PlainRun.

    `responders` says who answers callback tasks: a function that takes the task's arguments and returns what
    would be sent back, or raises.
    """
    named = {task.function_name: answer for task, answer in (responders or {}).items()}
    return entered(PlainRun(start=start, responders=named))
