"""What is assumed of the world: durations, failures and answers of tasks, arrivals, limits; read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from stepsmith.errors import InvalidInput, nearest

MOST_BYTES: Final = 64 * 1024 * 1024
ASSUMED_SECONDS: Final = 0.2
"""What a task takes of which nothing is said."""

Share: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, le=400 * 86_400, allow_inf_nan=False)]
Rate: TypeAlias = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Uniform(_Part):
    """Any duration between two, each as likely as the other."""

    uniform: tuple[Seconds, Seconds]

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.uniform[0] > self.uniform[1]:
            raise ValueError("the first of uniform is larger than the second")
        return self


class Exponential(_Part):
    """Durations of which most are short; `exponential` is their mean."""

    exponential: Seconds


class Lognormal(_Part):
    """Durations as services have them."""

    median: Seconds
    p95: Seconds


class Observed(_Part):
    """Durations that were seen, each as likely as the other."""

    observed: Annotated[list[Seconds], Field(min_length=1)]


Duration: TypeAlias = Seconds | Uniform | Exponential | Lognormal | Observed


class Weighted(_Part):
    """A value, and how often it comes beside others."""

    value: JsonValue
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class Sample(_Part):
    """What one call was seen to do."""

    seconds: Seconds
    value: JsonValue = None
    error: str | None = None


class Task(_Part):
    """What a task does: how long it takes, how it fails, what it gives."""

    seconds: Duration = ASSUMED_SECONDS
    returns: JsonValue = None
    one_of: Annotated[list[Weighted], Field(min_length=1)] | None = None
    """Values instead of `returns`."""
    echoes: str | None = None
    """The name in its payload under which stands what it gives, instead of `returns`."""
    fails: dict[str, Share] = Field(default_factory=dict[str, float])
    """Error -> how many of the calls fail with it."""
    samples: Annotated[list[Sample], Field(min_length=1)] | None = None
    """What calls were seen to do, instead of all this."""
    ignored: Share = 0.0
    """For a task that waits for an answer: how many are never answered."""
    memory_mb: Annotated[int, Field(ge=128, le=10_240)] = 128
    cold_seconds: Duration = 0.0
    """What a call takes longer that finds no environment of its function, and has to wait for one to start."""
    items: list[JsonValue] | None = None
    """For a distributed Map: what its reader reads."""

    @model_validator(mode="after")
    def _possible(self) -> Task:
        if sum(self.fails.values()) > 1 + 1e-9:
            raise ValueError("the shares in fails come to more than 1")
        return self


class Arrivals(_Part):
    """When executions are started."""

    per_second: Rate = 1.0
    pattern: Literal["random", "even", "at once"] = "random"
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """How many come together."""


class Bucket(_Part):
    """A limit as AWS has them: so many at once, and so many a second after that."""

    size: Annotated[int, Field(ge=1)]
    per_second: Rate


class Limits(_Part):
    """What the account allows; None where nothing is limited."""

    functions: Annotated[int, Field(ge=1)] | None = 1000
    """Lambda functions that run at once; what comes beyond fails with Lambda.TooManyRequestsException."""
    warm_seconds: Seconds = 600.0
    """How long an environment of a function stays ready for the next call."""
    starts: Bucket | None = Bucket(size=800, per_second=150)
    """StartExecution of Standard machines; by default as in smaller regions."""
    transitions: Bucket | None = Bucket(size=800, per_second=800)
    """Transitions of states, Standard only."""


class Model(_Part):
    """All of it; `tasks` by the names of states, functions or `service:action`."""

    inputs: Annotated[list[Weighted], Field(min_length=1)] | None = None
    tasks: dict[str, Task] = Field(default_factory=dict[str, Task])
    arrivals: Arrivals = Arrivals()
    limits: Limits = Limits()
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """What functions run on, which decides their price; by default as they are deployed."""


def read_model(source: str | Path | Mapping[str, Any]) -> Model:
    """Read a model: a file in JSON or YAML, or an object.

    Raises InvalidInput naming file and place, with the nearest name for one that is not known.
    """
    if isinstance(source, Mapping):
        return _checked(dict(source), "the model")
    from stepsmith.expressions.json_text import InvalidJson, read
    from stepsmith.service.definitions.files import YAML_ENDINGS, content, is_json
    from stepsmith.service.definitions.nodes import read_nodes
    from stepsmith.service.definitions.placed import json_text

    path = Path(source)
    data = content(path, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{path} has more than {MOST_BYTES} bytes")
    try:
        is_yaml = path.suffix.lower() in YAML_ENDINGS and not is_json(data)
        return _checked(read(json_text(read_nodes(data)) if is_yaml else data), str(path))
    except InvalidJson as error:
        raise InvalidInput(
            f"{path}:{error.line}:{error.column}: {error.message.partition(chr(10))[0]}"
        ) from None


def _checked(value: Any, place: str) -> Model:
    if isinstance(value, dict) and "inputs" in value:
        value = {**cast("dict[str, Any]", value), "inputs": _weighted(value["inputs"])}
    try:
        return Model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # of the forms that a duration may have, what is said of the one that was meant
        first = next((each for each in found if each["type"] == "value_error"), found[0])
        parts = [str(part) for part in first["loc"]]
        hint = nearest(parts[-1], _names(parts), otherwise="") if first["type"] == "extra_forbidden" else ""
        where = ".".join(parts)
        raise InvalidInput(f"{place}: {where or 'the whole'}: {first['msg']}{hint}") from None


def _weighted(given: Any) -> Any:
    """Let inputs be given bare, too."""
    if not isinstance(given, list):
        return given
    return [each if _is_weighted(each) else {"value": each} for each in cast("list[Any]", given)]


def _is_weighted(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and "value" in given
        and set(cast("dict[str, Any]", given)) <= {"value", "weight"}
    )


def _names(parts: list[str]) -> list[str]:
    kinds: dict[str, type[_Part]] = {"arrivals": Arrivals, "limits": Limits, "tasks": Task}
    kind = kinds.get(parts[0], Model) if len(parts) > 1 else Model
    return list(kind.model_fields)
