"""Definitions, as text or as JSON, to models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from stepsmith.asl.build import build
from stepsmith.asl.model import StateMachine
from stepsmith.diagnostics import Finding, InvalidDefinition
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json

MachineType: TypeAlias = Literal["STANDARD", "EXPRESS"]
LARGEST: int = 1_048_576
"""Bytes that a definition may have."""


def parse(definition: str | bytes | Mapping[str, Any], *, type: MachineType = "STANDARD") -> StateMachine:
    """Turn a definition into the model; raises InvalidDefinition when AWS would refuse it for a machine of this type."""
    text = definition if isinstance(definition, str | bytes) else json.dumps(definition)
    return build(read_text(text))  # pyright: ignore


def read_text(text: str | bytes) -> Json:
    """Read the JSON of a definition; raises InvalidDefinition."""
    try:
        return read(text)
    except InvalidJson as error:
        raise InvalidDefinition(
            [Finding("INVALID_JSON_DESCRIPTION", error.message, error.location, error.line, error.column)]
        ) from None
