"""The child process of an isolated task: calls it once and writes what comes of it to a pipe of its own.

What the task prints goes where the parent prints, and is not in the way. A process that the task forks off has nothing
to answer, and nobody waits for it. When the parent ends, in whatever way, so does the child, with all that it has
begun: whoever goes on repeats the task, and it should not go on beside that.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from functools import partial, reduce
from pathlib import Path
from typing import Final

from stepsmith.authoring.calls.attempts import attempt
from stepsmith.authoring.tasks.task import Task
from stepsmith.engine.ports import StartTask
from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import TaskError, compact
from stepsmith.integrations.lambda_functions import TaskFunction, call_function

_MOST_READ: Final = 1 << 16


def main(module: str, file: str, name: str, handle: int) -> None:
    """Be the child: read a payload, call the function, write what came of it."""
    own = os.getpid()
    os.register_at_fork(after_in_child=partial(_close, handle))
    request = json.loads(_asked())
    task: object = reduce(getattr, name.split("."), _load(module, file))
    if not isinstance(task, Task):
        raise SystemExit(f"{module}:{name} is no task")
    command = StartTask(
        id=0, state=task.name, resource="", payload=None, execution_arn="", idempotency_token=request["token"]
    )
    attempt.set(command)
    try:
        # its handle, and not as a task, which would be called in a child again
        answer: dict[str, Json] = {
            "output": call_function(TaskFunction(task.handle, may_change=False), request["payload"], command)
        }
    except TaskError as error:
        answer = {"error": error.error, "cause": error.cause}
    if os.getpid() == own:
        with os.fdopen(handle, "wb") as answers:
            answers.write(compact(answer).encode("utf-8", "surrogatepass") + b"\n")


def _asked() -> bytes:
    """Read what is asked, and watch from then on whether somebody is there who has asked; a task reads nothing."""
    line, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    pieces = [os.read(line, _MOST_READ)]
    while pieces[-1] and not pieces[-1].endswith(b"\n"):
        pieces.append(os.read(line, _MOST_READ))
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    return b"".join(pieces)


def _end_with(line: int) -> None:
    os.read(line, 1)
    os.killpg(0, signal.SIGKILL)


def _close(handle: int) -> None:
    with suppress(OSError):  # a fork of a fork
        os.close(handle)


def _load(module: str, file: str) -> object:
    """Return the module of a function: by its name, or from its file where it is a script or was loaded by hand."""
    if module != "__main__" and importlib.util.find_spec(module.partition(".")[0]) is not None:
        return importlib.import_module(module)
    spec = importlib.util.spec_from_file_location(
        module if module != "__main__" else "__isolated__", Path(file)
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"no module {module}")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
