"""What a typed reference is at run time: a stand-in that writes down what is done with it.

To a type checker `variable("purchase", Purchase)` is a `Purchase`. At run time it is a `Reference`, which holds an
expression; fields, items, arithmetic and comparisons give references to larger expressions. What Python cannot
overload raises with the way to say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NoReturn, cast, final

from stepsmith.authoring.explicit import operations
from stepsmith.authoring.values import types
from stepsmith.authoring.values.operators import TEXT_METHODS
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    NEVER,
    STR,
    DictType,
    ListType,
    TupleType,
    Type,
    describe,
    is_text,
    join,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Undefined

NO_VALUE: Final = "a reference has no value until the state machine runs: "


@final
class Reference:
    """A stand-in for a value that is there when the state machine runs."""

    __slots__ = ("_expression",)
    _expression: Expression

    def __init__(self, expression: Expression) -> None:
        object.__setattr__(self, "_expression", expression)

    def __repr__(self) -> str:
        return f"<reference {operations.describe_expression(self._expression)}: {describe(self._expression.type)}>"

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(f"a reference has no {name}")
        if name in TEXT_METHODS and is_text(self._expression.type):
            return _text_method(self._expression, name)
        return Reference(operations.attribute(self._expression, name))

    def __getitem__(self, index: object) -> Reference:
        if isinstance(index, slice):
            part = cast("slice[object, object, object]", index)
            return Reference(operations.sliced(self._expression, part.start, part.stop, part.step))
        return Reference(operations.element(self._expression, expression_of(index)))

    def __eq__(self, other: object) -> Reference:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - records the comparison
        return Reference(operations.equality("==", self._expression, expression_of(other)))

    def __ne__(self, other: object) -> Reference:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - records the comparison
        return Reference(operations.equality("!=", self._expression, expression_of(other)))

    def __lt__(self, other: object) -> Reference:
        return Reference(operations.order("<", self._expression, expression_of(other)))

    def __le__(self, other: object) -> Reference:
        return Reference(operations.order("<=", self._expression, expression_of(other)))

    def __gt__(self, other: object) -> Reference:
        return Reference(operations.order(">", self._expression, expression_of(other)))

    def __ge__(self, other: object) -> Reference:
        return Reference(operations.order(">=", self._expression, expression_of(other)))

    def __add__(self, other: object) -> Reference:
        return _arithmetic("+", self, other)

    def __radd__(self, other: object) -> Reference:
        return _arithmetic("+", other, self)

    def __sub__(self, other: object) -> Reference:
        return _arithmetic("-", self, other)

    def __rsub__(self, other: object) -> Reference:
        return _arithmetic("-", other, self)

    def __mul__(self, other: object) -> Reference:
        return _arithmetic("*", self, other)

    def __rmul__(self, other: object) -> Reference:
        return _arithmetic("*", other, self)

    def __truediv__(self, other: object) -> Reference:
        return _arithmetic("/", self, other)

    def __rtruediv__(self, other: object) -> Reference:
        return _arithmetic("/", other, self)

    def __floordiv__(self, other: object) -> Reference:
        return _arithmetic("//", self, other)

    def __rfloordiv__(self, other: object) -> Reference:
        return _arithmetic("//", other, self)

    def __mod__(self, other: object) -> Reference:
        return _arithmetic("%", self, other)

    def __rmod__(self, other: object) -> Reference:
        return _arithmetic("%", other, self)

    def __neg__(self) -> Reference:
        return Reference(operations.negative(self._expression))

    def __and__(self, other: object) -> Reference:
        return Reference(operations.joined("and", condition_of(self), condition_of(other)))

    def __rand__(self, other: object) -> Reference:
        return Reference(operations.joined("and", condition_of(other), condition_of(self)))

    def __or__(self, other: object) -> Reference:
        return Reference(operations.joined("or", condition_of(self), condition_of(other)))

    def __ror__(self, other: object) -> Reference:
        return Reference(operations.joined("or", condition_of(other), condition_of(self)))

    def __invert__(self) -> Reference:
        return Reference(operations.negated(condition_of(self)))

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{NO_VALUE}use Choice(...).when(...) for `if`, and &, | or not_() to join conditions"
        )

    def __str__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use text('... {{}} ...', reference)")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use text('... {{}} ...', reference)")

    def __len__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use length(reference)")

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use contains(reference, item)")

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use Map('Each one', reference, lambda item: ...)")

    def __int__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}compute with it in a task, or use expression(...)")

    def __float__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}compute with it in a task, or use expression(...)")

    def __index__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}compute with it in a task, or use expression(...)")

    def __hash__(self) -> NoReturn:
        raise TypeError(f"{NO_VALUE}it cannot be a key or the member of a set")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use Pass(...).let(variable, value) instead of assigning to .{name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise TypeError(f"{NO_VALUE}.{name} cannot be deleted")

    def __setitem__(self, index: object, value: object) -> NoReturn:
        raise TypeError(f"{NO_VALUE}use Pass(...).let(variable, value) instead of assigning to an item")

    def __delitem__(self, index: object) -> NoReturn:
        raise TypeError(f"{NO_VALUE}an item cannot be deleted")


def expression_of(value: object) -> Expression:
    """Give the expression for a reference, a JSON constant, an enum member, a model, or lists and dicts of these.

    Raises TypeError for a value that has no JSON form.
    """
    match value:
        case Reference():
            return value._expression  # pyright: ignore[reportPrivateUsage] - all other names of a reference are the user's
        case list():
            elements = tuple(map(expression_of, cast("list[object]", value)))
            kind: Type = ListType(_common(element.type for element in elements))
            return tree.ListOf(elements=elements, type=kind)
        case tuple():
            elements = tuple(map(expression_of, cast("tuple[object, ...]", value)))
            return tree.ListOf(elements=elements, type=TupleType(tuple(element.type for element in elements)))
        case dict():
            return _dict(cast("dict[object, object]", value))
        case datetime():
            return tree.Constant(value=_instant(value), type=DATETIME)
        case _:
            kind = types.of_constant(value)
            json = types.constant(value, kind)
            if isinstance(json, Undefined):
                raise TypeError(
                    f"{type(value).__name__} has no JSON form that is known before the state machine runs"
                )
            return tree.Constant(value=json, type=kind)


def condition_of(value: object) -> Expression:
    """Give the expression for a condition. Raises TypeError for anything that is not a reference to a bool."""
    if isinstance(value, bool):
        raise TypeError(
            f"this condition is {value} before the state machine runs: compare a reference, as variable() gives it"
        )
    expression = expression_of(value)
    if expression.type not in (BOOL, ANY):
        raise TypeError(
            f"a condition is a bool, and {operations.describe_expression(expression)} is "
            f"{describe(expression.type)}: compare it, or use is_none() or length()"
        )
    return expression


def _arithmetic(operator: operations.Arithmetic, left: object, right: object) -> Reference:
    return Reference(operations.arithmetic(operator, expression_of(left), expression_of(right)))


def _text_method(expression: Expression, name: str) -> Callable[..., Reference]:
    def method(*arguments: object) -> Reference:
        return Reference(operations.text_method(expression, name, tuple(map(expression_of, arguments))))

    return method


def _dict(value: dict[object, object]) -> Expression:
    entries: list[tuple[Expression | None, Expression]] = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"{key!r} cannot be a key: JSON objects have text keys")
        entries.append((tree.Constant(value=str(key), type=STR), expression_of(item)))
    kind = DictType(_common(item.type for _, item in entries))
    return tree.ObjectOf(entries=tuple(entries), type=kind)


def _common(kinds: Iterable[Type]) -> Type:
    common: Type = NEVER
    for kind in kinds:
        common = join(common, kind) or ANY
    return common


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a datetime without a time zone is no point in time: give it tzinfo=UTC")
    return value.isoformat().replace("+00:00", "Z")
