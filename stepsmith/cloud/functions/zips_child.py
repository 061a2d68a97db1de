"""The child process of a function that came as a zip: calls it once and writes what comes of it to a pipe of its own.

It imports nothing of ours, and what the function prints goes where the server's log goes.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from typing import Any


class Context:
    """Lambda's context object."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.__dict__.update(told)
        self._end = time.monotonic() + float(told["remaining_seconds"])
        self.identity = self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left."""
        return max(0, round((self._end - time.monotonic()) * 1000))


def main(folder: str, handler: str, pipe: int) -> None:
    """Be the child: read event and context, call the function, write what came of it."""
    request = json.loads(sys.stdin.buffer.read())
    os.dup2(2, 1)
    os.chdir(folder)
    sys.path.insert(0, folder)
    found: dict[str, Any]
    try:
        module, _, name = handler.rpartition(".")
        function = getattr(importlib.import_module(module.replace("/", ".")), name)
        answer = function(request["event"], Context(request["context"]))
        found = {"text": json.dumps(answer)}
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[1:]
        found = {"error": type(error).__name__, "message": str(error), "trace": traceback.format_list(frames)}
    with os.fdopen(pipe, "wb") as answers:
        answers.write(json.dumps(found).encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
