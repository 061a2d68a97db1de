"""What the API's model says of parameters, checked as the service does: all violations in one ValidationException."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from stepsmith.cloud.actions.refusals import invalid
from stepsmith.cloud.services import ServiceError

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

Check: TypeAlias = Callable[[Any, str], Iterator[str]]
"""Gives what a value violates, said of a place."""

_ENUM_ORDERS: Final = {
    # as TestSnfApi::test_state_machine_status_filter was recorded; the order of a set, which no model tells
    "ExecutionStatus": ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"),
}
_PATTERNS: Final = {
    r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$": re.compile(r"(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+"),
    r"[!-~]+": re.compile(r"[!-~]+"),
    r"\p{ASCII}*": re.compile(r"[\x00-\x7f]*"),
}
"""Java's patterns in the model -> Python's."""
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "integer": (int,), "long": (int,), "boolean": (bool,), "float": (float, int),
    "double": (float, int), "list": (list, tuple), "structure": (Mapping,), "map": (Mapping,),
}  # fmt: skip


@cache
def service_model() -> ServiceModel:
    """Return botocore's model of the API."""
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    return ServiceModel(create_loader().load_service_model("stepfunctions", "service-2"), "stepfunctions")


def checked(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a request that the model knows, without those that are null.

    Raises SerializationException for values of another type, and ValidationException for the rest.
    """
    members, required, _ = _request(operation)
    found = {name: value for name, value in parameters.items() if value is not None and name in members}
    violations = [
        f"Value null at '{name}' failed to satisfy constraint: Member must not be null"
        for name in required
        if name not in found
    ]
    for name, value in found.items():
        violations.extend(members[name](value, name))
    if violations:
        count = len(violations)
        noun = "validation error" if count == 1 else "validation errors"
        raise invalid(f"{count} {noun} detected: {'; '.join(violations)}")
    return found


@cache
def _request(operation: str) -> tuple[dict[str, Check], tuple[str, ...], Shape]:
    shape: Any = service_model().operation_model(operation).input_shape
    members = {name: _check(member) for name, member in shape.members.items()}
    return members, tuple(shape.required_members), shape


def _check(shape: Shape) -> Check:
    """Return what checks a value of a shape."""
    types = _TYPES[shape.type_name]
    violations = {"structure": _structure, "list": _list, "string": _text}.get(shape.type_name, _number)(
        shape
    )

    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise _not_serialisable(value, shape.type_name)
        return violations(value, place)

    return check


def _structure(shape: Any) -> Check:
    members = {name: _check(member) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def check(value: Mapping[str, Any], place: str) -> Iterator[str]:
        for name in required:
            if value.get(name) is None:
                yield f"Value null at '{place}.{name}' failed to satisfy constraint: Member must not be null"
        for name, member in value.items():
            if member is not None and name in members:
                yield from members[name](member, f"{place}.{name}")

    return check


def _list(shape: Any) -> Check:
    member = _check(shape.member)
    item_name = shape.member.name

    def check(value: Sequence[Any], place: str) -> Iterator[str]:
        yield from _length(shape, len(value), place, lambda: _java_list(value, item_name))
        for number, item in enumerate(value, 1):
            yield from member(item, f"{place}.{number}.member")

    return check


def _text(shape: Any) -> Check:
    hidden, enum = bool(shape.metadata.get("sensitive")), shape.metadata.get("enum")
    pattern = shape.metadata.get("pattern")
    expression = None if pattern is None else _PATTERNS[pattern]
    values = ", ".join(_ENUM_ORDERS.get(shape.name, enum or ()))

    def check(value: str, place: str) -> Iterator[str]:
        yield from _length(shape, len(value), place, lambda: "" if hidden else f"'{value}' ")
        if enum is not None and value not in enum:
            yield (
                f"Value '{value}' at '{place}' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{values}]"
            )
        if expression is not None and expression.fullmatch(value) is None:
            yield (
                f"Value '{value}' at '{place}' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: {pattern}"
            )

    return check


def _number(shape: Any) -> Check:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: float, place: str) -> Iterator[str]:
        if least is not None and value < least:
            yield _outside(value, place, "greater", least)
        if most is not None and value > most:
            yield _outside(value, place, "less", most)

    return check


def _outside(value: float, place: str, side: str, limit: float) -> str:
    return (
        f"Value '{value}' at '{place}' failed to satisfy constraint: "
        f"Member must have value {side} than or equal to {limit}"
    )


def _length(shape: Any, length: int, place: str, shown: Callable[[], str]) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    for wrong, side, limit in (
        (least is not None and length < least, "greater", least),
        (most is not None and length > most, "less", most),
    ):
        if wrong:
            yield (
                f"Value {shown()}at '{place}' failed to satisfy constraint: "
                f"Member must have length {side} than or equal to {limit}"
            )


def _java_list(value: Sequence[Any], item_name: str) -> str:
    """Show a list as Java does, the members of its objects by name."""
    items = [
        f"{item_name}({', '.join(f'{name}={each}' for name, each in cast('Mapping[str, Any]', item).items())})"
        if isinstance(item, Mapping)
        else str(item)
        for item in value
    ]
    return f"'[{', '.join(items)}]' "


def _not_serialisable(value: Any, wanted: str) -> ServiceError:
    if isinstance(value, list | tuple | Mapping):
        text = "Start of structure or map found where not expected"
    elif wanted in ("structure", "list", "map"):
        text = "Unexpected value found where a structure or a list is expected"
    else:
        found = "BOOLEAN" if isinstance(value, bool) else "STRING" if isinstance(value, str) else "NUMBER"
        text = f"{found}_VALUE can not be converted to {_JAVA[wanted]}"
    return ServiceError("SerializationException", text)


_JAVA: Final = {
    "string": "a String", "integer": "an Integer", "long": "a Long", "boolean": "a Boolean", "float": "a Float",
    "double": "a Double",
}  # fmt: skip
