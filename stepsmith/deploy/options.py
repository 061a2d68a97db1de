"""Choices of a deployment that the workflows do not make themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from stepsmith.authoring.tasks.provisions import FunctionOptions
from stepsmith.deploy.errors import DeploymentError

LogLevel: TypeAlias = Literal["ALL", "ERROR", "FATAL", "OFF"]

_TOPIC: Final = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+", re.ASCII)
_BOUNDARY: Final = re.compile(r"arn:[a-z-]+:iam::(?:[0-9]{12}|aws):policy/[\w+=,.@/-]+", re.ASCII)
_ROLE_PATH: Final = re.compile(r"/(?:[\w+=,.@-]+/)*", re.ASCII)
_KEY: Final = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", re.ASCII)
_SUBNET: Final = re.compile(r"subnet-[0-9a-f]{8,17}", re.ASCII)
_GROUP: Final = re.compile(r"sg-[0-9a-f]{8,17}", re.ASCII)
_RETENTIONS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The days for which CloudWatch Logs can keep a log, from PutRetentionPolicy."""
_TAG: Final = re.compile(r"[\w\s.:/=+@-]*")
RUNTIMES: Final = ("python3.11", "python3.12", "python3.13", "python3.14")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How executions move to a new version of a state machine."""

    kind: Literal["ALL_AT_ONCE", "CANARY", "LINEAR"] = "ALL_AT_ONCE"
    percentage: int = 10
    """The share that moves first or, with LINEAR, each time."""
    minutes: int = 5
    """Between two moves."""
    alarms: tuple[str, ...] = ()
    """Names of alarms that move everything back, besides the one on failed executions."""

    def __post_init__(self) -> None:
        if not 1 <= self.percentage <= 99:
            raise DeploymentError(f"a shift of {self.percentage} percent is not between 1 and 99")
        if not 1 <= self.minutes <= 2100:
            raise DeploymentError(f"{self.minutes} minutes between shifts are not between 1 and 2100")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where functions run that reach what is in a VPC."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]

    def __post_init__(self) -> None:
        for what, names, pattern in (
            ("subnet", self.subnets, _SUBNET),
            ("security group", self.security_groups, _GROUP),
        ):
            if not names:
                raise DeploymentError(f"a VPC needs a {what} at least")
            for name in names:
                if not pattern.fullmatch(name):
                    raise DeploymentError(f"{name[:80]!r} is no id of a {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionChoice:
    """What a stage says of functions, in place of what tasks say."""

    memory: int | None = None
    """In MB."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables besides those of the task; `{{resolve:...}}` is filled by CloudFormation."""
    reserved_concurrency: int | None = None
    """How many calls of one function may run at once; as many are kept for it."""

    def __post_init__(self) -> None:
        try:
            FunctionOptions(memory=128 if self.memory is None else self.memory, environment=self.environment)
        except ValueError as error:
            raise DeploymentError(str(error)) from None
        if self.reserved_concurrency is not None and self.reserved_concurrency < 0:
            raise DeploymentError(f"a concurrency of {self.reserved_concurrency} cannot be reserved")

    def over(self, other: FunctionChoice) -> FunctionChoice:
        """Give both, where this one comes first."""
        concurrency = self.reserved_concurrency
        return FunctionChoice(
            memory=other.memory if self.memory is None else self.memory,
            environment={**other.environment, **self.environment},
            reserved_concurrency=other.reserved_concurrency if concurrency is None else concurrency,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choices that the workflows do not make themselves."""

    shift: Shift = field(default_factory=Shift)
    retention: int = 30
    """Days for which logs are kept."""
    log_level: LogLevel = "ERROR"
    """What state machines log of their executions; never the data."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    express: frozenset[str] = frozenset()
    """The workflows that are deployed as Express state machines."""
    runtime: str = "python3.13"
    alias: str = "live"
    """The alias of each state machine that triggers start."""
    keep_failures: bool = True
    """Whether a queue keeps which executions failed, timed out or were aborted."""
    notify: str | None = None
    """The ARN of an SNS topic that hears of every alarm."""
    every_function: FunctionChoice = field(default_factory=FunctionChoice)
    functions: Mapping[str, FunctionChoice] = field(default_factory=dict[str, FunctionChoice])
    """Name of a task -> what is said of its function alone."""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name of a parameter -> what it is in place of its default."""
    network: Network | None = None
    """The VPC that functions run in."""
    permissions_boundary: str | None = None
    """The ARN of a policy that bounds every role."""
    role_path: str | None = None
    """The path of every role, such as `/shop/`."""
    kms_key: str | None = None
    """The ARN of a key that encrypts data, messages, variables and logs in place of the services' own keys."""

    def __post_init__(self) -> None:
        if self.retention not in _RETENTIONS:
            days = ", ".join(map(str, _RETENTIONS))
            raise DeploymentError(f"logs cannot be kept for {self.retention} days; there are {days}")
        for name, value in self.tags.items():
            if not 1 <= len(name) <= 128 or len(value) > 256 or not _TAG.fullmatch(name + value):
                raise DeploymentError(f"{name!r} cannot be a tag")
            if name.lower().startswith("aws:"):
                raise DeploymentError(f"{name!r} is a tag that AWS keeps to itself")
        if self.runtime not in RUNTIMES:
            raise DeploymentError(f"{self.runtime[:80]!r} is no runtime; there are {', '.join(RUNTIMES)}")
        for value, pattern, what in (
            (self.notify, _TOPIC, "ARN of an SNS topic"),
            (self.permissions_boundary, _BOUNDARY, "ARN of a policy"),
            (self.role_path, _ROLE_PATH, "path of roles such as '/shop/'"),
            (self.kms_key, _KEY, "ARN of a KMS key; an alias is none"),
        ):
            if value is not None and not pattern.fullmatch(value):
                raise DeploymentError(f"{value[:200]!r} is no {what}")

    def of_function(self, names: tuple[str, ...]) -> FunctionChoice:
        """Give what is said of the function of a task, by any of its names."""
        found = self.every_function
        for name in names:
            if name in self.functions:
                found = self.functions[name].over(found)
        return found
