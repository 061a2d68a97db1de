"""Have a picture made: one execution for all who ask for the same one at a time."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

from stepsmith.frozen import frozen
from stepsmith.http import pause
from tasks.errors import Unavailable
from tasks.media.models import Derived
from tasks.media.rights import MACHINE
from tasks.named_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PATIENCE: Final = timedelta(seconds=25)
"""How long a client waits; an HTTP API waits for 30 seconds."""
WINDOW: Final = 10
"""Seconds in which the same thing is tried at most so many times:"""
MOST_TRIES: Final = 5
_PAUSES: Final = (0.02, 0.03, 0.05, 0.1, 0.2)
"""Seconds between questions; the last one is said again and again."""


@frozen
class Failed:
    """How an execution has ended that made no picture."""

    error: str
    cause: str


def made(states: "SFNClient", asked: Mapping[str, object], mark: str, now: datetime) -> Derived | Failed:
    """Have a picture made, or join the execution that makes it, and return what became of it.

    `asked` is the input of the execution, `mark` stands for what is asked for of which original. Raises Throttled and
    Unavailable, also where it takes too long.
    """
    with named_errors("the execution"):
        execution = _execution(states, json.dumps(asked, sort_keys=True), mark, now)
        waited = 0.0
        for step in chain(_PAUSES, repeat(_PAUSES[-1])):
            found = states.describe_execution(executionArn=execution)
            if found["status"] == "SUCCEEDED":
                return Derived.model_validate_json(found.get("output", ""))
            if found["status"] != "RUNNING":
                return Failed(found.get("error", found["status"]), found.get("cause", ""))
            pause(timedelta(seconds=step))
            waited += step
            if waited >= PATIENCE.total_seconds():
                break
    raise Unavailable("the picture is still being made; ask again")


def _execution(states: "SFNClient", asked: str, mark: str, now: datetime) -> str:
    """Start an execution by a name that all have who ask for the same thing, and return its ARN.

    One that runs is given back for the same name and input. One that has ended has its name for ever, so the next who
    asks takes the next name of these seconds.
    """
    name = f"{hashlib.sha256(mark.encode()).hexdigest()[:40]}-{int(now.timestamp()) // WINDOW}"
    for number in range(MOST_TRIES):
        try:
            started = states.start_execution(stateMachineArn=MACHINE, name=f"{name}-{number}", input=asked)
        except states.exceptions.ExecutionAlreadyExists:
            continue
        return started["executionArn"]
    raise Unavailable(f"it was tried {MOST_TRIES} times in {WINDOW} seconds; ask again later")
