"""Which resource of an API a path leads to: `/orders/{id}`, `/files/{proxy+}`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import unquote

T = TypeVar("T")


def find_route(
    resources: Iterable[T], path: str, path_of: Callable[[T], str]
) -> tuple[T, dict[str, str]] | None:
    """Give the resource for a path, and the parameters in it; plain parts win over parameters, these over `+`."""
    wanted = [unquote(part) for part in path.strip("/").split("/") if part]
    best: tuple[tuple[int, ...], T, dict[str, str]] | None = None
    for resource in resources:
        parts = [part for part in path_of(resource).split("/") if part]
        found = _match(parts, wanted)
        if found is not None and (best is None or found[0] > best[0]):
            best = (found[0], resource, found[1])
    return None if best is None else (best[1], best[2])


def _match(parts: list[str], wanted: list[str]) -> tuple[tuple[int, ...], dict[str, str]] | None:
    """Give how well a path fits (more is better), and its parameters."""
    ranks: list[int] = []
    parameters: dict[str, str] = {}
    for place, part in enumerate(parts):
        if part.startswith("{") and part.endswith("+}"):
            if place >= len(wanted):
                return None
            parameters[part[1:-2]] = "/".join(wanted[place:])
            return (*ranks, 0), parameters
        if place >= len(wanted):
            return None
        if part.startswith("{") and part.endswith("}"):
            parameters[part[1:-1]] = wanted[place]
            ranks.append(1)
        elif part == wanted[place]:
            ranks.append(2)
        else:
            return None
    return (tuple(ranks), parameters) if len(parts) == len(wanted) else None
