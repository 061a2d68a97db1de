"""What is fixed for the executions of one state machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

MachineType: TypeAlias = Literal["STANDARD", "EXPRESS"]
Status: TypeAlias = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]

ACCOUNT: Final = "123456789012"
"""The account of executions here."""
MOST_EVENTS: Final = 25_000
"""Events that the history of a Standard execution may have."""
MOST_EXPRESS_EVENTS: Final = 1_000_000
"""Events after which an Express execution counts as having used up its five minutes without ever waiting."""
STANDARD_SECONDS: Final = 365 * 86_400
EXPRESS_SECONDS: Final = 300
MOST_INLINE_ITERATIONS: Final = 40
"""Iterations of an inline Map that run at a time."""


@frozen(kw_only=True)
class Settings:
    """Names, ARNs and switches of a state machine, shared by its executions."""

    state_machine_name: str = "machine"
    account: str = ACCOUNT
    region: str = "us-east-1"
    role_arn: str = "arn:aws:iam::123456789012:role/machine"
    state_machine_arn: str = ""
    """Made of region, account and name when empty."""
    alias_arn: str | None = None
    version_arn: str | None = None
    quotas: bool = True
    """False lifts the limits on events, payloads and durations."""
    seed: int = 0
    """Together with the execution's ARN decides all random numbers, UUIDs and task tokens."""
    locates_causes: bool = True
    """Whether causes of runtime errors name the state and its entered event; TestState has no events to name."""
    keeps_children: bool = False
    """Whether Map Runs know their child executions when these have ended; otherwise those are forgotten."""
    most_children: int = 1000
    """Child executions of a distributed Map that are alive at a time, at most."""
    clock: Callable[[], float] | None = None
    """The clock that ends an expression within a second; without one only counted bounds do."""
    refuse: Callable[[str, Json], str | None] | None = None
    """Given a resource and its payload, says why the task cannot be scheduled at all, or None."""

    @property
    def machine_arn(self) -> str:
        """The ARN of the state machine."""
        if self.state_machine_arn:
            return self.state_machine_arn
        return f"arn:aws:states:{self.region}:{self.account}:stateMachine:{self.state_machine_name}"

    def execution_arn(self, type: MachineType, name: str, unique: str) -> str:
        """Make the ARN of an execution; `unique` ends the ARN of an Express execution."""
        start = self.machine_arn.split(":stateMachine:")[0]
        if type == "EXPRESS":
            return f"{start}:express:{self.state_machine_name}:{name}:{unique}"
        return f"{start}:execution:{self.state_machine_name}:{name}"
