"""Running a local Python handler as if it were the Lambda function that is tuned.

The handler really runs, in processes of its own, and its time is measured; what it would take with another memory size
is a model: its CPU time grows as the share of a CPU shrinks, its waiting stays.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Lock, Thread
from typing import Any, Final, Protocol
from weakref import finalize

from tasks.errors import InvalidInput, NotFound
from tasks.power_tuning.local.model_plane import InMemoryLambda, ModelCall, ModelFunction, ModelOutcome
from tasks.power_tuning.local.performance_model import failed_outcome, report_log, scaled_cpu
from tasks.power_tuning.local.worker import Answer, Event

REQUEST_ID: Final = "00000000-0000-0000-0000-000000000000"
LONGEST_RUN: Final = 60.0
"""Seconds after which a run of a local handler is stopped."""

MOST_IDLE: Final = 16
"""How many processes are kept for further runs."""


class Exited(Exception):
    """The process of a handler has ended."""


class Instance(Protocol):
    """What runs a handler, one event after the other."""

    @property
    def init(self) -> float:
        """Seconds that importing the handler took."""
        ...

    @property
    def close(self) -> Callable[[], object]:
        """Ends it."""
        ...

    def ask(self, event: Event) -> Answer:
        """Run the handler once. Raises TimeoutError when it takes too long, and Exited."""
        ...


class Process:
    """A process that has imported a handler.

    Raises NotFound for what is not there, InvalidInput for a module that cannot be imported and what is no function.
    """

    def __init__(self, reference: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python, with the name of a module as its argument
            [sys.executable, "-m", "tasks.power_tuning.local.worker", reference],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            text=True,
            encoding="utf-8",
        )
        self.close = finalize(self, _end, self._process)
        """Ends the process, which also happens when nobody knows it any more."""
        self._lines: Queue[str] = Queue()
        Thread(target=_read, args=(self._process, self._lines), daemon=True).start()
        try:
            hello = self._next(LONGEST_RUN)
        except Exited as exited:
            raise InvalidInput(f"importing {reference[:200]!r} ends the process: {exited}") from None
        except TimeoutError:
            self.close()
            raise InvalidInput(f"importing {reference[:200]!r} takes too long") from None
        if "refused" in hello:
            self.close()
            kind = NotFound if hello["refused"] == "LookupError" else InvalidInput
            raise kind(hello["message"])
        self.init: float = hello["init"]

    def ask(self, event: Event) -> Answer:
        """Run the handler once. Raises TimeoutError when it takes too long, and Exited."""
        assert self._process.stdin is not None
        with suppress(OSError):  # a process that has ended is told of by what it does not answer
            self._process.stdin.write(json.dumps(event) + "\n")
            self._process.stdin.flush()
        return self._next(event["seconds"])

    def _next(self, seconds: float) -> Any:
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None
        if line:
            return json.loads(line)
        raise Exited(f"exit status {self._process.wait()}")


def _read(process: "subprocess.Popen[str]", lines: "Queue[str]") -> None:
    """Take in what a process says, an empty line at its end."""
    assert process.stdout is not None
    with suppress(ValueError):  # the pipe was closed
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            pipe.close() if pipe is not None else None


@dataclass(slots=True)
class LocalFunction:
    """A handler, and the processes that run it: as many as there are runs at once, each for one version."""

    reference: str
    start: Callable[[str], Instance] = Process
    seconds: float = LONGEST_RUN
    _idle: list[tuple[str, Instance]] = field(default_factory=list[tuple[str, Instance]])
    _lock: Lock = field(default_factory=Lock)

    def run(self, call: ModelCall) -> ModelOutcome:
        """Run the handler and report what it takes here, scaled to the memory size."""
        version = f"{call.arn}:{call.qualifier}"
        instance, init = self._take(version)
        event = Event(
            payload=call.payload,
            memory=call.memory,
            arn=call.arn,
            request_id=REQUEST_ID,
            seconds=self.seconds,
        )
        try:
            answer = instance.ask(event)
        except TimeoutError:
            instance.close()
            text = f"Task timed out after {self.seconds:.2f} seconds"
            return failed_outcome(REQUEST_ID, call, self.seconds * 1000, "Sandbox.Timedout", text)
        except Exited as exited:
            instance.close()
            text = f"Runtime exited with error: {exited}"
            return failed_outcome(REQUEST_ID, call, 0, "Runtime.ExitError", text)
        self._put_back(version, instance)
        return outcome_of(call, answer, init)

    def _take(self, version: str) -> tuple[Instance, float]:
        """Give an instance and the seconds its start took, 0 for one that ran before."""
        with self._lock:
            for place, (other, instance) in enumerate(self._idle):
                if other == version:
                    del self._idle[place]
                    return instance, 0
        instance = self.start(self.reference)
        return instance, instance.init

    def _put_back(self, version: str, instance: Instance) -> None:
        with self._lock:
            self._idle.append((version, instance))
            oldest = self._idle.pop(0)[1] if len(self._idle) > MOST_IDLE else None
        if oldest is not None:
            oldest.close()


def outcome_of(call: ModelCall, answer: Answer, init: float = 0) -> ModelOutcome:
    """Return what Lambda would answer: the log ends with the report, whose times are scaled to the memory size."""
    elapsed = max(0.0, answer["elapsed"]) * 1000
    cpu = min(elapsed, max(0.0, answer["cpu"]) * 1000)
    report = report_log(REQUEST_ID, call.memory, elapsed - cpu + scaled_cpu(cpu, call.memory), init * 1000)
    printed = answer["printed"] and f"{answer['printed'].rstrip()}\n"
    return ModelOutcome(answer["payload"], printed + report, "Unhandled" if answer["has_failed"] else None)


def local_lambda(reference: str) -> InMemoryLambda:
    """Return a Lambda client in memory, where every ARN is the handler that `module:function` names.

    Raises InvalidInput for another form and for what is no function, NotFound when there is no such module or function.
    """
    module, _, name = reference.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), name)):
        raise InvalidInput(f"{reference[:200]!r} is not of the form module:function")
    Process(reference).close()
    measured_by = f"the local handler {reference}, scaled to memory sizes by a model"
    return InMemoryLambda({}, LocalFunction(reference).run, measured_by=measured_by, unknown=ModelFunction)
