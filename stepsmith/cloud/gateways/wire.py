"""Bodies of calls: JSON or a form in, parameters of boto3's clients out, and their answers as JSON."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl


def parameters(shape: Any, value: Any) -> Any:
    """Turn JSON as a service takes it into what boto3 takes: bytes are Base64 there."""
    if shape is None or value is None:
        return value
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            members = shape.members
            return {
                str(name): parameters(members.get(name), inner)
                for name, inner in _pairs(value)
                if inner is not None
            }
        case "list" if isinstance(value, list):
            return [parameters(shape.member, inner) for inner in _list(value)]
        case "map" if isinstance(value, dict):
            return {str(name): parameters(shape.value, inner) for name, inner in _pairs(value)}
        case "blob" if isinstance(value, str):
            return base64.b64decode(value)
        case _:
            return value


def answer(value: Any) -> str:
    """Write an answer of boto3's as the service would have sent it."""
    plain = {name: inner for name, inner in value.items() if name != "ResponseMetadata"}
    return json.dumps(plain, default=_written, separators=(",", ":"))


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return str(value)


def form(body: str) -> tuple[str, dict[str, Any]]:
    """Read a form such as `Action=SendMessage&MessageBody=hi`: the action, and parameters of boto3's.

    Attributes of a message come as `MessageAttribute.1.Name` and, accepted as well, `MessageAttributes.1.Name`.
    """
    found: dict[str, Any] = {}
    attributes: dict[str, dict[str, str]] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        first, *rest = name.split(".")
        if first in ("MessageAttribute", "MessageAttributes") and len(rest) > 1:
            attributes.setdefault(rest[0], {})[rest[-1]] = value
        else:
            found[name] = int(value) if name == "DelaySeconds" and value.isdigit() else value
    if attributes:
        found["MessageAttributes"] = {
            one.pop("Name"): dict(one) for one in attributes.values() if "Name" in one
        }
    found.pop("Version", None)
    return str(found.pop("Action", "")), found


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items())


def _list(value: Any) -> list[Any]:
    return list(value)
