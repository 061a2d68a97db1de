"""The SDK's output as JSON: its placeholders as paths, wherever the States Language has a way to say them."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias, cast, get_args

from stepsmith.errors import InvalidInput
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY
from stepsmith.expressions.typed.to_jsonpath import to_argument
from stepsmith.expressions.types import Json

Shape: TypeAlias = Literal[
    "WorkflowTemplate", "Workflow", "Execution", "Graph", "Chain", "State", "Placeholder"
]
_SHAPES: tuple[Shape, ...] = get_args(Shape)


def shape_of(value: object) -> Shape | None:
    """Give what an object of the SDK is, by the names of its classes; None for what is not of the SDK.

    No attribute is asked for: the SDK's blocks answer every name with None, and its FrozenGraph never answers.
    """
    names = {
        kind.__name__ for kind in type(value).__mro__ if kind.__module__.partition(".")[0] == "stepfunctions"
    }
    return next((shape for shape in _SHAPES if shape in names), None)


_TEMPLATE: Final = "Parameters"


def to_plain_json(value: object) -> dict[str, Json]:
    """Give a definition as the SDK makes it as JSON.

    The SDK replaces placeholders that are members of an object in `Parameters`. Here they are also replaced as items of
    a list there, by States.Array, and in the fields that take a path. Raises InvalidInput, naming the place, for a
    placeholder elsewhere and for a value that is not JSON.
    """
    if not isinstance(value, dict):
        raise InvalidInput(f"the definition is {type(value).__name__}; it is an object")
    try:
        return _object(cast("dict[object, object]", value), "", template=False)
    except RecursionError:
        raise InvalidInput("the definition contains itself, or is nested too deeply") from None


def _object(value: dict[object, object], place: str, *, template: bool) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise InvalidInput(f"{place or '/'} has the key {key!r}; keys are texts")
        here = f"{place}/{key}"
        if template and _holds_placeholder(item):
            found[f"{key}.$"] = _dynamic(item, here)
        elif shape_of(item) == "Placeholder" and (key.endswith("Path") or key == "Variable"):
            found[key] = _path(item)
        else:
            found[key] = _value(item, here, template=template or key == _TEMPLATE)
    return found


def _value(value: object, place: str, *, template: bool) -> Json:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return _object(cast("dict[object, object]", value), place, template=template)
        case list() | tuple():
            items = cast("list[object]", value)
            return [_value(item, f"{place}/{index}", template=template) for index, item in enumerate(items)]
        case _ if shape_of(value) == "Placeholder":
            raise InvalidInput(
                f"{place} is the placeholder {_path(value)}, and no path is possible there: "
                "give it to a member of `parameters`, or to the field's `_path` form where it has one"
            )
        case _:
            raise InvalidInput(f"{place} is {type(value).__name__}, which is not JSON")


def _holds_placeholder(value: object) -> bool:
    """Say whether a member has to be made at run time: a placeholder, or a list with one among its items."""
    if isinstance(value, list | tuple):
        return any(map(_holds_placeholder, cast("list[object]", value)))
    return shape_of(value) == "Placeholder"


def _dynamic(value: object, place: str) -> str:
    if isinstance(value, list | tuple):
        items = enumerate(cast("list[object]", value))
        return f"States.Array({', '.join(_dynamic(item, f'{place}/{index}') for index, item in items)})"
    if shape_of(value) == "Placeholder":
        return _path(value)
    plain = _value(value, place, template=True)
    if _has_dynamic_member(plain):
        raise InvalidInput(
            f"{place} is an object with a placeholder, in a list with other placeholders, which no path can say: "
            "make the object in a Pass state before"
        )
    return to_argument(tree.Constant(value=plain, type=ANY), "input")


def _has_dynamic_member(value: Json) -> bool:
    if isinstance(value, dict):
        return any(key.endswith(".$") or _has_dynamic_member(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_dynamic_member, value))


def _path(placeholder: Any) -> str:
    return str(placeholder.to_jsonpath())
