"""A model of AWS Lambda in memory, with the methods of a boto3 Lambda client.

It keeps functions, versions and aliases by the service's rules, and asks a function given to it what
an invocation does. Nothing it measures is a measurement of AWS: its configurations say so.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from tasks.power_tuning.aws.control_plane import LATEST, Answer
from tasks.power_tuning.aws.service_errors import ServiceError

# ruff: noqa: N803 (the parameters have boto3's names)


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A published version: what the function was when it was published."""

    memory: int
    description: str | None = None


@dataclass(slots=True)
class ModelFunction:
    """A function of the model, with its versions and aliases.

    `published` is what it was when `last_published` was made, if that differs from the version, as its description may.
    """

    memory: int = 128
    description: str | None = ""
    architecture: str | None = "x86_64"
    state: str | None = "Active"
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    versions: dict[str, ModelVersion] = field(default_factory=dict[str, ModelVersion])
    counter: int = 0
    last_published: str | None = None
    published: ModelVersion | None = None


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One invocation: of what, how large, with which payload, and whether it is the version's first."""

    arn: str
    qualifier: str | None
    memory: int
    payload: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """What an invocation of the model answers: its payload, its log, and how it failed, if so."""

    payload: str = "null"
    log: str = ""
    function_error: str | None = None


class InMemoryLambda:
    """A Lambda service that holds the given functions; `run` decides what an invocation does.

    `unknown` makes the function behind an ARN that is not among them; without it there is none.
    `slept` sums up the seconds that tasks asked to wait for.
    """

    def __init__(
        self,
        functions: Mapping[str, ModelFunction],
        run: Callable[[ModelCall], ModelOutcome],
        *,
        measured_by: str = "a performance model",
        unknown: Callable[[], ModelFunction] | None = None,
    ) -> None:
        self.functions = dict(functions)
        self.slept = 0.0
        self._unknown = unknown
        self._run = run
        self._measured_by = measured_by
        self._lock = RLock()
        self._started: set[tuple[str, str]] = set()

    def get_function_configuration(self, *, FunctionName: str, Qualifier: str = LATEST) -> Answer:
        """Return the configuration of the function or of one version."""
        with self._lock:
            function = self._function(FunctionName)
            version = self._version(function, Qualifier)
            return {
                "MemorySize": version.memory,
                "MeasuredBy": self._measured_by,
                **_present("Description", version.description),
                **_present("State", function.state),
                **_present("Architectures", function.architecture and [function.architecture]),
            }

    def update_function_configuration(
        self, *, FunctionName: str, MemorySize: int | None = None, Description: str | None = None
    ) -> Answer:
        """Change the unpublished function; what is not given stays."""
        with self._lock:
            function = self._function(FunctionName)
            if MemorySize is not None:
                function.memory = MemorySize
            if Description is not None:
                function.description = Description
            return {"MemorySize": function.memory}

    def publish_version(self, *, FunctionName: str, Description: str | None = None) -> Answer:
        """Publish the function as it is, or return the last version when nothing changed since."""
        with self._lock:
            function = self._function(FunctionName)
            current = ModelVersion(function.memory, function.description)
            last = function.last_published
            if last in function.versions and (function.published or function.versions[last]) == current:
                return {"Version": last}
            function.counter = 1 + max([function.counter, *map(int, function.versions)])
            number = str(function.counter)
            own = function.description if Description is None else Description
            function.versions[number] = ModelVersion(function.memory, own)
            function.last_published, function.published = number, current
            return {"Version": number, "Description": own or ""}

    def list_versions_by_function(self, *, FunctionName: str, Marker: str = "0") -> Answer:
        """Return up to 50 versions that follow the marker."""
        with self._lock:
            function = self._function(FunctionName)
            numbers = sorted(int(number) for number in function.versions if int(number) > int(Marker))
            page = [
                {"Version": str(number), "Description": function.versions[str(number)].description or ""}
                for number in numbers[:50]
            ]
            return {"Versions": page, **_present("NextMarker", str(numbers[49]) if numbers[50:] else None)}

    def delete_function(self, *, FunctionName: str, Qualifier: str) -> Answer:
        """Delete one version, unless an alias refers to it."""
        with self._lock:
            function = self._function(FunctionName)
            names = [name for name, number in function.aliases.items() if number == Qualifier]
            if names:
                raise ServiceError(
                    "ResourceConflictException",
                    f"Unable to delete version because the following aliases reference it: [{', '.join(names)}]",
                )
            self._version(function, Qualifier)
            del function.versions[Qualifier]
            return {}

    def get_alias(self, *, FunctionName: str, Name: str) -> Answer:
        """Return an alias."""
        with self._lock:
            return {"Name": Name, "FunctionVersion": self._aliased(self._function(FunctionName), Name)}

    def create_alias(self, *, FunctionName: str, Name: str, FunctionVersion: str) -> Answer:
        """Create an alias that is not there yet."""
        with self._lock:
            function = self._function(FunctionName)
            if Name in function.aliases:
                raise ServiceError("ResourceConflictException", f"Alias already exists: {Name}")
            self._version(function, FunctionVersion)
            function.aliases[Name] = FunctionVersion
            return {"Name": Name, "FunctionVersion": FunctionVersion}

    def update_alias(self, *, FunctionName: str, Name: str, FunctionVersion: str) -> Answer:
        """Point an alias at another version."""
        with self._lock:
            function = self._function(FunctionName)
            self._aliased(function, Name)
            self._version(function, FunctionVersion)
            function.aliases[Name] = FunctionVersion
            return {"Name": Name, "FunctionVersion": FunctionVersion}

    def delete_alias(self, *, FunctionName: str, Name: str) -> Answer:
        """Delete an alias."""
        with self._lock:
            function = self._function(FunctionName)
            self._aliased(function, Name)
            del function.aliases[Name]
            return {}

    def invoke(
        self, *, FunctionName: str, Payload: str, LogType: str = "None", Qualifier: str | None = None
    ) -> Answer:
        """Run the function by the model and return what it answers, with its log."""
        with self._lock:
            function = self._function(FunctionName)
            version = self._version(function, Qualifier or LATEST)
            instance = (FunctionName, Qualifier or LATEST)
            is_first = instance not in self._started
            self._started.add(instance)
        outcome = self._run(ModelCall(FunctionName, Qualifier, version.memory, Payload, is_first))
        return {
            "StatusCode": 200,
            "Payload": outcome.payload,
            **_present("LogResult", LogType == "Tail" and base64.b64encode(outcome.log.encode()).decode()),
            **_present("FunctionError", outcome.function_error),
        }

    def get_waiter(self, waiter_name: str, /) -> "ModelWaiter":
        """Return a waiter that finds the function ready at once."""
        return ModelWaiter(self)

    def sleep(self, seconds: float) -> None:
        """Let model time pass, at once."""
        with self._lock:
            self.slept += seconds

    def _function(self, arn: str) -> ModelFunction:
        function = self.functions.get(arn)
        if function is None and self._unknown is not None:
            function = self.functions[arn] = self._unknown()
        if function is None:
            raise ServiceError("ResourceNotFoundException", f"Function not found: {arn}")
        return function

    def _version(self, function: ModelFunction, qualifier: str) -> ModelVersion:
        if qualifier == LATEST:
            return ModelVersion(function.memory, function.description)
        version = function.versions.get(function.aliases.get(qualifier, qualifier))
        if version is None:
            raise ServiceError("ResourceNotFoundException", f"Function not found: {qualifier}")
        return version

    def _aliased(self, function: ModelFunction, name: str) -> str:
        if name not in function.aliases:
            raise ServiceError("ResourceNotFoundException", f"Cannot find alias: {name}")
        return function.aliases[name]


@dataclass(frozen=True, slots=True)
class ModelWaiter:
    """A waiter of the model: what is there is ready."""

    service: InMemoryLambda

    def wait(self, *, FunctionName: str, Qualifier: str = LATEST) -> None:
        """Return at once; raises as the service when there is no such function or version."""
        self.service.get_function_configuration(FunctionName=FunctionName, Qualifier=Qualifier)


def _present(key: str, value: object) -> dict[str, Any]:
    return {key: value} if value is not None and value is not False else {}
