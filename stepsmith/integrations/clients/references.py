"""What the resources of a template refer to, and so what changes with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

_NAMED: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")


def in_order(resources: Mapping[str, Any], found: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return what an update does with resources, by their names, so that everything sees what has changed before it.

    What refers to something that changes, or comes, is looked at again after that: CloudFormation finds out then
    whether it is another. What comes and refers to what changes is done with what changes.
    """
    needed = {name: frozenset(_references(each)) & resources.keys() for name, each in resources.items()}
    added, changed = set(found["Add"]), set(found["Modify"])
    while True:
        more = {name for name, others in needed.items() if others & (changed | added)} - added
        more |= {name for name in added if needed[name] & changed}
        if more <= changed:
            break
        changed |= more
    ordered: list[str] = []

    def put(name: str, above: frozenset[str]) -> None:
        if name not in ordered and name not in above:
            for other in sorted(needed[name]):
                put(other, above | {name})
            ordered.append(name)

    for name in sorted(changed):
        put(name, frozenset())
    return {
        "Add": [name for name in found["Add"] if name not in changed],
        "Modify": [name for name in ordered if name in changed],
        "Remove": list(found["Remove"]),
    }


def _references(value: Any) -> Iterator[str]:
    """Give the names that a part of a template refers to."""
    if isinstance(value, list):
        for each in cast("Sequence[Any]", value):
            yield from _references(each)
    if not isinstance(value, dict):
        return
    for key, each in cast("dict[str, Any]", value).items():
        if key == "Ref" and isinstance(each, str):
            yield each
        elif key == "Fn::GetAtt":
            yield _first(each).partition(".")[0]
        elif key == "Fn::Sub":
            yield from (str(name) for name in _NAMED.findall(_first(each)))
            yield from _references(each)
        elif key == "DependsOn":
            yield from [each] if isinstance(each, str) else cast("list[str]", each)
        else:
            yield from _references(each)


def _first(value: Any) -> str:
    return str(cast("list[Any]", value)[0]) if isinstance(value, list) else str(value)
