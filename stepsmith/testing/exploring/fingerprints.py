"""Moments of plays as short texts: the same where everything stands alike."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any, cast

from stepsmith.testing.exploring.stage import Stage


def fingerprint(stage: Stage, world: object) -> bytes:
    """Give a digest of how the executions stand and of what lies in the world.

    Without a snapshot of the world, all calls that have touched it stand for what lies in it.
    """
    snapshot = getattr(world, "snapshot", None)
    left: object = ordered(snapshot()) if callable(snapshot) else stage.work
    text = stage.without_tokens(repr((stage.standing(), left)))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def ordered(value: object) -> object:
    """Give a value whose repr is the same for equal values: mappings and sets in order, data by its fields."""
    kind = type(value)
    if kind is str or kind is int:  # the commonest by far
        return value
    if kind is dict or isinstance(value, Mapping):
        pairs = cast("Mapping[Any, object]", value).items()
        return sorted([(repr(key), ordered(each)) for key, each in pairs], key=_first)
    if kind is list or kind is tuple:
        return [ordered(each) for each in cast("list[object]", value)]
    if isinstance(value, AbstractSet):
        return sorted(repr(ordered(each)) for each in cast("AbstractSet[object]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return [kind.__name__, *(ordered(getattr(value, each.name)) for each in fields(value))]
    return value


def _first(pair: tuple[str, object]) -> str:
    return pair[0]
