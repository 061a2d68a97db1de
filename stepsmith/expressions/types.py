"""What a JSON value is in Python, and the value that is not there."""

from __future__ import annotations

from typing import Final, TypeAlias, final

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
"""Any JSON value; treated as immutable wherever it is shared."""


@final
class Undefined:
    """The type of UNDEFINED."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> Undefined:
        return self

    def __deepcopy__(self, memo: object) -> Undefined:
        return self

    def __reduce__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()
"""The value of an expression that yields nothing; never None, which is JSON's null."""
