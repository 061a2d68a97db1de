"""The process in which a local handler runs: an event on each line of its input, an answer on each line of its output.

In a process of its own a handler can print, exit and hang without harm to who measures it. Started as
`python -m tasks.power_tuning.local.worker module:function`.
"""

import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, TypedDict

MOST_LOG: Final = 3000
"""Characters of what a handler prints that its log keeps, the last ones."""

Handler = Callable[[Any, "LocalContext"], object]
Clock = Callable[[], float]
"""Gives seconds."""


class Event(TypedDict):
    """One invocation."""

    payload: str
    memory: int
    arn: str
    request_id: str
    seconds: float


class Answer(TypedDict):
    """What an invocation gave: the JSON of its result or of its error, and the seconds it took and computed."""

    payload: str
    has_failed: bool
    elapsed: float
    cpu: float
    printed: str


@dataclass(frozen=True, slots=True)
class LocalContext:
    """What a handler gets as its context, with the names that Lambda gives its members."""

    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    seconds: float
    started: float = field(default_factory=time.monotonic)
    function_version: str = "$LATEST"
    identity: None = None
    client_context: None = None

    @property
    def function_name(self) -> str:
        """The name in the ARN."""
        return self.invoked_function_arn.split(":")[-1]

    @property
    def log_group_name(self) -> str:
        """Where Lambda would write the log."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """Which stream of the group it would be."""
        return f"[{self.function_version}]{self.aws_request_id.replace('-', '')}"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the handler may still run."""
        return max(0, int((self.seconds - (time.monotonic() - self.started)) * 1000))


def handler_named(module: str, name: str) -> Handler:
    """Return a function of a module; raises LookupError for what is not there, TypeError for what is no function."""
    try:
        found: object = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise LookupError(f"there is no module {error.name!r} to import {name!r} from") from None
    except AttributeError as error:
        if getattr(error, "name", None) != name:
            raise
        raise LookupError(f"the module {module!r} has no function {name!r}") from None
    if not callable(found):
        raise TypeError(f"{name!r} in {module!r} is not a function")
    return found


def answer_to(
    handler: Handler, event: Event, *, elapsed: Clock = time.perf_counter, cpu: Clock = time.process_time
) -> Answer:
    """Run the handler once; what it raises is its answer, as Lambda gives it."""
    context = LocalContext(event["arn"], event["memory"], event["request_id"], event["seconds"])
    started, busy = elapsed(), cpu()
    try:
        payload, has_failed = _marshalled(handler(json.loads(event["payload"]), context))
    except Exception as error:
        payload, has_failed = _raised(error), True
    return Answer(
        payload=payload, has_failed=has_failed, elapsed=elapsed() - started, cpu=cpu() - busy, printed=""
    )


def _marshalled(result: object) -> tuple[str, bool]:
    try:
        return json.dumps(result, allow_nan=False), False
    except (TypeError, ValueError, RecursionError) as error:
        return _error("Runtime.MarshalError", f"Unable to marshal response: {error}", []), True


def _raised(error: Exception) -> str:
    return _error(type(error).__name__, str(error), traceback.format_tb(error.__traceback__)[1:])


def _error(kind: str, message: str, trace: list[str]) -> str:
    return json.dumps({"errorType": kind, "errorMessage": message, "stackTrace": trace})


def main(reference: str) -> None:
    """Serve one handler until the input ends; first say whether there is one, and how long importing it took."""
    events = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with tempfile.TemporaryFile() as log, open(os.devnull) as nothing:
        # What is printed, also by other programs that a handler runs, is its log; the lines are ours alone.
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        module, _, name = reference.partition(":")
        started = time.perf_counter()
        try:
            handler = handler_named(module, name)
        except (LookupError, TypeError) as error:
            _say(answers, {"refused": type(error).__name__, "message": str(error)})
            return
        except BaseException as error:
            text = f"{module} cannot be imported: {type(error).__name__}: {error}"
            _say(answers, {"refused": "TypeError", "message": text})
            return
        _say(answers, {"init": time.perf_counter() - started})
        for line in events:
            _empty(log)
            answer = answer_to(handler, json.loads(line))
            _say(answers, {**answer, "printed": _printed(log)})


def _say(answers: Any, message: dict[str, object]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _empty(log: Any) -> None:
    log.seek(0)
    log.truncate()


def _printed(log: Any) -> str:
    sys.stdout.flush()
    sys.stderr.flush()
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - 4 * MOST_LOG))
    return str(log.read().decode(errors="replace"))[-MOST_LOG:]


if __name__ == "__main__":
    main(sys.argv[1])
