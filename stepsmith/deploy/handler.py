"""What Lambda calls: the task that the function's environment names, with clients that know the stack's names.

All that a call needs is loaded when this module is: until then Lambda gives a function a whole processor, and
afterwards as much of one as it has memory.
"""

from __future__ import annotations

import json
import os
import time
from functools import cache, partial, reduce
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from stepsmith.authoring.calls.attempts import attempt
from stepsmith.authoring.calls.clients import using_clients
from stepsmith.deploy.names import VARIABLE, give_names
from stepsmith.errors import InvalidInput, NotFound, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stepsmith.authoring.calls.clients import ClientSource
    from stepsmith.authoring.tasks.provisions import FunctionOptions
    from stepsmith.expressions.types import Json
    from stepsmith.integrations.clients.registry import ClientRegistry

ENTRY_POINT = "STEPSMITH_TASK"
STACK: Final = "STEPSMITH_STACK"
_OF_PYTHON: Final = ("_strptime", "encodings.idna")
"""What Python itself loads when the first date is read, and when the first host is looked up."""


@runtime_checkable
class Deployed(Protocol):
    """A task, or a function that answers requests or takes batches."""

    deployment: FunctionOptions

    @property
    def clients(self) -> Mapping[str, str]:
        """Parameters that take a client -> the service."""
        ...

    def prepare(self) -> None:
        """Make ready what the first call would."""
        ...

    def handle(self, payload: Json, /) -> Json:
        """Take what Lambda hands over, and give what it takes back."""
        ...


def handle(event: Json, context: object = None) -> Json:
    """Call the task with the payload and give its result.

    What the task raises ends the call, and its class name is the name of the error.
    """
    request = getattr(context, "aws_request_id", None)
    if request is not None:
        attempt.set(_Request(str(request)))
    entry_point = os.environ.get(ENTRY_POINT, "")
    with using_clients(_Clients()):
        try:
            return load(entry_point).handle(event)
        except (WorkflowError, InvalidInput):
            raise  # workflows know it by its name
        except Exception as error:
            _count_fault(entry_point, error)
            raise


def _count_fault(entry_point: str, error: Exception) -> None:
    """Tell CloudWatch, in its embedded metric format, of an error that no workflow expects.

    Lambda counts those that a workflow expects, such as a declined card, as errors of the function, too.
    """
    stack = os.environ.get(STACK)
    if stack is None:
        return
    metric: Json = {"Namespace": f"stepsmith/{stack}", "Dimensions": [[]], "Metrics": [{"Name": "Faults"}]}
    about: Json = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]}
    print(json.dumps({"_aws": about, "Faults": 1, "task": entry_point, "error": type(error).__name__}))  # noqa: T201 - CloudWatch reads it


def prepare() -> None:
    """Load the task, what reads and writes its payloads, and its clients.

    Raises NotFound where the environment names no task, and whatever its module raises.
    """
    task = load(os.environ.get(ENTRY_POINT, ""))
    task.prepare()
    for name in (*_OF_PYTHON, *task.deployment.loads):
        import_module(name)
    for service in sorted(set(task.clients.values())):
        client(service)


class _Request:
    """A request to Lambda, which is an attempt of the task."""

    id = 0

    def __init__(self, idempotency_token: str) -> None:
        self.idempotency_token = idempotency_token


class _Clients:
    """The clients of a deployed function: of its own region, and of others where a task asks for them."""

    def __call__(self, service: str) -> object:
        return client(service)

    def in_region(self, region: str) -> ClientSource:
        return partial(client, region=region)


def client(service: str, *, region: str | None = None) -> object:
    """Give boto3's client of a service, made once, which puts the names of this stack into what it sends."""
    return _made(service, region or _registry().region)


@cache
def _made(service: str, region: str) -> object:
    made = _registry().in_region(region).client(service)
    give_names(made, json.loads(os.environ.get(VARIABLE, "{}")))
    return made


@cache
def _registry() -> ClientRegistry:
    from stepsmith.integrations.clients.registry import ClientRegistry

    return ClientRegistry.aws()


@cache
def load(entry_point: str) -> Deployed:
    """Give the task at `module:name`. Raises NotFound where there is none."""
    module, _, name = entry_point.partition(":")
    if not module or not name:
        raise NotFound(f"{ENTRY_POINT} is {entry_point!r}, and must be module:name")
    found: object = reduce(getattr, name.split("."), import_module(module))
    if isinstance(found, type) or not isinstance(found, Deployed):
        raise NotFound(f"{entry_point} is {type(found).__name__}, and no task")
    return found


if ENTRY_POINT in os.environ:
    prepare()
