"""Expressions in Python and the JSONata they become."""

import pytest

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import INT, STR, ListType, ModelType
from stepsmith.expressions.typed.to_jsonata import to_jsonata, to_output, to_template
from stepsmith.expressions.typed.tree import Constant, Item, ListOf, ObjectOf, Variable
from tests.stepsmith.expressions.differential.cases import FAILED, Case, by_jsonata, compiled, same

BEFORE_AND_AFTER = {
    "line.sku": "$line.sku",
    "d['a']": "$lookup($d, 'a')",
    "d['a'] + 1": "($__v := $lookup($d, 'a'); $exists($__v) ? $__v : $error('KeyError')) + 1",
    "xs[0]": "$xs[0]",
    "xs[-1]": "$xs[-1]",
    "[1, 2][i]": "($__l := [1, 2]; $__l[$i])",
    "xs[1:]": "[$filter($xs, function($__x, $__i){$__i >= 1})]",
    "rows[:-1]": (
        "$reduce($rows, function($__a, $__x, $__i){$__i < $count($rows) - 1 ? $append($__a, [[$__x]]) : $__a}, [])"
    ),
    "s[1:3]": "$substring($s, 1, 2)",
    "s[2:]": "$substring($s, 2)",
    "not xs": "$not($count($xs) > 0)",
    "not s": "$not($s != '')",
    "not d": "$not($d != {})",
    "not oi": "$not($oi != null and $oi != 0)",
    "oline is None": "$oline = null",
    "b and i > 1 or c": "$b and $i > 1 or $c",
    "b and (c or i > 1)": "$b and ($c or $i > 1)",
    "s or t": "$s != '' ? $s : $t",
    "1 < i <= j": "1 < $i and $i <= $j",
    "i in xs": "$i in $xs",
    "s not in ws": "$not($s in $ws)",
    "'a' in s": "$contains($s, 'a')",
    "s in d": "$exists($lookup($d, $s))",
    "i - (j - 1)": "$i - ($j - 1)",
    "i * -2": "$i * -2",
    "-(i + j)": "-($i + $j)",
    "s + 'x'": "$s & 'x'",
    "xs + [i]": "$append($xs, [$i])",
    "d | {'z': 1}": "$merge([$d, {'z': 1}])",
    "i / 2": "$i / 2",
    "i / j": "($__d := $j; $__d = 0 ? $error('ZeroDivisionError') : $i / $__d)",
    "i // 2": "$floor($i / 2)",
    "i % 3": "$i - 3 * $floor($i / 3)",
    "f'{s}: {i}'": "$s & ': ' & $i",
    "f'{i}'": "$string($i)",
    "i if b else j": "$b ? $i : $j",
    "[q * 2 for q in xs]": "[$map($xs, function($_q){$_q * 2})]",
    "[q for q in xs if q > i]": "[$filter($xs, function($_q){$_q > $i})]",
    "[v.sku for v in lines if v.quantity > 1]": (
        "[$map($filter($lines, function($_v){$_v.quantity > 1}), function($_v){$_v.sku})]"
    ),
    "[[q] for q in xs]": "$reduce($xs, function($__a, $_q){$append($__a, [[$_q]])}, [])",
    "{w: 1 for w in ws}": "$reduce($ws, function($__a, $_w){$merge([$__a, {$_w: 1}])}, {})",
    "[xs, ys]": "[[$xs], [$ys]]",
    "[[1], [2]]": "[[1], [2]]",
    "[*xs, i]": "$append($xs, [$i])",
    "{**d, 'z': i}": "$merge([$d, {'z': $i}])",
    "len(xs)": "$count($xs)",
    "len(s)": "$length($s)",
    "len(d)": "$count($keys($d))",
    "sum(v.quantity for v in lines)": "$sum([$map($lines, function($_v){$_v.quantity})])",
    "max(i, j)": "$max([$i, $j])",
    "int(f)": "$f < 0 ? $ceil($f) : $floor($f)",
    "round(f)": "$round($f)",
    "sorted(ws)": "$sort($ws)",
    "any(q > 1 for q in xs)": "$count($filter($xs, function($_q){$_q > 1})) > 0",
    "all(q > 1 for q in xs)": "$count($filter($xs, function($_q){$not($_q > 1)})) = 0",
    "list(range(i))": "[0..$i - 1]",
    "s.upper()": "$uppercase($s)",
    "s.startswith('ab')": "$substring($s, 0, 2) = 'ab'",
    "s.endswith('ab')": "$substring($s, -2) = 'ab'",
    "','.join(ws)": "$join($ws, ',')",
    "s.split(',')": "$split($s, ',')",
    "s.replace('a', t)": "$replace($s, 'a', $t)",
    "d.get('a', 3)": "($__v := $lookup($d, 'a'); $exists($__v) ? $__v : 3)",
    "list(d.keys())": "[$keys($d)]",
    "size == 'small'": "$size = 'small'",
    "size is Size.LARGE": "$size = 'large'",
    "size.value": "$size",
}


@pytest.mark.parametrize(("source", "text"), BEFORE_AND_AFTER.items(), ids=list(BEFORE_AND_AFTER))
def test_python_becomes_jsonata(source: str, text: str) -> None:
    assert to_jsonata(compiled(source)) == text


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
