"""Annotations to static types."""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, IntEnum, StrEnum
from functools import cache
from typing import Any, Final, cast

from stepsmith.authoring.values.code import code_of_enum, code_of_making, code_of_writing
from stepsmith.authoring.values.declared import StaticType
from stepsmith.authoring.values.reach import Reach
from stepsmith.authoring.values.unions import members, union_of
from stepsmith.errors import WorkflowError
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NONE,
    STR,
    DictType,
    EnumType,
    ErrorType,
    ListType,
    ModelField,
    ModelType,
    Opaque,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    optional,
)
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

_SCALARS: Final[Mapping[object, Type]] = {
    int: INT,
    float: FLOAT,
    bool: BOOL,
    str: STR,
    None: NONE,
    types.NoneType: NONE,
    datetime: DATETIME,
    Any: ANY,
    object: ANY,
}
_NO_TYPES: Final = (
    *(int, float, complex, str, bytes, list, dict, set, tuple),
    *(types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.EllipsisType),
)
"""What is written by mistake where a type should be: values, functions such as `any`, and modules."""
_models: dict[type, ModelType] = {}


def resolve(annotation: object, names: Mapping[str, object]) -> object:
    """Give the annotation that a text stands for.

    Raises NameError where a name is not there, as for imports made only for type checkers, and TypeError for a text
    that is no type.
    """
    try:
        if isinstance(annotation, str):
            annotation = typing.ForwardRef(annotation, is_argument=False, is_class=True)
        holder = type("_Holder", (), {"__annotations__": {"value": annotation}})
        return typing.get_type_hints(holder, dict(names), dict(names), include_extras=True)["value"]
    except (NameError, TypeError):
        raise
    except Exception as error:  # the text is evaluated, and may fail in any way
        raise TypeError(f"{annotation!r} is no type: {error}") from error


def from_annotation(annotation: object) -> Type:
    """Read a resolved annotation; what JSON can carry but an expression cannot use is Opaque.

    Raises TypeError for what is no type.
    """
    if isinstance(annotation, _NO_TYPES):
        raise TypeError(f"{_name(cast(object, annotation))} is no type")
    simple = _SCALARS.get(annotation)
    if simple is not None:
        return simple
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        declared = [part.type for part in arguments[1:] if isinstance(part, StaticType)]
        tags = [part.discriminator for part in arguments[1:] if getattr(part, "discriminator", None)]
        return declared[0] if declared else _tagged(from_annotation(arguments[0]), *tags[:1])
    if origin is typing.Literal:
        return _literal(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is not None:
        return _generic(annotation, origin, arguments)
    if isinstance(annotation, type):
        return _class(annotation)
    return Opaque(_name(annotation))


def _name(annotation: object) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)


def _union(arguments: Sequence[object]) -> Type:
    several = len([argument for argument in arguments if argument not in (None, types.NoneType)]) > 1
    return union_of(kind for argument in arguments for kind in _members(argument, several=several))


def _members(argument: object, *, several: bool) -> tuple[Type, ...]:
    """Give the members that an argument of a union stands for."""
    origin = typing.get_origin(argument)
    if several and (origin is Sequence or (origin is tuple and Ellipsis in typing.get_args(argument))):
        return (Opaque(_name(argument)),)  # may be a tuple in Python, which `isinstance` sees
    return members(from_annotation(argument))


def _tagged(kind: Type, tag: object = None) -> Type:
    """Give a union that says which of its fields tells its models apart."""
    inner = kind.inner if isinstance(kind, OptionalType) else kind
    if tag is None or not isinstance(inner, UnionType):
        return kind
    found = (
        UnionType(inner.members, tag) if isinstance(tag, str) else Opaque("a union told apart by a function")
    )
    return found if inner is kind else optional(found)


def _generic(annotation: object, origin: object, arguments: tuple[object, ...]) -> Type:
    wanted = {list: 1, Sequence: 1, dict: 2, Mapping: 2}.get(cast(type, origin))
    if wanted is not None and len(arguments) != wanted:
        if not arguments:
            return _class(cast("builtins.type[object]", origin))
        raise TypeError(f"{_name(origin)}[...] takes {wanted} types, got {len(arguments)}")
    if origin is list or origin is Sequence:
        return ListType(from_annotation(arguments[0]))
    if (origin is dict or origin is Mapping) and _is_text(arguments[0]):
        return DictType(from_annotation(arguments[1]))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return ListType(from_annotation(arguments[0]))
        return TupleType(tuple(map(from_annotation, arguments)))
    return Opaque(str(annotation).replace("typing.", ""))


def _is_text(annotation: object) -> bool:
    return annotation is str or (isinstance(annotation, type) and issubclass(annotation, StrEnum))


def _literal(values: Sequence[object]) -> Type:
    plain = [value for value in values if value is not None]
    name = f"Literal[{', '.join(map(repr, plain))}]"
    kind: Type
    if all(type(value) is str for value in plain):
        kind = EnumType(name, tuple(cast("list[str]", plain)), "str")
    elif all(type(value) is int for value in plain):
        kind = EnumType(name, tuple(cast("list[int]", plain)), "int")
    elif len(classes := {type(value) for value in plain}) == 1 and issubclass(first := classes.pop(), Enum):
        whole = _enum(first)
        members = tuple(cast(Any, value).value for value in plain)
        kind = dataclasses.replace(whole, values=members) if isinstance(whole, EnumType) else whole
    else:
        kind = Opaque(name)
    return optional(kind) if len(plain) < len(values) else kind


def _class(python: builtins.type[object]) -> Type:
    if issubclass(python, Enum):
        return _enum(python)
    if issubclass(python, BaseException):
        return ErrorType(python.__name__)
    if python in _models:
        return _models[python]
    if hasattr(python, "__required_keys__") and hasattr(python, "__total__"):
        return _typed_dict(python)
    if hasattr(python, "__pydantic_fields__") and hasattr(python, "model_validate"):
        return Opaque(python.__name__) if _is_root(python) else _pydantic(python)
    if dataclasses.is_dataclass(python):
        return _dataclass(python)
    if (python.__module__, python.__name__) == ("pydantic.types", "AwareDatetime"):
        return DATETIME
    if python in (list, tuple):
        return ListType(ANY)
    if python is dict:
        return DictType(ANY)
    return Opaque(python.__name__)


def _enum(python: builtins.type[Enum]) -> Type:
    values = [member.value for member in python]
    kinds = set[object](map(type, values))
    if kinds not in ({str}, {int}):
        return Opaque(python.__name__)
    base: typing.Literal["str", "int", "none"] = "none"
    if not code_of_enum(python):
        base = "str" if issubclass(python, StrEnum) else "int" if issubclass(python, IntEnum) else "none"
    return EnumType(python.__name__, tuple(cast("list[str | int]", values)), base, python)


def _scope_of(python: builtins.type[object]) -> dict[str, object]:
    module = inspect.getmodule(python)
    return {**vars(builtins), **(vars(module) if module else {}), python.__name__: python}


def _typed_dict(python: builtins.type[Any]) -> ModelType:
    model = _models[python] = _without_fields(
        python, "TypedDict", getattr(python, "__pydantic_config__", None)
    )
    fields = cast("dict[str, ModelField]", model.fields)
    absent = cast("frozenset[str]", getattr(python, "__optional_keys__", frozenset[str]()))
    for name, annotation in typing.get_type_hints(python, _scope_of(python), include_extras=True).items():
        # Python reads NotRequired when the class is made, where postponed annotations are still text
        mark = typing.get_origin(annotation)
        marked = mark in (typing.Required, typing.NotRequired)
        needed = mark is typing.Required if marked else name not in absent
        fields[name] = ModelField(
            name, name, from_annotation(_unmarked(annotation)), required=needed, always=needed
        )
    return model


def for_pydantic(annotation: object) -> object:
    """Give an annotation as pydantic takes it: before Python 3.12, without a TypedDict of `typing` itself."""
    if sys.version_info >= (3, 12):
        return annotation
    if hasattr(annotation, "__required_keys__") and type(annotation).__module__ == "typing":
        return _extended(cast("type[object]", annotation))
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (None, typing.Literal):
        return annotation
    made = tuple(map(for_pydantic, arguments))
    if made == arguments:
        return annotation
    if origin in (typing.Union, types.UnionType):
        return typing.Union[made]  # noqa: UP007 - of a tuple
    return (
        typing.Annotated[made] if origin is typing.Annotated else types.GenericAlias(cast(type, origin), made)
    )


@cache
def _extended(python: builtins.type[object]) -> object:
    """Make a TypedDict of `typing_extensions` with the same keys."""
    import typing_extensions

    hints = typing.get_type_hints(python, _scope_of(python), include_extras=True)
    known = cast("ModelType", from_annotation(python)).fields
    keys = {
        name: for_pydantic(_unmarked(hint))
        if known[name].required
        else typing_extensions.NotRequired[for_pydantic(_unmarked(hint))]
        for name, hint in hints.items()
    }
    return typing_extensions.TypedDict(python.__name__, keys)  # pyright: ignore - its keys are known at run time


def _unmarked(hint: Any) -> Any:
    marked = typing.get_origin(hint) in (typing.Required, typing.NotRequired)
    return typing.get_args(hint)[0] if marked else hint


def _is_root(python: builtins.type[Any]) -> bool:
    return bool(getattr(python, "__pydantic_root_model__", False))


def _dataclass(python: builtins.type[Any]) -> ModelType:
    model = _models[python] = _without_fields(
        python, "dataclass", getattr(python, "__pydantic_config__", None)
    )
    fields = cast("dict[str, ModelField]", model.fields)
    hints = typing.get_type_hints(python, _scope_of(python))
    declared = cast("Mapping[str, Any]", getattr(python, "__pydantic_fields__", {}))
    for field in dataclasses.fields(python):
        if field.init and field.name in declared:
            fields[field.name] = _declared(python, field.name, declared[field.name])
        elif field.init:
            factory = None if field.default_factory is dataclasses.MISSING else field.default_factory
            missing = field.default is dataclasses.MISSING
            kind = from_annotation(hints[field.name])
            default = _default(UNDEFINED if missing else field.default, factory, hints[field.name], kind)
            fields[field.name] = ModelField(
                field.name, field.name, kind, default, required=missing and factory is None
            )
    return model


def _pydantic(python: builtins.type[Any]) -> ModelType:
    model = _models[python] = _without_fields(python, "pydantic", python.model_config)
    fields = cast("dict[str, ModelField]", model.fields)
    for name, field in python.model_fields.items():
        fields[name] = _declared(python, name, field)
    return model


def _without_fields(
    python: builtins.type[Any],
    kind: typing.Literal["pydantic", "dataclass", "TypedDict"],
    config: Mapping[str, Any] | None,
) -> ModelType:
    written_by = code_of_writing(python)
    code = code_of_making(python) or written_by
    extra = (config or {}).get("extra") or "ignore"
    return ModelType(python.__name__, kind, python, code=code, written_by=written_by, extra=extra)


def _declared(python: builtins.type[Any], name: str, field: Any) -> ModelField:
    """Give a field that pydantic knows."""
    kind = _tagged(from_annotation(field.annotation), field.discriminator)
    missing = field.is_required()
    unset = missing or field.default_factory is not None
    default = _default(UNDEFINED if unset else field.default, field.default_factory, field.annotation, kind)
    reads = field.validation_alias if isinstance(field.validation_alias, str | None) else name
    writes = field.serialization_alias or name
    if (reads or name) != writes or not isinstance(field.validation_alias, str | None):
        kind = Opaque(f"{python.__name__}.{name}, which reads and writes under different names")
    return ModelField(name, writes, kind, default, required=missing)


def _default(value: object, factory: object, annotation: object, kind: Type) -> Json | Undefined:
    """Give the JSON of a default; UNDEFINED where there is none, or where it is made by code."""
    if factory is not None:
        value = _made_by(factory)
    if value is UNDEFINED:
        return UNDEFINED
    found = constant(value, kind)
    return _dumped(annotation, value) if found is UNDEFINED else found


def _made_by(factory: Any) -> object:
    """Give what a factory makes, where it does the same each time: a class without code, or a lambda of constants."""
    if isinstance(factory, type) and _is_pure(cast("type[object]", factory)):
        return _called(factory)
    code = getattr(factory, "__code__", None)
    if (
        not isinstance(code, types.CodeType)
        or code.co_argcount
        or code.co_freevars
        or factory.__name__ != "<lambda>"
    ):
        return UNDEFINED
    seen = [getattr(factory, "__globals__", {}).get(name, UNDEFINED) for name in code.co_names]
    return _called(factory) if all(isinstance(each, type) and _is_pure(each) for each in seen) else UNDEFINED


def _is_pure(python: builtins.type[object]) -> bool:
    if python in (list, dict, tuple, set, frozenset, str, int, float, bool):
        return True
    kind = from_annotation(python)
    return isinstance(kind, ModelType) and not kind.code


def _called(factory: object) -> object:
    try:
        return cast("Callable[[], object]", factory)()
    except (TypeError, ValueError):
        return UNDEFINED


def _dumped(annotation: object, value: object) -> Json | Undefined:
    from pydantic import TypeAdapter

    try:
        return TypeAdapter[Any](cast(Any, annotation)).dump_python(
            value, mode="json", by_alias=True, warnings=False
        )
    except ValueError:
        return UNDEFINED


def constant(value: object, kind: Type | None = None) -> Json | Undefined:
    """Give the JSON form of a Python constant, or UNDEFINED where it has none that is known without pydantic."""
    match value:
        case Enum():
            return constant(value.value)
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            items = [constant(item) for item in cast("Sequence[object]", value)]
            return UNDEFINED if any(item is UNDEFINED for item in items) else cast("list[Json]", items)
        case dict():
            pairs = {key: constant(item) for key, item in cast("dict[object, object]", value).items()}
            bad = any(not isinstance(key, str) or item is UNDEFINED for key, item in pairs.items())
            return UNDEFINED if bad else cast("dict[str, Json]", pairs)
        case _ if isinstance(kind, ModelType) or (
            isinstance(kind, OptionalType) and isinstance(kind.inner, ModelType)
        ):
            return _instance(value)
        case _:
            return UNDEFINED


def _instance(value: object) -> Json | Undefined:
    kind = from_annotation(type(value))
    if not isinstance(kind, ModelType):
        return UNDEFINED
    if kind.code or kind.extra == "allow":
        return _dumped(type(value), value)
    pairs = {field.key: constant(getattr(value, name), field.type) for name, field in kind.fields.items()}
    return UNDEFINED if any(item is UNDEFINED for item in pairs.values()) else cast("dict[str, Json]", pairs)


def of_constant(value: object) -> Type:
    """Give the static type of a Python constant."""
    match value:
        case Enum():
            return from_annotation(type(value))
        case None:
            return NONE
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case str():
            return STR
        case datetime():
            return DATETIME
        case _:
            return from_annotation(type(value))


def error_name(error: builtins.type[BaseException]) -> str:
    """Give the ASL error name of an exception class: its own `error_name`, or the class name as Lambda reports it."""
    own = vars(error).get("error_name")
    return own if isinstance(own, str) else error.__name__


def error_names(error: builtins.type[BaseException], reach: Reach | None = None) -> tuple[str, ...]:
    """Give the names that a class and its subclasses within reach fail with; every error for Exception itself."""
    if error in (Exception, BaseException):
        return ("States.ALL",)
    found = {error_name(inner) for inner in subclasses(error, reach)} - {error_name(error)}
    if error is WorkflowError:
        found.discard("States.TaskFailed")
    return (error_name(error), *sorted(found))


def subclasses(
    error: builtins.type[BaseException], reach: Reach | None = None
) -> set[builtins.type[BaseException]]:
    """Give the classes below one that are within reach or, where that is not said, that have been imported."""
    direct = error.__subclasses__()
    found = set(direct).union(*map(subclasses, direct))
    return found if reach is None else {each for each in found if each in reach}
