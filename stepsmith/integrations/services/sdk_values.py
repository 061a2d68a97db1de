"""JSON of the language to parameters of boto3, and answers of boto3 to JSON, along botocore's service model."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from stepsmith.asl.services import Naming, member_name
from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import compact

if TYPE_CHECKING:
    from botocore.model import Shape

MAX_BODY_BYTES = 262_144
"""The most that is read of a streaming body: one byte more than this is already too large for a state."""


def to_parameters(value: Json, shape: Shape | None, naming: Naming, *, unknown: list[str]) -> Any:
    """Return `value` as boto3 takes it for `shape`; names of members that the shape lacks go to `unknown`.

    A single value stands for a list of one, as in AWS.
    """
    if shape is None or value is None:
        return value
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return _structure(value, shape, naming, unknown)
        case "map" if isinstance(value, dict):
            inner = cast("Any", shape).value
            return {key: to_parameters(each, inner, naming, unknown=unknown) for key, each in value.items()}
        case "list":
            inner = cast("Any", shape).member
            items = value if isinstance(value, list) else [value]
            return [to_parameters(each, inner, naming, unknown=unknown) for each in items]
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


def _structure(value: dict[str, Json], shape: Shape, naming: Naming, unknown: list[str]) -> dict[str, Any]:
    members = cast("Mapping[str, Shape]", cast("Any", shape).members)
    if cast("Any", shape).is_document_type:
        return cast("dict[str, Any]", value)
    by_name = {member_name(name, shape.name, naming): name for name in members}
    result: dict[str, Any] = {}
    for key, each in value.items():
        name = by_name.get(key)
        if name is None:
            unknown.append(key)
        elif each is not None:
            result[name] = to_parameters(each, members[name], naming, unknown=unknown)
    return result


def _streams(shape: Shape) -> bool:
    """Say whether a blob is the body of a request, which AWS sends as JSON text (recorded: with its quotes)."""
    return bool(shape.serialization.get("streaming"))


def _instant(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def to_json(value: Any, shape: Shape | None, naming: Naming = "sdk") -> Json:
    """Return an answer of boto3 as JSON: names in PascalCase, times as ISO-8601 text, bodies as text."""
    if isinstance(value, dict):
        return _object(cast("dict[str, Any]", value), shape, naming)
    if isinstance(value, list | tuple):
        inner = cast("Any", shape).member if shape is not None and shape.type_name == "list" else None
        return [to_json(each, inner, naming) for each in cast("list[Any]", value)]
    if value is None or isinstance(value, bool | int | float | str):
        return cast("Json", value)
    return _leaf(value)


def _object(value: dict[str, Any], shape: Shape | None, naming: Naming) -> Json:
    if shape is not None and shape.type_name == "map":
        return {key: to_json(each, cast("Any", shape).value, naming) for key, each in value.items()}
    if shape is None or shape.type_name != "structure" or cast("Any", shape).is_document_type:
        return {key: to_json(each, None, naming) for key, each in value.items()}
    members = cast("Mapping[str, Shape]", cast("Any", shape).members)
    return {
        member_name(key, shape.name, naming): to_json(each, members.get(key), naming)
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
