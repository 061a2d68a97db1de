"""The payloads that the function under measurement is invoked with."""

import heapq
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import unquote

from stepsmith.expressions.types import Json
from tasks.errors import Forbidden, InvalidInput, NotFound
from tasks.power_tuning.aws.service_errors import error_code, named_error
from tasks.power_tuning.ecmascript import is_truthy, parse_json, to_json, total_of

_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Body(Protocol):
    """The streaming body of an S3 object."""

    def read(self) -> bytes:
        """Return all that is left of the body."""
        ...


class ObjectReader(Protocol):
    """The one call of a boto3 S3 client that fetches a payload."""

    def get_object(self, *, Bucket: str, Key: str) -> "dict[str, Body]":  # noqa: N803 (boto3's names)
        """Return the object; its body is under `Body`."""
        ...


@dataclass(frozen=True, slots=True)
class WeightedPayload:
    """A payload and how often it is sent compared with the others."""

    payload: Json
    weight: float


def invocation_payload(value: Json) -> str:
    """Return the JSON text that a payload is sent as; a text that is JSON already passes unchanged."""
    if isinstance(value, str) and _is_json(value):
        return value
    return to_json(value)


def weighted_payloads(value: Json) -> list[WeightedPayload] | None:
    """Return the weighted payloads when every item of a list has a payload and a weight, else None.

    Raises InvalidInput when a weight is not a positive number.
    """
    if not isinstance(value, list) or not value:
        return None
    weighted: list[WeightedPayload] = []
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            return None
        payload, weight = item.get("payload"), item.get("weight")
        if not is_truthy(payload) or not is_truthy(weight):
            return None
        weighted.append(WeightedPayload(payload, _checked_weight(weight, index)))
    return weighted


def is_weighted(value: Json) -> bool:
    """Tell whether the value is a non-empty list whose items all have a payload and a weight."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(item, dict) and is_truthy(item.get("payload")) and is_truthy(item.get("weight"))
            for item in value
        )
    )


def payloads_for(count: int, payload: Json) -> list[str]:
    """Return one payload for each of `count` invocations, shared out by weight if the payload is weighted.

    Every weighted payload is sent at least once, and the rest by largest remainder, so that a rare payload
    is not lost. Raises InvalidInput when there are more payloads than invocations.
    """
    weighted = weighted_payloads(payload)
    if weighted is None:
        return [invocation_payload(payload)] * count
    if count < len(weighted):
        raise InvalidInput(f"payload: {len(weighted)} weighted payloads need num of at least {len(weighted)}")
    return _expanded(weighted, shares(count, [item.weight for item in weighted]))


def payloads_by_floor(count: int, payload: Json) -> list[str]:
    """Return one payload for each invocation, shared out as aws-lambda-power-tuning does.

    Each payload gets its share rounded down, and the last one takes the rest.
    Raises InvalidInput when there are more payloads than invocations or a share is below one.
    """
    weighted = weighted_payloads(payload)
    if weighted is None:
        return [invocation_payload(payload)] * count
    if count < len(weighted):
        raise InvalidInput(f"there are {len(weighted)} payloads and num is only {count}")
    total = total_of(item.weight for item in weighted)
    counts = [math.floor(item.weight * count / total) for item in weighted]
    if min(counts) < 1:
        raise InvalidInput("a payload weight is too small for num")
    counts[-1] = count - sum(counts[:-1])
    return _expanded(weighted, counts)


def shares(count: int, weights: Sequence[float]) -> list[int]:
    """Share `count` out in proportion to the weights by largest remainder, at least one for each weight.

    Weights are positive and no more than `count`.
    """
    largest = max(weights)
    scaled = [weight / largest for weight in weights]
    total = math.fsum(scaled)
    quotas = [count * weight / total for weight in scaled]
    counts = [max(1, math.floor(quota)) for quota in quotas]
    missing = count - sum(counts)
    for index in heapq.nlargest(missing, range(len(quotas)), key=lambda index: quotas[index] - counts[index]):
        counts[index] += 1
    _take_back(counts, quotas, -missing)
    return counts


def _take_back(counts: list[int], quotas: list[float], surplus: int) -> None:
    """Take what rare payloads were given beyond their share, if anything, from those furthest above theirs."""
    above = [
        (quota - have, index)
        for index, (have, quota) in enumerate(zip(counts, quotas, strict=True))
        if have > 1
    ]
    heapq.heapify(above)
    for _ in range(surplus):
        below, index = heapq.heappop(above)
        counts[index] -= 1
        if counts[index] > 1:
            heapq.heappush(above, (below + 1, index))


def payload_from_s3(location: Json, s3: ObjectReader) -> Json:
    """Return the payload in the object that `s3://bucket/key` names, parsed if it is JSON, else its text.

    Raises InvalidInput for another form of location, NotFound and Forbidden as S3 answers.
    """
    bucket, key = s3_location(location)
    try:
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except Exception as error:
        raise _read_failure(error, f"s3://{bucket}/{key}") from error
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"payloadS3: s3://{bucket}/{key} is not UTF-8 text") from None
    try:
        return parse_json(text)
    except ValueError:
        return text


def s3_location(location: Json) -> tuple[str, str]:
    """Return the bucket and the percent-decoded key of `s3://bucket/key`.

    Raises InvalidInput for anything else, and for a percent sign that stands for no character: it is written %25.
    """
    if not isinstance(location, str) or not location.startswith("s3://"):
        raise InvalidInput(f"payloadS3: {str(location)[:200]!r} is not of the form s3://bucket/key")
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise InvalidInput(f"payloadS3: {location[:200]!r} lacks the bucket or the key")
    if _STRAY_PERCENT.search(key):
        raise InvalidInput(f"payloadS3: {location[:200]!r} has a % that is not written %25")
    try:
        return bucket, unquote(key, errors="strict")
    except UnicodeDecodeError:
        raise InvalidInput(f"payloadS3: {location[:200]!r} does not stand for a UTF-8 text") from None


def _expanded(weighted: list[WeightedPayload], counts: list[int]) -> list[str]:
    return [
        text
        for item, times in zip(weighted, counts, strict=True)
        for text in [invocation_payload(item.payload)] * times
    ]


def _checked_weight(weight: Json, index: int) -> float:
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise InvalidInput(f"payload[{index}].weight: {str(weight)[:50]!r} is not a number")
    if not 0 < weight < 1e300:
        raise InvalidInput(f"payload[{index}].weight: {weight!r} is not a positive number")
    return weight


def _is_json(text: str) -> bool:
    try:
        parse_json(text)
    except ValueError:
        return False
    return True


def _read_failure(error: Exception, location: str) -> Exception:
    match error_code(error):
        case "NoSuchKey" | "NoSuchBucket" | "NotFound" | "404":
            return NotFound(f"payloadS3: the object {location} does not exist")
        case "AccessDenied" | "Forbidden" | "403":
            return Forbidden(f"payloadS3: reading {location} is not allowed")
        case _:
            return named_error(error)
