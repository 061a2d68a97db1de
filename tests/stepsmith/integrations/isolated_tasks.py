"""Tasks for child processes: other processes find them here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

from stepsmith import WorkflowError, client, idempotency_token, task


class TooHeavy(WorkflowError):
    """The parcel is too heavy."""


@task(isolate=True)
def weigh(parcel: str, grams: int) -> dict[str, Any]:
    print("weighing", parcel)
    if grams > 1000:
        raise TooHeavy(f"{parcel} weighs {grams} g")
    return {"parcel": parcel, "pid": os.getpid(), "token": idempotency_token()}


@task(isolate=True)
def die(how: int) -> None:
    if how < 0:
        os.kill(os.getpid(), -how)
    os._exit(how)


@task(isolate=True)
def hang(file: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(file, "w") as out:
        out.write(str(os.getpid()))
    while True:
        time.sleep(60)


@task(isolate=True)
def store(name: str, *, s3: Any = client("s3")) -> None:
    s3.put_object(Bucket="b", Key=name)


@task(isolate=True)
def split(how: str, file: str) -> str:
    """Forks: one goes on for a minute and the other answers, or both answer, or the one that is asked dies."""
    forked = os.fork() == 0
    if how != "both" and forked:
        with open(file, "w") as out:
            out.write(str(os.getpid()))
        time.sleep(60)
        os._exit(0)
    if how == "dies":
        os._exit(5)
    return how


@task(isolate=True)
def read() -> str:
    return sys.stdin.read()


@task(isolate=True)
def begin(file: str) -> None:
    """Begins another process and waits for it."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(file, "w") as out:
        out.write(str(other.pid))
    other.wait()
