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
        return [(key, ordered(each)) for key, each in _in_order(cast("Mapping[Any, object]", value))]
    if kind is list or kind is tuple:
        return [ordered(each) for each in cast("list[object]", value)]
    if isinstance(value, AbstractSet):
        return sorted(repr(ordered(each)) for each in cast("AbstractSet[object]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return [kind.__name__, *(ordered(getattr(value, each.name)) for each in fields(value))]
    return value


def _in_order(value: Mapping[Any, object]) -> list[tuple[Any, object]]:
    """Give the pairs of a mapping in an order that does not depend on when they came."""
    if len(value) < 2:
        return list(value.items())
    try:
        return sorted(value.items(), key=_first)
    except TypeError:  # keys of several kinds
        return sorted(value.items(), key=_first_as_text)


def _first(pair: tuple[Any, object]) -> Any:
    return pair[0]


def _first_as_text(pair: tuple[Any, object]) -> str:
    return repr(pair[0])
