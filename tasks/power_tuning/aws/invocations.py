"""Running a function many times, each run between its pre- and post-processor."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from stepsmith.expressions.types import Json
from tasks.errors import Rejected, Throttled
from tasks.power_tuning.aws import control_plane
from tasks.power_tuning.aws.control_plane import Invocation, LambdaClient, Sleep
from tasks.power_tuning.ecmascript import to_json

LONGEST_MESSAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation: of which version or alias, with which payload."""

    qualifier: str
    payload: str


@dataclass(frozen=True, slots=True)
class Processor:
    """A function that is invoked before or after each run, and the Lambda of its region."""

    arn: str
    lambda_: LambdaClient


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What surrounds every run.

    `pause_ms` is slept after each run in turn; `waits` makes each run wait until its version is active;
    `is_discreet` keeps payloads out of messages; `allowed` names the error types that count as results;
    `attempts` is how often an invocation is tried while Lambda answers that there are too many.
    """

    arn: str
    pre_processor: Processor | None = None
    post_processor: Processor | None = None
    allowed: frozenset[str] = frozenset()
    is_discreet: bool = False
    pause_ms: int = 0
    waits: bool = False
    attempts: int = 1


def run_in_turn(
    runs: Sequence[Run], options: RunOptions, lambda_: LambdaClient, sleep: Sleep
) -> list[Invocation]:
    """Return the answers of the runs, made one after another.

    Raises Rejected at the first run that fails with an error that is not allowed, or whose processor fails.
    """
    answers: list[Invocation] = []
    for run in runs:
        answers.append(_run(run, options, lambda_, sleep, "in series"))
        if options.pause_ms > 0:
            sleep(options.pause_ms / 1000)
    return answers


def run_at_once(
    runs: Sequence[Run], options: RunOptions, lambda_: LambdaClient, sleep: Sleep, *, limit: int
) -> list[Invocation]:
    """Return the answers of the runs, made at the same time, no more than `limit` of them.

    All runs are made before the first failure is raised, as Rejected.
    """
    if not runs:
        return []
    with ThreadPoolExecutor(max_workers=min(limit, len(runs))) as pool:
        futures = [pool.submit(_run, run, options, lambda_, sleep, "in parallel") for run in runs]
    return [future.result() for future in futures]


def refuse_failed(situation: str, payload: str, sent: str | None = None, is_discreet: bool = False) -> None:
    """Raise Rejected, telling the error that a failed invocation answered with and what it was sent."""
    failure = Invocation(payload, None, has_failed=True).failure
    trace = failure.get("trace", failure.get("stackTrace"))
    told = "" if is_discreet else f" with payload {_shortened(sent or 'null')}"
    traced = "" if trace is None else f", trace {_shortened(to_json(trace))}"
    raise Rejected(
        f"{situation}{told}: error type {_error_type(failure)!r}, "
        f"message {_shortened(str(failure.get('errorMessage', payload)))!r}{traced}"
    )


def _run(run: Run, options: RunOptions, lambda_: LambdaClient, sleep: Sleep, manner: str) -> Invocation:
    if options.waits:
        control_plane.wait_until_active(lambda_, options.arn, run.qualifier)
    payload = run.payload
    if options.pre_processor is not None:
        payload = _process(options.pre_processor, payload, "pre-processor", options) or payload
    answer = _patiently(options, lambda_, sleep, payload, run.qualifier)
    if options.post_processor is not None:
        _process(options.post_processor, answer.payload, "post-processor", options)
    if answer.has_failed and _error_type(answer.failure) not in options.allowed:
        refuse_failed(f"invocation error (running {manner})", answer.payload, payload, options.is_discreet)
    return answer


def _patiently(
    options: RunOptions, lambda_: LambdaClient, sleep: Sleep, payload: str, qualifier: str
) -> Invocation:
    for attempt in range(1, options.attempts):
        try:
            return control_plane.invoke(lambda_, options.arn, payload, qualifier)
        except Throttled:
            sleep(2.0 ** (attempt - 1))
    return control_plane.invoke(lambda_, options.arn, payload, qualifier)


def _process(processor: Processor, payload: str, role: str, options: RunOptions) -> str:
    answer = control_plane.invoke(processor.lambda_, processor.arn, payload)
    if answer.has_failed:
        told = "" if options.is_discreet else f" and payload {_shortened(payload)}"
        raise Rejected(f"the {role} {processor.arn} failed with {_shortened(answer.payload)}{told}")
    return answer.payload


def _error_type(failure: dict[str, Json]) -> str:
    return str(failure.get("errorType", "unknown"))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}..."
