"""Tasks in a child process: one that hangs is killed, and one that dies takes nothing with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from types import FunctionType
from typing import Any, Final, Protocol, cast

from stepsmith.authoring.calls.attempts import Call, attempt, caller
from stepsmith.authoring.calls.boundary import Boundary
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import TaskError, compact

CHILD: Final = "stepsmith.integrations.isolated_child"
DIED: Final = "Runtime.ExitError"
"""What Lambda calls the end of a function's process."""


class Isolated:
    """Calls a task in a child process."""

    def __init__(self, task: IsolatedTask) -> None:
        self.__self__ = task

    def __call__(self, payload: Json) -> Json:
        """Call it and return its JSON; raises TaskError as it fails or dies."""
        task = self.__self__
        current = attempt.get()
        carried_by = cast("Caller | None", caller.get())
        token = "" if current is None else current.idempotency_token
        if task.boundary.clients and carried_by is not None and carried_by.clients.is_local:
            raise _refused(
                f"{task.function_name} takes clients of services that live in this process, and isolate=True keeps "
                "them from it: run it with those of AWS"
            )
        read, write = os.pipe()
        try:
            child = subprocess.Popen(  # noqa: S603 - a list, and nothing of it comes from the payload
                [sys.executable, "-m", CHILD, *_place(task.function), str(write)],
                stdin=subprocess.PIPE,
                pass_fds=(write,),
                process_group=0,  # Ctrl-C is for this process, which lets running tasks end
                env={**os.environ, "PYTHONPATH": os.pathsep.join(each or os.getcwd() for each in sys.path)},
            )
        finally:
            os.close(write)
        with _cancelled_by(carried_by, current, child), os.fdopen(read, "rb") as answers:
            _send(child, {"payload": payload, "token": token})
            text = answers.readline()
            code = child.wait()
            _let_go(child)
        return _result(text, code, token)


class IsolatedTask(Protocol):
    """A task as this needs it."""

    function: Callable[..., Any]
    function_name: str

    @property
    def boundary(self) -> Boundary:
        """Its signature."""
        ...


class Caller(Protocol):
    """Whoever carries out a task, as this needs it."""

    clients: ClientRegistry

    def cancelling(self, id: int, cancel: Callable[[], None]) -> AbstractContextManager[None]:
        """Have `cancel` called when the attempt with this id is let go of inside."""
        ...


def _cancelled_by(
    carried_by: Caller | None, current: Call | None, child: subprocess.Popen[bytes]
) -> AbstractContextManager[None]:
    """Let the child be killed by whoever lets go of its task."""
    if carried_by is None or current is None:
        return nullcontext()
    return carried_by.cancelling(current.id, partial(_kill, child))


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child, and with it what it has begun."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _send(child: subprocess.Popen[bytes], request: Json) -> None:
    """Say what is asked, and keep the pipe open: its end tells the child that this process has ended."""
    if child.stdin is not None:
        with suppress(BrokenPipeError):  # it has died; how is told by its exit code
            child.stdin.write(compact(request).encode("utf-8", "surrogatepass") + b"\n")
            child.stdin.flush()


def _let_go(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


def _result(text: bytes, code: int, token: str) -> Json:
    if code != 0 or not text:
        how = f"signal: {-code}" if code < 0 else f"exit status {code}"
        message = f"RequestId: {token} Error: Runtime exited with error: {how}"
        raise TaskError(DIED, compact({"errorType": DIED, "errorMessage": message}))
    answer = cast("dict[str, Any]", json.loads(text))
    if "error" in answer:
        raise TaskError(answer["error"], answer["cause"])
    return answer["output"]


def _refused(text: str) -> TaskError:
    return TaskError("States.Runtime", text)


def _place(function: Callable[..., object]) -> tuple[str, str, str]:
    """Return module, file and name of a function, so that another process finds it."""
    if not isinstance(function, FunctionType) or "<locals>" in function.__qualname__:
        raise _refused(f"isolate: {function!r} is not found by another process; define it in a module")
    module = sys.modules.get(function.__module__)
    return function.__module__, getattr(module, "__file__", None) or "", function.__qualname__
