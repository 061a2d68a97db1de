"""Frozen dataclasses that cost little to declare: their methods are made when the first of them is called.

`dataclass` writes and compiles half a dozen methods for each class while its module is imported, which takes half a
millisecond a class. Of the hundreds of kinds of data here a run uses twenty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar, cast, dataclass_transform, overload

T = TypeVar("T")


@overload
@dataclass_transform(frozen_default=True)
def frozen(cls: type[T], /) -> type[T]: ...
@overload
@dataclass_transform(frozen_default=True)
def frozen(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
def frozen(cls: type[T] | None = None, /, *, kw_only: bool = False) -> type[T] | Callable[[type[T]], type[T]]:
    """Make of a class what `dataclass(frozen=True, slots=True)` makes of it, but not before it is used.

    `dataclasses.fields` and `replace` take it as they take any other. A class variable is no field and is not allowed.
    """
    if cls is None:
        return lambda cls: _declare(cls, kw_only=kw_only)
    return _declare(cls, kw_only=kw_only)


def _declare(cls: type[T], *, kw_only: bool) -> type[T]:
    written = {name: value for name, value in cls.__dict__.items() if name not in ("__dict__", "__weakref__")}
    fields = tuple(written.get("__annotations__", ()))
    declared: dict[str, Any] = {
        **_FIRST_CALLS,
        **{name: value for name, value in written.items() if name not in fields},
        "__slots__": fields,
        "__match_args__": () if kw_only else fields,
        "__dataclass_fields__": _Fields(written, kw_only=kw_only),
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__getstate__": _state,
        "__setstate__": _restore,
    }
    return cast("type[T]", type(cls.__name__, cls.__bases__, declared))


class _Fields:
    """Stands for the fields of a class, and makes them and its methods when somebody asks."""

    def __init__(self, written: dict[str, Any], *, kw_only: bool) -> None:
        self._written = written
        self._kw_only = kw_only
        self._owner: Any = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner

    def __get__(self, instance: object, owner: type) -> dict[str, object]:
        from dataclasses import dataclass

        twin: Any = type(self._owner.__name__, (), {**self._written, "__doc__": self._owner.__doc__ or "..."})
        made = dataclass(frozen=True, kw_only=self._kw_only)(twin)
        for name, first_call in _FIRST_CALLS.items():
            if self._owner.__dict__[name] is first_call:
                setattr(self._owner, name, made.__dict__[name])
        self._owner.__dataclass_fields__ = made.__dataclass_fields__
        return made.__dataclass_fields__


def _first_call(name: str) -> Callable[..., object]:
    def call(self: Any, *arguments: object, **named: object) -> object:
        len(self.__dataclass_fields__)  # asking for them makes the method that is called now
        return getattr(self, name)(*arguments, **named)

    return call


_FIRST_CALLS: Final = {name: _first_call(name) for name in ("__init__", "__repr__", "__eq__", "__hash__")}
"""What stands for the methods of a class until the first of them is called."""


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, name) for name in self.__slots__]


def _restore(self: Any, state: list[object]) -> None:
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)
