"""Walking, changing and judging expression trees."""

from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import BOOL, INT, STR, ListType, TupleType
from stepsmith.expressions.typed.tree import (
    Binary,
    Call,
    Conditional,
    Constant,
    Item,
    ListOf,
    Spread,
    Variable,
)

I = Variable(name="i", type=INT)  # noqa: E741 - as in the expressions
J = Variable(name="j", type=INT)
XS = Variable(name="xs", type=ListType(INT))
ONE = Constant(value=1, type=INT)


def expressions() -> st.SearchStrategy[tree.Expression]:
    leaves = st.sampled_from([I, J, ONE, XS])

    def bigger(inner: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Expression]:
        return st.one_of(
            st.builds(lambda a, b: Binary(operator="+", left=a, right=b, type=INT), inner, inner),
            st.builds(lambda a, b: ListOf(elements=(a, b), type=ListType(INT)), inner, inner),
            st.builds(
                lambda a, b, c: Conditional(test=a, then=b, otherwise=c, type=INT), inner, inner, inner
            ),
            st.builds(lambda a: Call(function="len", arguments=(a,), type=INT), inner),
        )

    return st.recursive(leaves, bigger, max_leaves=10)


@given(expressions())
def test_rebuilding_without_change_gives_the_very_same_node(node: tree.Expression) -> None:
    assert tree.rebuild(node, lambda child: child) is node


@given(expressions())
def test_substituting_a_variable_removes_it(node: tree.Expression) -> None:
    changed = tree.substitute(node, {"i": ONE})

    assert tree.variables(changed) == tree.variables(node) - {"i"}


@given(expressions())
def test_walking_gives_every_node_of_every_child(node: tree.Expression) -> None:
    walked = list(tree.walk(node))

    assert len(walked) == 1 + sum(len(list(tree.walk(child))) for child in tree.children(node))


def test_names_that_comprehensions_bind_are_no_workflow_variables() -> None:
    inner = Variable(name="_x", type=INT)
    node = tree.Comprehension(element=inner, name="_x", items=XS, condition=None, type=ListType(INT))

    assert tree.variables(node) == {"xs"}


def test_an_index_a_division_and_an_extreme_can_fail() -> None:
    assert tree.can_fail(Item(value=XS, index=I, type=INT))
    assert tree.can_fail(Binary(operator="/", left=I, right=J, type=INT))
    assert tree.can_fail(Binary(operator="%", left=I, right=Constant(value=0, type=INT), type=INT))
    assert tree.can_fail(Call(function="max", arguments=(XS,), type=INT))


def test_what_is_known_to_be_there_cannot_fail() -> None:
    pair = Variable(name="pair", type=TupleType((INT, STR)))

    assert not tree.can_fail(Item(value=XS, index=I, type=INT, certain=True))
    assert not tree.can_fail(Item(value=pair, index=ONE, type=STR))
    assert not tree.can_fail(Binary(operator="/", left=I, right=ONE, type=INT))
    assert not tree.can_fail(
        Call(function="max", arguments=(ListOf(elements=(I,), type=ListType(INT)),), type=INT)
    )


def test_an_extreme_of_spread_lists_only_can_fail() -> None:
    spread = ListOf(elements=(Spread(value=XS, type=XS.type),), type=ListType(INT))

    assert tree.can_fail(Call(function="max", arguments=(spread,), type=INT))


def test_the_opposite_of_a_bool_is_a_bool() -> None:
    assert tree.negation(Variable(name="b", type=BOOL)).type == BOOL
