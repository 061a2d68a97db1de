"""Expressions in Python and the JSONata they become."""

from pathlib import Path
from random import Random

import pytest

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import INT, STR, ListType, ModelType
from stepsmith.expressions.typed.to_jsonata import to_jsonata, to_output, to_template
from stepsmith.expressions.typed.tree import Constant, Item, ListOf, ObjectOf, Variable
from tests.stepsmith.expressions.differential.cases import FAILED, Case, by_jsonata, by_python, compiled, same
from tests.stepsmith.expressions.differential.generator import values
from tests.text_pairs import read_pairs

PAIRS = read_pairs(Path(__file__).with_name("fixtures") / "to_jsonata.txt")


@pytest.mark.parametrize(("source", "text"), PAIRS)
def test_python_becomes_jsonata(source: str, text: str) -> None:
    assert to_jsonata(compiled(source)) == text


@pytest.mark.parametrize(("source", "text"), PAIRS)
def test_the_jsonata_of_a_pair_gives_what_python_gives(source: str, text: str) -> None:
    case = Case(source, compiled(source), text, values(Random(source)))

    assert same(by_jsonata(case), by_python(case))


CAUSES = {
    "spliced array literals": ("[xs, [1]]", {"xs": [5, 6]}),
    "a literal that is indexed": ("[[1], [2, 3]][1]", {}),
    "undefined inside a constructor": ("[d['missing'], 1]", {"d": {}}),
    "undefined inside a function": ("max(d['missing'], 1)", {"d": {}}),
    "division by zero": ("i / j", {"i": 1, "j": 0}),
    "the default of get, which is evaluated always": ("d.get('a', i)", {"d": {"a": 1}, "i": 2}),
    "names of lambdas that capture": ("[q for q in xs if q > i][1:]", {"xs": [5, 6, 7], "i": 1}),
    "a sequence of one": ("[q for q in xs if q > 1]", {"xs": [1, 2]}),
    "an empty sequence": ("[q for q in xs if q > 9]", {"xs": [1, 2]}),
    "one empty list in a list": ("[q for q in rows if len(q) < 2]", {"rows": [[]]}),
    "an object made while an empty list is indexed": (
        "[1 for q in rows[{'a': 0}.get(t, 0)]]",
        {"rows": [[]], "t": "b"},
    ),
    "short circuits": ("len(xs) > 0 and xs[0] > 1", {"xs": []}),
    "truth of [0]": ("not xs", {"xs": [0]}),
    "remainder of a negative number": ("i % j", {"i": -7, "j": 3}),
    "parts of a text by code points": ("s[1:2]", {"s": "a😀b"}),
    "an end that is empty": ("s.endswith(t)", {"s": "abc", "t": ""}),
}


@pytest.mark.parametrize(("source", "values"), CAUSES.values(), ids=list(CAUSES))
def test_what_once_made_a_difference_makes_none(source: str, values: dict[str, object]) -> None:
    expression = compiled(source)
    case = Case(source, expression, to_jsonata(expression), values)

    result = by_jsonata(case)

    assert same(result, by_python_alone(case))


def by_python_alone(case: Case) -> object:
    from tests.stepsmith.expressions.differential.cases import normal

    try:
        return normal(eval(case.source, dict(case.values)))
    except (LookupError, ZeroDivisionError, ValueError):
        return FAILED


def test_templates_keep_constants_and_delimit_expressions() -> None:
    name = Variable(name="name", type=STR)
    value = ObjectOf(
        entries=(
            (Constant(value="a", type=STR), name),
            (Constant(value="b", type=STR), Constant(value=1, type=INT)),
        ),
        type=ModelType("object", "object"),
    )

    assert to_template(value) == {"a": "{% $name %}", "b": 1}


@pytest.mark.parametrize("text", ["{% x %}", "{%", "%}", "", "two\nlines"])
def test_texts_that_a_reader_could_take_for_something_else_become_literals(text: str) -> None:
    template = to_template(Constant(value=text, type=STR))

    assert isinstance(template, str)
    assert template.startswith("{% ")
    assert template.endswith(" %}")


def test_an_output_is_an_object_or_one_expression() -> None:
    assert to_output(Constant(value=False, type=INT)) == "{% false %}"
    assert to_output(ListOf(elements=(Constant(value=1, type=INT),), type=ListType(INT))) == "{% [1] %}"


def test_a_field_with_an_odd_name_is_quoted() -> None:
    holder = Variable(name="x", type=ModelType("m", "object"))

    assert to_jsonata(tree.Field(value=holder, name="a b", type=INT)) == "$x.`a b`"
    assert to_jsonata(tree.Field(value=holder, name="a`b", type=INT)) == "$lookup($x, 'a`b')"


def test_an_item_that_is_certain_needs_no_guard() -> None:
    items = Variable(name="xs", type=ListType(INT))
    item = Item(value=items, index=Variable(name="i", type=INT), type=INT, certain=True)

    assert to_jsonata(tree.Text(parts=(Constant(value="n", type=STR), item))) == "'n' & $xs[$i]"
