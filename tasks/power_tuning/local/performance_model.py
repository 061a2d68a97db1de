"""How long a function runs at which memory size, by a model: to try power tuning without AWS."""

import hashlib
import itertools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tasks.power_tuning.local.model_plane import InMemoryLambda, ModelCall, ModelFunction, ModelOutcome

WHOLE_CPU: Final = 1769
"""Megabytes at which Lambda gives one whole virtual CPU."""


@dataclass(frozen=True, slots=True)
class PerformanceModel:
    """A function that computes for `cpu_ms` on a whole CPU and waits for `wait_ms`, give or take `noise`.

    A first run takes `init_ms` more; below `needs_mb` it dies; after `timeout_ms` it is stopped.
    The same seed gives the same runs.
    """

    cpu_ms: float = 400
    wait_ms: float = 60
    init_ms: float = 250
    needs_mb: int = 0
    timeout_ms: float = 900_000
    noise: float = 0.02
    seed: str = "0"
    _count: Callable[[], int] = field(
        default_factory=lambda: itertools.count().__next__, repr=False, compare=False
    )

    def duration_at(self, memory: int) -> float:
        """Return the milliseconds of a run without noise."""
        return self.wait_ms + scaled_cpu(self.cpu_ms, memory)

    def run(self, call: ModelCall) -> ModelOutcome:
        """Answer an invocation, with the log that Lambda writes."""
        number = self._count()
        digest = hashlib.sha256(f"{self.seed}:{call.arn}:{call.memory}:{number}".encode()).digest()
        spread = int.from_bytes(digest[:8], "big") / 2**63 - 1
        request_id = str(UUID(bytes=digest[:16]))
        duration = self.duration_at(call.memory) * (1 + self.noise * spread)
        init = self.init_ms if call.is_first else 0
        if call.memory < self.needs_mb:
            return failed_outcome(request_id, call, 10, "Runtime.OutOfMemory", "signal: killed")
        if duration > self.timeout_ms:
            seconds = f"Task timed out after {self.timeout_ms / 1000:.2f} seconds"
            return failed_outcome(request_id, call, self.timeout_ms, "Sandbox.Timedout", seconds)
        return ModelOutcome("null", report_log(request_id, call.memory, duration, init))


def scaled_cpu(cpu_ms: float, memory: int) -> float:
    """Return what a single thread's CPU time becomes with the share of a CPU that the memory size gets."""
    return cpu_ms * WHOLE_CPU / min(memory, WHOLE_CPU)


def report_log(request_id: str, memory: int, duration: float, init: float = 0) -> str:
    """Return the log tail of an invocation in the text format of Lambda."""
    started = f"\tInit Duration: {init:.2f} ms" if init else ""
    return (
        f"START RequestId: {request_id} Version: 1\nEND RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\t"
        f"Billed Duration: {math.ceil(duration + init)} ms\tMemory Size: {memory} MB\t"
        f"Max Memory Used: {min(memory, 64)} MB{started}\t\n"
    )


def failed_outcome(
    request_id: str, call: ModelCall, duration: float, error_type: str, message: str
) -> ModelOutcome:
    """Return the answer of an invocation whose function failed."""
    return ModelOutcome(
        json.dumps({"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}),
        report_log(request_id, call.memory, duration),
        "Unhandled",
    )


def modelled_lambda(model: PerformanceModel | None = None, *, architecture: str = "x86_64") -> InMemoryLambda:
    """Return a Lambda client in memory, where every ARN is a function of 128 MB that runs by the model."""
    return InMemoryLambda(
        {},
        (model or PerformanceModel()).run,
        unknown=lambda: ModelFunction(architecture=architecture),
    )
