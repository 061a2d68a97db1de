"""Checking the input of power tuning before anything is called or changed."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput, TooLarge
from tasks.power_tuning.aws.function_arn import function_arn
from tasks.power_tuning.ecmascript import to_json
from tasks.power_tuning.models import DEFAULT_POWERS, TuningRequest
from tasks.power_tuning.payloads import payloads_for, s3_location

LARGEST_INLINE_PAYLOAD: Final = 96 * 1024
"""Bytes of JSON; with the rest of a plan it stays within what a state may pass on."""

MOST_COLD_STARTS: Final = 5000
LONGEST_STEP_MS: Final = 14 * 60 * 1000


def checked_request(values: Mapping[str, Json]) -> TuningRequest:
    """Return the request that the input makes.

    Raises InvalidInput, naming the field, or TooLarge for a payload that belongs in S3.
    """
    try:
        request = TuningRequest.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(_told(error)) from None
    function_arn(request.lambda_arn)
    for field, arn in (
        ("preProcessorARN", request.pre_processor_arn),
        ("postProcessorARN", request.post_processor_arn),
    ):
        if arn is not None:
            function_arn(arn, field=field, may_be_qualified=True)
    _check_powers(request)
    _check_payload(request)
    _check_effort(request)
    return request


def powers_of(request: TuningRequest) -> list[int]:
    """Return the memory sizes to measure, in the order asked for."""
    return list(request.power_values or DEFAULT_POWERS)


def runs_of(request: TuningRequest) -> int:
    """Return how often the function is invoked for each memory size."""
    return 1 if request.dry_run else request.num


def _check_powers(request: TuningRequest) -> None:
    powers = powers_of(request)
    repeated = sorted({power for power in powers if powers.count(power) > 1})
    if repeated:
        raise InvalidInput(f"powerValues: {repeated[0]} is there more than once")


def _check_payload(request: TuningRequest) -> None:
    if request.payload_s3 is not None:
        s3_location(request.payload_s3)
        return
    size = len(to_json(request.payload).encode(errors="surrogatepass"))
    if size > LARGEST_INLINE_PAYLOAD:
        raise TooLarge(
            f"payload: {size} bytes are more than {LARGEST_INLINE_PAYLOAD}; put it in S3 and give payloadS3"
        )
    payloads_for(runs_of(request), request.payload)


def _check_effort(request: TuningRequest) -> None:
    versions = len(powers_of(request)) * runs_of(request)
    if request.only_cold_starts and versions > MOST_COLD_STARTS:
        raise InvalidInput(f"num: {versions} cold starts are more than {MOST_COLD_STARTS}")
    pauses = request.sleep_between_runs_ms * runs_of(request)
    if pauses > LONGEST_STEP_MS and not request.parallel_invocation:
        raise InvalidInput(
            f"sleepBetweenRunsMs: the pauses take {pauses // 1000} s, and a step may take {LONGEST_STEP_MS // 1000} s"
        )
    if request.auto_optimize_alias is not None and not request.auto_optimize:
        raise InvalidInput("autoOptimizeAlias: has no effect without autoOptimize")


def _told(error: ValidationError) -> str:
    problems: dict[str, str] = {}
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"])
        problems.setdefault(place or "input", problem["msg"].removeprefix("Value error, "))
    return "; ".join(f"{place}: {text}" for place, text in list(problems.items())[:10])
