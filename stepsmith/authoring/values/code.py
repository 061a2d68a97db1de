"""Code of a user's own that Python runs when it makes, compares, prints or tests a value, and a state machine does not.

Each function gives the reason in words, or an empty text where Python does what the fields of a class say.
"""

from __future__ import annotations

import builtins
import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Iterator
from enum import Enum, IntEnum, StrEnum
from typing import Any, Final, cast

_CONFIG_CHANGES: Final = (
    "str_to_lower",
    "str_to_upper",
    "str_strip_whitespace",
    "str_min_length",
    "str_max_length",
)
_OPERATORS: Final = (
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__len__", "__hash__"),
    *("__str__", "__format__", "__contains__", "__iter__", "__getitem__"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__floordiv__"),
    *("__mod__", "__neg__", "__abs__", "__int__", "__float__", "__round__", "__index__"),
    *("upper", "lower", "startswith", "endswith", "split", "join", "replace"),
)


def code_of_making(python: builtins.type[Any]) -> str:
    """Say what Python runs or changes when it makes a pydantic model or a dataclass; a TypedDict is made as it is."""
    if _is_typed_dict(python):
        return ""
    if dataclasses.is_dataclass(python):
        return _own_methods(python, "__init__", "__post_init__", "__new__", "__setattr__") or _of_dataclass(
            python
        )
    from pydantic import BaseModel

    rules = python.__pydantic_decorators__
    for name in ("field_validators", "model_validators", "validators", "root_validators"):
        found = list(getattr(rules, name))
        if found:
            return f"its validator {found[0]}()"
    for name in ("__init__", "__new__", "__setattr__", "model_post_init"):
        if getattr(python, name) is not getattr(BaseModel, name):
            return f"its {name}()" if name != "model_post_init" else "its model_post_init() or private fields"
    if rules.computed_fields:
        return f"its computed field {next(iter(rules.computed_fields))}"
    return _of_config(python.model_config) or _of_fields(
        (name, [field.annotation, *field.metadata]) for name, field in python.model_fields.items()
    )


def _own_methods(python: builtins.type[Any], *names: str) -> str:
    for name in names:
        method = getattr(python, name, None)
        if isinstance(method, types.FunctionType) and not _is_generated(method):
            return f"its {name}()"
    return ""


def _is_generated(method: Callable[..., object]) -> bool:
    """Say whether a method was written by `dataclass` or by pydantic."""
    code = getattr(method, "__code__", None)
    return (code is not None and code.co_filename == "<string>") or str(method.__module__).startswith(
        "pydantic."
    )


def _of_dataclass(python: builtins.type[Any]) -> str:
    made_alone = [field.name for field in dataclasses.fields(python) if not field.init]
    if made_alone:
        return f"its field {made_alone[0]}, which is made by itself"
    if not hasattr(python, "__pydantic_decorators__"):
        return ""
    rules = python.__pydantic_decorators__
    for name in ("field_validators", "model_validators"):
        found = list(getattr(rules, name))
        if found:
            return f"its validator {found[0]}()"
    fields = python.__pydantic_fields__.items()
    return _of_config(python.__pydantic_config__) or _of_fields(
        (name, [field.annotation, *field.metadata]) for name, field in fields
    )


def _of_config(config: object) -> str:
    settings = cast("dict[str, object]", config or {})
    for name in _CONFIG_CHANGES:
        if settings.get(name):
            return f"its setting {name}"
    if settings.get("revalidate_instances", "never") != "never":
        return "its setting revalidate_instances"
    return ""


def _of_fields(fields: typing.Iterable[tuple[str, list[object]]]) -> str:
    for name, (annotation, *metadata) in fields:
        if any(map(_acts, metadata)) or any(map(_acts, _metadata(annotation))):
            return f"what is declared of its field {name}"
    return ""


def _is_typed_dict(python: object) -> bool:
    return hasattr(python, "__required_keys__")


def _metadata(annotation: object) -> Iterator[object]:
    """Give what annotations inside an annotation carry; classes with fields of their own are not looked into."""
    value = getattr(annotation, "__value__", None)
    if value is not None and type(annotation).__name__ == "TypeAliasType":
        yield from _metadata(value)
        return
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *found = typing.get_args(annotation)
        yield from found
        yield from _metadata(inner)
        return
    if typing.get_origin(annotation) is typing.Literal:
        return
    if _is_typed_dict(annotation):
        for inner in cast("dict[str, object]", cast(Any, annotation).__annotations__).values():
            yield from _metadata(inner)
        return
    for inner in typing.get_args(annotation):
        yield from _metadata(inner)


def _acts(metadata: object) -> bool:
    """Say whether something in an Annotated checks or changes values; a note for readers or serialisers does not."""
    module = type(metadata).__module__
    name = type(metadata).__name__
    if name == "FieldInfo":
        return any(map(_acts, cast("Any", metadata).metadata))
    if name in ("PlainSerializer", "WrapSerializer", "SerializeAsAny", "Discriminator", "Tag"):
        return False
    if module.startswith(("annotated_types", "pydantic")):
        return name not in ("WithJsonSchema", "SkipJsonSchema", "Strict", "DocInfo")
    return hasattr(metadata, "__get_pydantic_core_schema__")


def code_of_writing(python: builtins.type[Any]) -> str:
    """Say why the JSON of a pydantic model, dataclass or TypedDict is not what its fields say."""
    if _is_typed_dict(python):
        return "a serializer of its fields" if any(map(_writes, _metadata(python))) else ""
    rules = getattr(python, "__pydantic_decorators__", None)
    if rules is None:
        return ""
    for name in ("field_serializers", "model_serializers"):
        found = list(getattr(rules, name))
        if found:
            return f"its serializer {found[0]}()"
    config = cast("dict[str, object]", getattr(python, "model_config", None) or {})
    if rules.computed_fields and config.get("extra") == "forbid":
        return f"its computed field {next(iter(rules.computed_fields))}, which it refuses to read"
    for setting in ("use_enum_values", "json_encoders"):
        if config.get(setting):
            return f"its setting {setting}"
    fields = cast("dict[str, Any]", getattr(python, "__pydantic_fields__", {}))
    for name, field in fields.items():
        if field.exclude:
            return f"its field {name}, which is left out"
        carried = [*field.metadata, *_metadata(field.annotation)]
        if any(map(_writes, carried)):
            return f"the serializer of its field {name}"
    return ""


def _writes(metadata: object) -> bool:
    return type(metadata).__name__ in ("PlainSerializer", "WrapSerializer")


def code_of_equality(python: builtins.type[Any] | None) -> str:
    """Say why `==` of two values of a class does not compare their fields."""
    if python is None or _is_typed_dict(python):
        return ""
    if issubclass(python, Enum):
        return _overridden(python, ("__eq__", "__ne__"))
    if dataclasses.is_dataclass(python):
        written = vars(python).get("__eq__")
        if written is None:
            return (
                f"{python.__name__} is made with eq=False"
                if _is_identity(python)
                else "an inherited __eq__()"
            )
        if not _is_generated(written) or "__ne__" in vars(python):
            return "its __eq__()"
        left_out = [field.name for field in dataclasses.fields(python) if not field.compare]
        return f"its field {left_out[0]}, which is not compared" if left_out else ""
    from pydantic import BaseModel

    same = python.__eq__ is BaseModel.__eq__ and python.__ne__ is BaseModel.__ne__
    return "" if same else "its __eq__()"


def _is_identity(python: builtins.type[Any]) -> bool:
    return python.__eq__ is object.__eq__


def code_of_truth(python: builtins.type[Any] | None) -> str:
    """Say why a value of a class may be false."""
    if python is None:
        return ""
    if _is_typed_dict(python):
        return "" if python.__required_keys__ else "it may be empty"
    if issubclass(python, Enum):
        falsy = _mixed_in(python) is not object and any(not member for member in python)
        return _overridden(python, ("__bool__", "__len__")) or (
            "one of its members is false" if falsy else ""
        )
    return next((f"its {name}()" for name in ("__bool__", "__len__") if hasattr(python, name)), "")


@functools.cache
def code_of_enum(python: builtins.type[Enum]) -> str:
    """Say what a member of an Enum does otherwise than its value would: an operator or method of its own."""
    return _overridden(python, _OPERATORS)


def has_own_value(python: builtins.type[Enum] | None) -> bool:
    """Say whether the class defines itself what `.value` of a member is."""
    return python is not None and bool(_overridden(python, ("value",)))


def _overridden(python: builtins.type[Enum], names: typing.Iterable[str]) -> str:
    known: tuple[builtins.type[Any], ...] = (Enum, StrEnum, IntEnum, _mixed_in(python))
    for name in names:
        found = _defined(python, name)
        if found is not None and all(found is not _defined(base, name) for base in known):
            return f"its {name}()"
    return ""


def _mixed_in(python: builtins.type[Enum]) -> builtins.type[Any]:
    """Give the type that the members of an Enum also have."""
    return cast("Any", python)._member_type_


def _defined(python: builtins.type[Any], name: str) -> object:
    """Give a method as the classes of a value define it, that of their metaclass left out."""
    return next((vars(base)[name] for base in python.__mro__ if name in vars(base)), None)
