"""Tasks for child processes: other processes find them here."""

from __future__ import annotations

import os
import signal
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
