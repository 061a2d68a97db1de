"""What operators make of types, and that explicit states and workflow functions agree on it."""

from collections.abc import Callable
from itertools import product

import pytest

from stepsmith.authoring.explicit import operations
from stepsmith.authoring.values.operators import (
    Arithmetic,
    arithmetic_type,
    equal_as_json,
    equal_in_both,
    has_truth,
    have_order,
    holds_as_json,
    holds_in_both,
    is_simple,
)
from stepsmith.expressions.typed import tree
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
    ListType,
    OptionalType,
    TupleType,
    Type,
)

LETTER = EnumType("Letter", ("a", "b"), "str")
DIGIT = EnumType("Digit", (1, 2), "int")
KINDS: tuple[Type, ...] = (
    *(ANY, BOOL, DATETIME, FLOAT, INT, NONE, STR, LETTER, DIGIT),
    *(ListType(INT), ListType(STR), DictType(INT), DictType(FLOAT), OptionalType(INT)),
)


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("+", INT, INT, INT),
        ("+", INT, FLOAT, FLOAT),
        ("*", DIGIT, INT, INT),
        ("/", INT, INT, FLOAT),
        ("//", INT, INT, INT),
        ("//", FLOAT, INT, None),
        ("%", INT, FLOAT, None),
        ("+", STR, LETTER, STR),
        ("-", STR, STR, None),
        ("+", ListType(INT), ListType(FLOAT), ListType(FLOAT)),
        ("+", ListType(INT), ListType(STR), ListType(ANY)),
        ("|", DictType(INT), DictType(FLOAT), DictType(FLOAT)),
        ("|", INT, INT, None),
        ("+", INT, OptionalType(INT), None),
        ("+", BOOL, INT, None),
    ],
)
def test_a_computation_has_the_type_of_its_result(
    operator: Arithmetic, left: Type, right: Type, result: Type | None
) -> None:
    assert arithmetic_type(operator, left, right) == result


def test_numbers_texts_and_points_in_time_have_an_order_among_themselves() -> None:
    ordered = {(a, b) for a, b in product(KINDS, KINDS) if have_order(a, b)}

    numbers, texts = (INT, FLOAT, DIGIT), (STR, LETTER)
    assert ordered == {*product(numbers, numbers), *product(texts, texts), (DATETIME, DATETIME)}


def test_what_is_simple_is_neither_a_container_nor_perhaps_none() -> None:
    assert [kind for kind in KINDS if is_simple(kind)] == [BOOL, FLOAT, INT, NONE, STR, LETTER, DIGIT]


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%"])
def test_references_compute_exactly_what_has_a_type(operator: operations.Arithmetic) -> None:
    for left, right in product(KINDS, KINDS):
        operands = (tree.Variable(name="a", type=left), tree.Variable(name="b", type=right))
        try:
            found: Type | None = operations.arithmetic(operator, *operands).type
        except TypeError:
            found = None

        assert found == arithmetic_type(operator, left, right)


@pytest.mark.parametrize("equal", [equal_as_json, equal_in_both])
def test_equality_does_not_depend_on_the_side(equal: Callable[[Type, Type], bool]) -> None:
    for left, right in product(KINDS, KINDS):
        assert equal(left, right) == equal(right, left)


def test_a_list_of_points_in_time_is_compared_by_explicit_states_alone() -> None:
    moments = ListType(DATETIME)

    assert equal_as_json(moments, moments)
    assert not equal_in_both(moments, moments)


def test_a_tuple_is_looked_through_by_workflow_functions_alone() -> None:
    pair = TupleType((STR, STR))

    assert holds_in_both(pair, STR)
    assert not holds_as_json(pair, STR)


def test_the_truth_of_what_is_any_is_not_known() -> None:
    assert [kind for kind in KINDS if not has_truth(kind)] == [ANY, DATETIME]
