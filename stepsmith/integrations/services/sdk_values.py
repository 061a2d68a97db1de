"""JSON of the language to parameters of boto3, and answers of boto3 to JSON, along botocore's service model."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import compact

if TYPE_CHECKING:
    from botocore.model import Shape

MAX_BODY_BYTES = 262_144
"""The most that is read of a streaming body: one byte more than this is already too large for a state."""


def pascal_case(name: str) -> str:
    """Return a member's name as AWS's SDK for Java spells it, with a capital first letter.

    A leading run of capitals is one word: `DBInstance` is `DbInstance`, `SSEKMSKeyId` is `SsekmsKeyId`, `ETag` stays.
    """
    run = 0
    while run < len(name) and name[run].isupper():
        run += 1
    if run <= 1:
        return name[:1].upper() + name[1:]
    end = run - 1 if run < len(name) and name[run].islower() else run
    return name[0] + name[1:end].lower() + name[end:]


def to_parameters(value: Json, shape: Shape | None, *, unknown: list[str]) -> Any:
    """Return `value` as boto3 takes it for `shape`; names of members that the shape lacks go to `unknown`."""
    if shape is None or value is None:
        return value
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return _structure(value, shape, unknown)
        case "map" if isinstance(value, dict):
            inner = cast("Any", shape).value
            return {key: to_parameters(each, inner, unknown=unknown) for key, each in value.items()}
        case "list" if isinstance(value, list):
            inner = cast("Any", shape).member
            return [to_parameters(each, inner, unknown=unknown) for each in value]
        case "string" if not isinstance(value, str):
            return compact(value)
        case "blob":
            return (
                value.encode() if isinstance(value, str) and not _streams(shape) else compact(value).encode()
            )
        case "timestamp" if isinstance(value, str):
            return _instant(value)
        case _:
            return value


def _structure(value: dict[str, Json], shape: Shape, unknown: list[str]) -> dict[str, Any]:
    members = cast("Mapping[str, Shape]", cast("Any", shape).members)
    if cast("Any", shape).is_document_type:
        return cast("dict[str, Any]", value)
    by_name = {_fold(name): name for name in members}
    result: dict[str, Any] = {}
    for key, each in value.items():
        name = by_name.get(_fold(key)) or by_name.get(_fold(key).removesuffix("value"))
        if name is None:
            unknown.append(key)
        elif each is not None:
            result[name] = to_parameters(each, members[name], unknown=unknown)
    return result


def _streams(shape: Shape) -> bool:
    """Say whether a blob is the body of a request, which AWS sends as JSON text (recorded: with its quotes)."""
    return bool(shape.serialization.get("streaming"))


def _fold(name: str) -> str:
    return name.lower()


def _instant(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def to_json(value: Any, shape: Shape | None) -> Json:
    """Return an answer of boto3 as JSON: names in PascalCase, times as ISO-8601 text, bodies as text."""
    if isinstance(value, dict):
        return _object(cast("dict[str, Any]", value), shape)
    if isinstance(value, list | tuple):
        inner = cast("Any", shape).member if shape is not None and shape.type_name == "list" else None
        return [to_json(each, inner) for each in cast("list[Any]", value)]
    if value is None or isinstance(value, bool | int | float | str):
        return cast("Json", value)
    return _leaf(value)


def _object(value: dict[str, Any], shape: Shape | None) -> Json:
    if shape is not None and shape.type_name == "map":
        return {key: to_json(each, cast("Any", shape).value) for key, each in value.items()}
    if shape is None or shape.type_name != "structure" or cast("Any", shape).is_document_type:
        return {key: to_json(each, None) for key, each in value.items()}
    members = cast("Mapping[str, Shape]", cast("Any", shape).members)
    return {
        pascal_case(key): to_json(each, members.get(key))
        for key, each in value.items()
        if key != "ResponseMetadata" and each is not None
    }


def _leaf(value: Any) -> Json:
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, bytes | bytearray):
        return _blob(bytes(value))
    if hasattr(value, "read"):
        return value.read(MAX_BODY_BYTES + 1).decode("utf-8", "replace")
    return str(value)


def _blob(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")


def iso_time(value: datetime) -> str:
    """Return an instant as AWS writes it: UTC, at most milliseconds, no trailing zeros."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    moment = value.astimezone(UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{moment.microsecond // 1000:03d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"
