"""Typed references: what they write down, and what they refuse."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pytest
from pydantic import BaseModel

from stepsmith.authoring.explicit.reference import expression_of
from stepsmith.expressions.typed.to_jsonata import to_jsonata
from stepsmith.references import (
    build,
    contains,
    context,
    expression,
    is_none,
    length,
    message,
    not_,
    optional_variable,
    state_input,
    text,
    variable,
)
from stepsmith.states import ErrorOutput


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Line(BaseModel):
    sku: str
    quantity: int = 1


class Cart(BaseModel):
    id: str
    lines: list[Line]
    size: Size = Size.SMALL
    coupon: str | None = None


class Address(TypedDict):
    street: str
    note: NotRequired[str]


cart: Any = variable("cart", Cart)
x: Any = variable("x", int)
ratio: Any = variable("ratio", float)
name: Any = variable("name", str)
flag: Any = variable("flag", bool)
address: Any = variable("address", Address)
prices: Any = variable("prices", dict[str, int])
error: Any = variable("error", ErrorOutput)
coupon: Any = optional_variable("coupon", str)


def jsonata(value: object) -> str:
    return to_jsonata(expression_of(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (cart.id, "$cart.id"),
        (cart.lines[0].sku, "$cart.lines[0].sku"),
        (address["street"], "$address.street"),
        (error["Cause"], "$error.Cause"),
        (x + 1, "$x + 1"),
        (10 - x, "10 - $x"),
        (2 * x + ratio, "2 * $x + $ratio"),
        (-x, "-$x"),
        (x > 3, "$x > 3"),
        ((x > 3) & flag | (name == "a"), "$x > 3 and $flag or $name = 'a'"),
        (~flag, "$not($flag)"),
        (cart.size == Size.LARGE, "$cart.size = 'large'"),
        (is_none(coupon), "$coupon = null"),
        (not_(is_none(cart.coupon)), "$not($cart.coupon = null)"),
        (length(cart.lines) == 0, "$count($cart.lines) = 0"),
        (contains(["a", "b"], name), "$name in ['a', 'b']"),
        (text("{} of {{{}}}", x, name), "$x & ' of {' & $name & '}'"),
        (name.upper(), "$uppercase($name)"),
        (name + "!", "$name & '!'"),
        (context.execution.id, "$states.context.Execution.Id"),
        (expression("$sum($prices)", int), "$sum($prices)"),
        (state_input("x", int), "$states.input.x"),
        (state_input("x", int, default=3), "$exists($states.input.x) ? $states.input.x : 3"),
        (state_input("line", Line), "$merge([{'quantity': 1}, $states.input.line])"),
        (build(Line, sku=name), "{'sku': $name, 'quantity': 1}"),
    ],
)
def test_what_is_done_with_a_reference_becomes_an_expression(value: object, expected: str) -> None:
    assert jsonata(value) == expected


@pytest.mark.parametrize(
    ("mistake", "pointer"),
    [
        (lambda: bool(x > 3), "use Choice(...).when(...) for `if`, and &, | or not_() to join conditions"),
        (lambda: x > 3 and flag, "use Choice(...).when(...)"),
        (lambda: not flag, "use Choice(...).when(...)"),
        (lambda: 1 < x < 3, "use Choice(...).when(...)"),
        (lambda: f"{name}", "use text('... {} ...', reference)"),
        (lambda: str(name), "use text('... {} ...', reference)"),
        (lambda: len(cart.lines), "use length(reference)"),
        (lambda: "a" in name, "use contains(reference, item)"),
        (lambda: list(cart.lines), "use Map('Each one', reference, lambda item: ...)"),
        (lambda: setattr(cart, "id", "x"), "use Pass(...).let(variable, value) instead of assigning to .id"),
        (lambda: prices.__setitem__("a", 1), "use Pass(...).let(variable, value)"),
        (lambda: {x: 1}, "it cannot be a key or the member of a set"),
        (lambda: int(ratio), "compute with it in a task"),
        (lambda: range(x), "compute with it in a task"),
        (lambda: cart + 1, "+ needs numbers, and $cart is Cart"),
        (lambda: ratio // 2, "// of float is not the same in Python and in a state machine: use a task"),
        (lambda: x == "a", "int == str is not the same in Python and in a state machine"),
        (lambda: flag == x, "bool == int is not the same in Python and in a state machine"),
        (lambda: x < name, "< compares numbers, texts or datetimes, not int and str"),
        (lambda: coupon < "a", "< compares numbers, texts or datetimes, not str | None and str"),
        (lambda: cart.lines["a"], "$cart.lines is list[Line], which has no item 'a'"),
        (lambda: cart.lines[::2], "a slice of a reference has constant bounds and no step"),
        (lambda: x & flag, "a condition is a bool, and $x is int"),
        (lambda: not_(True), "this condition is True before the state machine runs"),
        (lambda: text("{}", ratio), "float prints differently in Python and in a state machine"),
        (lambda: length(x), "length() takes a list, a dict or a text, not int"),
        (lambda: contains(cart.lines, 1), "int cannot be looked for in list[Line] without a task"),
        (lambda: message(name), "message() takes a variable of type ErrorOutput"),
        (
            lambda: build(Line, quantity=1),  # pyright: ignore[reportCallIssue] - what is tested
            "Line.sku is missing",
        ),
        (lambda: build(Line, sku=x), "Line.sku is str, got int"),
        (
            lambda: build(Line, sku="a", size=1),  # pyright: ignore[reportCallIssue] - what is tested
            "Line has no field 'size'",
        ),
        (lambda: build(int), "build() makes models, and int is none"),
        (lambda: state_input("x", int, default="a"), "the default of 'x' is str, not int"),
        (lambda: expression_of({1: x}), "1 cannot be a key: JSON objects have text keys"),
        (lambda: expression_of(object()), "object has no JSON form"),
        (lambda: expression_of(datetime(2030, 1, 1)), "a datetime without a time zone is no point in time"),
    ],
)
def test_what_python_cannot_say_of_a_reference_points_to_what_can(
    mistake: Callable[[], object], pointer: str
) -> None:
    with pytest.raises(TypeError) as refused:
        mistake()

    assert pointer in str(refused.value)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: cart.lin, "Cart has no field 'lin'; did you mean 'lines'?"),
        (lambda: cart.zzz, "Cart has no field 'zzz'"),
        (lambda: x.real, "int has no 'real' in a state machine"),
        (lambda: coupon.upper(), "$coupon may be None and then has no 'upper'"),
        (lambda: address.street, "Address is a TypedDict: write reference['street']"),
        (lambda: name.strip(), "str has no 'strip' in a state machine: use a task"),
    ],
)
def test_a_misspelt_field_is_an_error_when_the_machine_is_made(
    mistake: Callable[[], object], words: str
) -> None:
    with pytest.raises(AttributeError) as refused:
        mistake()

    assert words in str(refused.value)


def test_a_misspelt_key_is_an_error_when_the_machine_is_made() -> None:
    with pytest.raises(KeyError, match="did you mean 'street'"):
        address["stret"]


@pytest.mark.parametrize("bad", ["", "a b", "1a", "_a", "states", "x" * 81, "a.b"])
def test_a_variable_has_a_name_that_the_language_takes(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a variable"):
        variable(bad, int)


@pytest.mark.parametrize(
    ("template", "values"), [("{}", ()), ("a", (1,)), ("{0}", (1,)), ("{a}", (1,)), ("{:>3}", (1,))]
)
def test_a_template_has_a_place_for_each_value(template: str, values: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"template|value"):
        text(template, *values)


def test_a_reference_shows_what_it_stands_for() -> None:
    assert repr(cart.lines) == "<reference $cart.lines: list[Line]>"


def test_constants_keep_their_json_form() -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)

    shown = [jsonata(value) for value in (Size.LARGE, None, moment, Line(sku="a"), ("a", 1))]

    assert shown == [
        "'large'",
        "null",
        "'2030-01-01T00:00:00Z'",
        "{'sku': 'a', 'quantity': 1}",
        "['a', 1]",
    ]
