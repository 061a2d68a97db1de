"""The recordings of aws-lambda-power-tuning, and the control plane that they were made against.

The environment variable VECTORS names another folder of the same form.
"""

import io
import json
import math
import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tasks.power_tuning import handlers, prices
from tasks.power_tuning.aws import control_plane
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import (
    InMemoryLambda,
    ModelCall,
    ModelFunction,
    ModelOutcome,
    ModelVersion,
)
from tests.shared_data import SHARED, needs_shared

VECTORS = Path(os.environ.get("VECTORS", SHARED / "vectors" / "power_tuning"))

needs_vectors = [] if "VECTORS" in os.environ else [needs_shared]
"""The marks of a test of recordings."""

Case = dict[str, Any]


def vectors(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def same(ours: Any, theirs: Any) -> bool:
    """Equal as JSON, numbers to a relative 1e-12."""
    if isinstance(theirs, dict) and "$num" in theirs:
        return isinstance(ours, float) and str(ours).lower() == theirs["$num"].lower()
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=0)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


def price_tables(env: dict[str, str]) -> prices.PriceTables:
    return prices.PriceTables(per_ms=json.loads(env["baseCosts"]), per_transition=json.loads(env["sfCosts"]))


def settings(env: dict[str, str]) -> handlers.Settings:
    return handlers.Settings(
        region=env["AWS_REGION"],
        smallest=int(env["minRAM"]),
        default_powers=tuple(env["defaultPowerValues"].split(",")),
        page=env["visualizationURL"],
        tables=price_tables(env),
    )


class World:
    """The control plane of a case: our model of Lambda, scripted, with faults, and every call noted."""

    def __init__(self, world: Case, objects: dict[str, str | None] | None = None) -> None:
        self.calls: list[tuple[str, Case]] = []
        self.scripts = {arn: function.get("script", {}) for arn, function in world["functions"].items()}
        self.turns: Counter[tuple[str, str]] = Counter()
        self.faults = [dict(fault) for fault in world.get("faults", [])]
        self.objects = objects or world.get("objects") or {}
        self.lock = threading.RLock()
        functions = {arn: model_function(function) for arn, function in world["functions"].items()}
        self.model = InMemoryLambda(functions, self.run)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        operation = "".join(word.capitalize() for word in method.split("_"))
        operation = {"DeleteFunction": "DeleteFunction", "GetWaiter": ""}.get(operation, operation)
        if not operation:
            return self.waiter
        target = getattr(self.model, method)

        def call(**parameters: Any) -> Any:
            noted = {key: value for key, value in parameters.items() if key != "LogType"}
            if operation == "Invoke":
                noted.setdefault("Qualifier", None)
            with self.lock:
                self.note(operation, noted)
                return target(**parameters)

        return call

    def waiter(self, name: str) -> Any:
        operation = {
            "function_updated_v2": "WaitFunctionUpdated",
            "function_active_v2": "WaitFunctionActive",
        }[name]
        return SimpleNamespace(wait=lambda **parameters: self.note(operation, parameters))

    def note(self, operation: str, parameters: Case) -> None:
        with self.lock:
            self.calls.append((operation, parameters))
            nth = sum(1 for name, _ in self.calls if name == operation)
        for fault in self.faults:
            if fault["op"] == operation and fault.get("nth", nth) == nth:
                raise ServiceError(fault["name"], fault["message"])

    def run(self, call: ModelCall) -> ModelOutcome:
        scripts = self.scripts[call.arn]
        qualifier = call.qualifier or control_plane.LATEST
        script = scripts.get(qualifier, scripts.get("*", [{"payload": ""}]))
        entry = script[self.turns[call.arn, qualifier] % len(script)]
        self.turns[call.arn, qualifier] += 1
        if "fault" in entry:
            raise ServiceError(entry["fault"]["name"], entry["fault"]["message"])
        return ModelOutcome(entry["payload"] or "", entry.get("log", ""), entry.get("functionError"))

    def get_object(self, Bucket: str, Key: str) -> Any:
        self.note("GetObject", {"Bucket": Bucket, "Key": Key})
        location = f"s3://{Bucket}/{Key}"
        if location not in self.objects:
            raise ServiceError("NoSuchKey", "The specified key does not exist.")
        content = self.objects[location]
        if content is None:
            raise ServiceError("AccessDenied", "Access Denied")
        return {"Body": io.BytesIO(content.encode())}

    def left(self) -> Case:
        """The functions as the recordings show them at the end."""
        return {
            arn: {
                "memory": function.memory,
                "description": function.description,
                "aliases": function.aliases,
                "versions": list(function.versions),
            }
            for arn, function in self.model.functions.items()
        }

    def sleep(self, seconds: float) -> None:
        self.note("Sleep", {"ms": seconds * 1000})


def model_function(function: Case) -> ModelFunction:
    architectures = function.get("architectures")
    return ModelFunction(
        memory=function["memory"],
        description=function.get("description"),
        architecture=architectures[0] if architectures else None,
        state=function.get("state"),
        aliases=dict(function.get("aliases", {})),
        versions={
            number: ModelVersion(version["memory"], version.get("description"))
            for number, version in function.get("versions", {}).items()
        },
        counter=function.get("counter", 0),
        last_published=function.get("lastPublished"),
    )
