"""Carries out the engine's commands: each Resource goes to the function or the client that answers it.

What calls AWS, speaks HTTP or reads files is imported when it is first needed: a run of functions starts quickly.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

from stepsmith.authoring.calls.attempts import attempt, caller
from stepsmith.authoring.calls.clients import is_used, using_clients
from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    ItemsRead,
    MoreItems,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    StartTask,
    TaskFailed,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    WriteFailed,
    WriteResults,
)
from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import TaskError, not_callable
from stepsmith.integrations.http.access import HttpAccess
from stepsmith.integrations.interrupts import is_from_outside
from stepsmith.integrations.lambda_functions import (
    TaskFunction,
    TaskFunctions,
    answer_arn,
    answer_invoke,
    call_function,
    invoke_arguments,
)
from stepsmith.integrations.resources import (
    Activity,
    LambdaFunction,
    Resource,
    SdkAction,
    ServiceAction,
    parse_resource,
)
from stepsmith.integrations.services.calling import call_service, parsed
from stepsmith.integrations.services.sdk_metadata import request_id

if TYPE_CHECKING:
    from stepsmith.integrations.items.reader import ItemReader
    from stepsmith.integrations.items.result_writer import ResultWriter
    from stepsmith.integrations.services.jobs import StartedJob

Post: TypeAlias = Callable[[Answer], None]
"""Takes an answer to a command, from any thread."""

POLL_SECONDS = 5.0
_LOCAL_POLLS = 1000
MOST_RAISED = 16
"""Exceptions of functions that are kept: they hold what their functions held."""


class Mocked(Protocol):
    """Answers for the tasks of some states, whatever their resources are."""

    def knows(self, state: str) -> bool:
        """Say whether the tasks of this state are answered."""
        ...

    def answer(self, state: str, payload: Json) -> Json:
        """Return the answer to the state's next task, which was given a payload.

        Raises TaskError, and Unanswered where the task is to be carried out as ever.
        """
        ...


class Unanswered(Exception):
    """Nothing answers in the place of a task."""


class Dispatcher:
    """Carries out commands on the calling thread; safe to call from several threads at once."""

    def __init__(
        self,
        clients: ClientRegistry,
        tasks: Mapping[str, object] | None = None,
        *,
        http: HttpAccess | None = None,
        mocked: Mocked | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.clients = clients
        self.functions = TaskFunctions(tasks)
        self._http = http or HttpAccess()
        self._mocked = mocked
        self._poll_seconds = poll_seconds
        self._readers: dict[int, ItemReader] = {}
        self._writers: dict[str, ResultWriter] = {}
        self._cancels: dict[int, Callable[[], None]] = {}
        self.raised: OrderedDict[str, BaseException] = OrderedDict()
        """What functions have raised, by the cause that was made of it: the latest, with their tracebacks."""

    def start(self, task: StartTask, post: Post) -> None:
        """Begin one attempt of a Task; every failure is an answer.

        A request and a `.sync` task are answered to the end; a task that waits for a token or a worker is answered
        as far as its start.
        """
        work = self.known(task)
        if work is None:
            self._answer(task, post, lambda: self._start(task, post))
            return
        under_way, carried_by = attempt.set(task), caller.set(self)
        try:
            post(work(task))
        except BaseException as error:
            post(self.failure(task, error))
        finally:
            caller.reset(carried_by)
            attempt.reset(under_way)

    def known(self, task: StartTask) -> Callable[[StartTask], TaskSucceeded] | None:
        """Return what answers this and every other task of its state here, once it has been called for that state."""
        if self._mocked is not None or not is_used(self.clients):
            return None
        return self.functions.direct.get((task.state, task.resource))

    def follow(self, task: StartTask, submitted: Json, post: Post) -> None:
        """Wait for the end of a job whose start was answered with `submitted`; every failure is an answer."""
        resource = parse_resource(task.resource)
        if isinstance(resource, ServiceAction):
            self._answer(task, post, lambda: self._end_job(task, resource, submitted, post))

    def _answer(self, task: StartTask, post: Post, work: Callable[[], None]) -> None:
        under_way, carried_by = attempt.set(task), caller.set(self)
        try:
            with using_clients(self.clients):
                work()
        except BaseException as error:
            post(self.failure(task, error))
        finally:
            caller.reset(carried_by)
            attempt.reset(under_way)

    def for_run(self) -> Dispatcher:
        """Return a dispatcher for another execution: the same clients and functions, command ids of its own."""
        other = Dispatcher(
            self.clients, http=self._http, mocked=self._mocked, poll_seconds=self._poll_seconds
        )
        other.functions, other.raised = self.functions, self.raised
        return other

    def failure(self, task: StartTask, error: BaseException) -> TaskFailed:
        """Return the answer for an error; raises the one error that is for others, an interrupt from outside."""
        if isinstance(error, TaskError):
            if error.__cause__ is not None and error.cause:
                self.raised[error.cause] = error.__cause__
                while len(self.raised) > MOST_RAISED:
                    self.raised.popitem(last=False)
            return TaskFailed(id=task.id, error=error.error, cause=error.cause)
        if isinstance(error, KeyboardInterrupt) and is_from_outside():
            raise error
        # nothing else that a service or a definition does may end the thread that carries commands out
        text = str(error) if isinstance(error, StepsmithError) else repr(error)
        return TaskFailed(id=task.id, error="States.Runtime", cause=text)

    def cancel(self, command: CancelTask) -> None:
        """Let go of an attempt; a job that it waits for is asked to stop."""
        cancel = self._cancels.get(command.id)
        if cancel is not None:
            cancel()
        self._readers.pop(command.id, None)

    @contextmanager
    def cancelling(self, id: int, cancel: Callable[[], None]) -> Generator[None]:
        """Have `cancel` called when the attempt with this id is let go of inside."""
        self._cancels[id] = cancel
        try:
            yield
        finally:
            self._cancels.pop(id, None)

    def read(self, command: ReadItems | MoreItems) -> ItemsRead | ReadFailed:
        """Give the first or the next page of a source of items."""
        from stepsmith.integrations.items.formats import ReadError
        from stepsmith.integrations.items.reader import ItemReader

        try:
            if isinstance(command, ReadItems):
                self._readers[command.id] = ItemReader(self.clients, command)
            page = self._readers[command.id].page(command.limit)
        except (ReadError, StepsmithError) as error:
            self._readers.pop(command.id, None)
            return ReadFailed(id=command.id, cause=str(error))
        if page.last:
            del self._readers[command.id]
        return page

    def write(self, command: WriteResults) -> ResultsWritten | WriteFailed:
        """Export a page of results of a Map Run."""
        from stepsmith.integrations.items.result_writer import ResultWriter

        try:
            writer = self._writers.get(command.map_run_arn)
            if writer is None:
                writer = self._writers[command.map_run_arn] = ResultWriter(self.clients, command)
            return writer.write(command)
        except TaskError as error:
            return WriteFailed(id=command.id, cause=error.cause or "")
        except StepsmithError as error:
            return WriteFailed(id=command.id, cause=str(error))
        finally:
            if command.last:
                self._writers.pop(command.map_run_arn, None)

    @property
    def mocked(self) -> Mocked | None:
        """What answers for the tasks of some states; None where nothing does."""
        return self._mocked

    def stand_in(self, task: StartTask) -> TaskFunction | None:
        """Return the function that plays the service of a task, where one was given for its state or resource."""
        return self.functions.find(task.state, task.resource)

    def function_of(self, task: StartTask) -> TaskFunction | None:
        """Return the function that answers a task, where it is a function that does."""
        payload = task.payload
        name = payload.get("FunctionName") if isinstance(payload, dict) else None
        names = (name, task.state, task.resource) if isinstance(name, str) else (task.resource, task.state)
        return self.functions.find(*names) or self.functions.find_arn(names[0])

    def replaces(self, task: StartTask) -> bool:
        """Say whether a function or a mocked answer stands in for what the task would call."""
        return self.stand_in(task) is not None or (
            self._mocked is not None and self._mocked.knows(task.state)
        )

    def _start(self, task: StartTask, post: Post) -> None:
        resource = parse_resource(task.resource)
        if self._mocked is not None and self._mocked.knows(task.state):
            with suppress(Unanswered):
                _play(task, resource, self._mocked.answer(task.state, task.payload), post)
                return
        match resource:
            case LambdaFunction():
                post(answer_arn(self.functions, task))
            case Activity():
                self._play_worker(task, post)
            case ServiceAction(pattern="waitForTaskToken") | SdkAction(pattern="waitForTaskToken"):
                post(TaskSubmitted(id=task.id, output=self._call(task, resource)))
            case ServiceAction(pattern="sync" | "sync:2"):
                self._run_job(task, resource, post)
            case ServiceAction(service="lambda", action="invoke"):
                answer = self.functions.direct[task.state, task.resource] = partial(
                    answer_invoke, self.functions
                )
                post(answer(task))
            case ServiceAction() | SdkAction():
                post(TaskSucceeded(id=task.id, output=self._call(task, resource)))

    def _play_worker(self, task: StartTask, post: Post) -> None:
        """Let a function given for the activity do the work; without one a worker has to come for it."""
        function = self.stand_in(task)
        if function is not None:
            post(TaskStarted(id=task.id))
            post(TaskSucceeded(id=task.id, output=call_function(function, task.payload, task)))

    def _call(self, task: StartTask, resource: Resource) -> Json:
        if isinstance(resource, ServiceAction) and (resource.service, resource.action) == (
            "lambda",
            "invoke",
        ):
            return answer_invoke(self.functions, task).output
        function = self.stand_in(task)
        if function is not None:
            return call_function(function, task.payload, task)
        clients = self.clients.as_role(task.role_arn)
        if isinstance(resource, ServiceAction) and (resource.service, resource.action) == ("http", "invoke"):
            from stepsmith.integrations.http.task import invoke_http

            return invoke_http(task.payload, self._http, clients.region)
        return call_service(clients, task.resource, task.payload, request_id(task))

    def _run_job(self, task: StartTask, resource: ServiceAction, post: Post) -> None:
        try:
            output = self._call(task, resource)
        except TaskError as error:
            post(TaskFailed(id=task.id, error=error.error, cause=error.cause, stage="submit"))
            return
        post(TaskSubmitted(id=task.id, output=output))
        self._end_job(task, resource, output, post)

    def _end_job(self, task: StartTask, resource: ServiceAction, output: Json, post: Post) -> None:
        from stepsmith.integrations.services.jobs import JOBS, StartedJob

        if self.stand_in(task) is not None:
            post(TaskSucceeded(id=task.id, output=output))
            return
        job = JOBS.get(f"{resource.service}:{resource.action}")
        if job is None:
            raise not_callable(f"{resource.service}:{resource.action}.{resource.pattern}")
        result = self._wait(task, StartedJob(job, task.payload, output))
        if result is not None:
            post(TaskSucceeded(id=task.id, output=parsed(result) if resource.pattern == "sync:2" else result))

    def _wait(self, task: StartTask, started: StartedJob) -> Json | None:
        """Ask until the job ends; local services move on with every question and need no pause."""
        from stepsmith.integrations.services.jobs import cancel, poll

        clients = self.clients.as_role(task.role_arn)
        cancelled = threading.Event()
        with self.cancelling(task.id, cancelled.set):
            for count in range(1 << 62):
                result = poll(clients, started)
                if result is not None:
                    return result
                pause = 0.0 if clients.is_local and count < _LOCAL_POLLS else self._poll_seconds
                if cancelled.wait(pause):
                    cancel(clients, started)
                    return None
        return None


def _play(task: StartTask, resource: Resource, output: Json, post: Post) -> None:
    """Answer a task to its end with a given result."""
    match resource:
        case Activity():
            post(TaskStarted(id=task.id))
        case ServiceAction(pattern=pattern) | SdkAction(pattern=pattern) if pattern != "request":
            post(TaskSubmitted(id=task.id, output=output))
        case _:
            pass
    post(TaskSucceeded(id=task.id, output=output))


def refusal(resource: str, parameters: Json) -> str | None:
    """Say in AWS's words why parameters cannot start a task at all, or None."""
    check = _check_of(resource)
    try:
        if check is not None:
            check(parameters)
    except TaskError as error:
        return error.cause
    return None


@lru_cache(1024)
def _check_of(text: str) -> Callable[[Json], object] | None:
    """Return what checks the parameters of a resource; raises TaskError where they cannot start a task."""
    match parse_resource(text):
        case ServiceAction(service="lambda", action="invoke"):
            return invoke_arguments
        case ServiceAction(service="http", action="invoke"):
            from stepsmith.integrations.http.task import check_request

            return check_request
        case ServiceAction() | SdkAction():
            from stepsmith.integrations.services.models import check_call

            return partial(check_call, text)
        case _:
            return None
