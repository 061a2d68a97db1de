"""Typed references: stand-ins for the data of an execution, and the functions that make larger ones of them.

To a type checker each of these gives the value itself; at run time each gives a `Reference`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sized
from string import Formatter
from typing import Any, Final, ParamSpec, TypeVar, cast

from stepsmith.authoring.explicit import operations
from stepsmith.authoring.explicit.kinds import ErrorOutput
from stepsmith.authoring.explicit.reference import Reference, condition_of, expression_of
from stepsmith.authoring.values.defaults import filled
from stepsmith.authoring.values.types import from_annotation
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    INT,
    NONE,
    STR,
    DictType,
    EnumType,
    ErrorType,
    ListType,
    ModelField,
    ModelType,
    Type,
    assignable,
    describe,
    is_text,
    optional,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Undefined

T = TypeVar("T")
P = ParamSpec("P")
_ABSENT: Final = object()


def variable(name: str, type: type[T]) -> T:
    """Give a reference to the workflow variable of this name and type. Raises ValueError where it cannot be a name."""
    return _variable(name, _type(type))


def optional_variable(name: str, type: type[T]) -> T | None:
    """Give a reference to a workflow variable that may be None."""
    return _variable(name, optional(_type(type)))


def _variable(name: str, kind: Type) -> Any:
    if not name.isidentifier() or len(name) > 80 or name == "states" or name.startswith("_"):
        raise ValueError(
            f"{name!r} cannot be the name of a variable: letters, digits and underscores, at most 80, "
            "beginning with a letter, and not 'states'"
        )
    return Reference(tree.Variable(name=name, type=kind))


def _type(annotation: object) -> Type:
    return ErrorType() if annotation is ErrorOutput else from_annotation(annotation)


def state_input(name: str, type: type[T], *, default: T | object = _ABSENT) -> T:
    """Give a reference to a member of the state's input; `default` stands where it is not there.

    Fields of a model that are not there get the defaults of the model.
    """
    kind = _type(type)
    place = tree.Field(value=tree.State(part="input"), name=name, type=kind)
    value = filled(place, kind)
    if default is not _ABSENT:
        otherwise = expression_of(default)
        if not assignable(otherwise.type, kind):
            raise TypeError(f"the default of {name!r} is {describe(otherwise.type)}, not {describe(kind)}")
        test = tree.Call(function="exists", arguments=(place,), type=BOOL)
        value = tree.Conditional(test=test, then=value, otherwise=otherwise, type=kind)
    return cast("T", Reference(value))


def expression(source: str, type: type[T]) -> T:
    """Give a reference to the value of a JSONata expression, taken to be of the type and not to fail."""
    return cast("T", Reference(tree.Raw(text=source, type=_type(type))))


def text(template: str, *values: object) -> str:
    """Put texts and integers into the `{}` of a template; `{{` and `}}` are braces."""
    parts: list[Expression] = []
    left = list(values)
    for constant_part, field, spec, conversion in Formatter().parse(template):
        if constant_part:
            parts.append(tree.Constant(value=constant_part, type=STR))
        if field is None:
            continue
        if field or spec or conversion:
            raise ValueError(f"{{{field}}} in {template!r}: only {{}} can stand for a value")
        if not left:
            raise ValueError(f"{template!r} has more {{}} than there are values")
        parts.append(_text_part(left.pop(0)))
    if left:
        raise ValueError(f"{template!r} has fewer {{}} than there are values")
    return cast("str", Reference(tree.Text(parts=tuple(parts))))


def _text_part(value: object) -> Expression:
    part = expression_of(value)
    if (
        part.type != INT
        and not is_text(part.type)
        and not (isinstance(part.type, EnumType) and part.type.base == "int")
    ):
        raise TypeError(
            f"{describe(part.type)} prints differently in Python and in a state machine: text() takes str and int"
        )
    return part


def length(value: Sized) -> int:
    """Give the number of elements of a list, of keys of a dict, or of characters of a text."""
    found = expression_of(value)
    if not (isinstance(found.type, ListType | DictType) or is_text(found.type)):
        raise TypeError(f"length() takes a list, a dict or a text, not {describe(found.type)}")
    return cast("int", Reference(tree.Call(function="len", arguments=(found,), type=INT)))


def contains(collection: Container[T], item: T) -> bool:
    """Say whether a list has an item, a text another text inside it, or a dict a key."""
    found = operations.contained(expression_of(item), expression_of(collection))
    return cast("bool", Reference(found))


def is_none(value: object) -> bool:
    """Say whether a value is None."""
    nothing = tree.Constant(value=None, type=NONE)
    return cast("bool", Reference(tree.Compare(operator="==", left=expression_of(value), right=nothing)))


def not_(condition: bool) -> bool:
    """Say whether a condition does not hold."""
    return cast("bool", Reference(operations.negated(condition_of(condition))))


def build(model: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Make a model, dataclass or TypedDict of references and constants, fields by keyword.

    Defaults are filled in. Raises TypeError for a field that is missing, unknown or of another type.
    """
    kind = from_annotation(model)
    if not isinstance(kind, ModelType):
        raise TypeError(f"build() makes models, and {describe(kind)} is none")
    if args:
        raise TypeError(f"build({kind.name}) takes fields by keyword")
    given: dict[str, object] = dict(kwargs)
    by_name = {field.name: field for field in kind.fields.values()} | {
        field.key: field for field in kind.fields.values()
    }
    for name in given:
        if name not in by_name:
            raise TypeError(f"{kind.name} has no field {name!r}")
    entries: list[tuple[Expression | None, Expression]] = []
    for field in kind.fields.values():
        value = _field_value(kind.name, field, given)
        if value is not None:
            entries.append((tree.Constant(value=field.key, type=STR), value))
    return cast("T", Reference(tree.ObjectOf(entries=tuple(entries), type=kind)))


def _field_value(model: str, field: ModelField, given: Mapping[str, object]) -> Expression | None:
    name = field.name if field.name in given else field.key
    if name in given:
        value = expression_of(given[name])
        if value.type != ANY and not assignable(value.type, field.type):
            raise TypeError(f"{model}.{field.name} is {describe(field.type)}, got {describe(value.type)}")
        return value
    if not field.always:
        return None
    if field.required:
        raise TypeError(f"{model}.{field.name} is missing")
    if isinstance(field.default, Undefined):
        raise TypeError(f"the default of {model}.{field.name} is made anew each time: give it here")
    return tree.Constant(value=field.default, type=field.type)


def message(error: ErrorOutput) -> str:
    """Give what a caught error says: the message that a Lambda function raised with, otherwise the Cause as it is."""
    found = expression_of(error)
    if not isinstance(found.type, ErrorType):
        raise TypeError("message() takes a variable of type ErrorOutput")
    return cast("str", Reference(tree.Call(function="message", arguments=(found,), type=STR)))
