"""Stands in for `subprocess` in the judge: each command is a fork of this process, which has imported it all.

A fork begins in some hundredths of a second where a new interpreter takes half of one, and dies as any process does.
Only the commands of this package and of this folder can be called: `PYTHON -m MODULE ...`.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pkgutil import walk_packages
from subprocess import DEVNULL, PIPE, CompletedProcess, TimeoutExpired
from typing import IO, Any

import stepsmith
from stepsmith.cli.app import call
from tests.durability import show_all

__all__ = ["DEVNULL", "PIPE", "Popen", "TimeoutExpired", "run", "warm"]

_MODULES: Mapping[str, Callable[[Sequence[str]], int]] = {
    "stepsmith": call,
    "tests.durability.show_all": show_all.main,
}
_ROOMS = {"asl", "cli", "engine", "expressions", "integrations", "service", "store"}
_PULSE = 0.002


def warm() -> None:
    """Import all that the commands import while they run."""
    for module in walk_packages(stepsmith.__path__, "stepsmith."):
        if module.name.split(".")[1] in _ROOMS:
            import_module(module.name)


class Popen:
    """A command in a process of its own."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        env: Mapping[str, str],
        stdout: Any = DEVNULL,
        stderr: Any = PIPE,
        start_new_session: bool = True,
        preexec_fn: Callable[[], None] | None = None,
    ) -> None:
        assert list(args[1:2]) == ["-m"]
        self.args = args
        self.returncode: int | None = None
        self._written: tuple[bytes, bytes] | None = None
        self._files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 (closed when they are read)
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(self._live(args, env, preexec_fn))

    def _live(
        self, args: Sequence[str], env: Mapping[str, str], preexec_fn: Callable[[], None] | None
    ) -> int:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, file in enumerate(self._files, 1):
            os.dup2(file.fileno(), number)
        os.environ.clear()
        os.environ.update(env)
        try:
            if preexec_fn is not None:
                preexec_fn()
            code = _MODULES[args[2]](args[3:])
        except BaseException:
            traceback.print_exc()
            code = 1
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return code

    def poll(self) -> int | None:
        """Return the exit code, as a negative number that of the signal which ended it; None while it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Wait for its end and give what it has written; raises TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise TimeoutExpired(list(self.args), timeout or 0)
            time.sleep(_PULSE)
        if self._written is None:
            self._written = _content(self._files[0]), _content(self._files[1])
        return self._written


def _content(file: IO[bytes]) -> bytes:
    with file:
        file.seek(0)
        return file.read()


def run(
    args: Sequence[str], *, env: Mapping[str, str], capture_output: bool = True, timeout: float | None = None
) -> CompletedProcess[bytes]:
    """Call a command and wait for its end."""
    process = Popen(args, env=env)
    stdout, stderr = process.communicate(timeout)
    return CompletedProcess(list(args), process.returncode or 0, stdout, stderr)
