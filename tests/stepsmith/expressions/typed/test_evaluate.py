"""Expression trees computed in Python."""

import pytest

from stepsmith.errors import ExpressionError
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.static_types import DATETIME, INT, STR, ErrorType, ModelType
from tests.stepsmith.expressions.differential.cases import compiled

VALUES = {
    "i": 7,
    "j": -2,
    "s": "text",
    "b": True,
    "c": False,
    "xs": [3, 1],
    "ws": ["b", "a"],
    "rows": [[1], []],
    "d": {"a": 1},
    "oi": None,
    "line": {"sku": "k", "quantity": 2, "price": 0.5, "note": None, "tags": []},
    "lines": [{"sku": "k", "quantity": 2, "price": 0.5, "note": None, "tags": []}],
    "pairs": [["p", 1]],
}

RESULTS = {
    "i // j": -4,
    "i % j": -1,
    "xs[-1]": 1,
    "s[1:3]": "ex",
    "[*xs, i]": [3, 1, 7],
    "{**d, 'b': i}": {"a": 1, "b": 7},
    "sorted(ws)": ["a", "b"],
    "[v.sku for v in lines if v.quantity > 1]": ["k"],
    "{w: i for w in ws}": {"b": 7, "a": 7},
    "f'{s}-{i}'": "text-7",
    "i if b else j": 7,
    "any(q > 2 for q in xs)": True,
    "all(q > 2 for q in xs)": False,
    "d.get('z', 4)": 4,
    "d.get('z')": None,
    "[f'{k}{n}' for k, n in pairs]": ["p1"],
    "list(d.keys())": ["a"],
    "not oi": True,
    "i in xs or 'a' in d": True,
    "s.split('x')": ["te", "t"],
    "list(range(2, 4))": [2, 3],
    "line.quantity * -1": -2,
}


@pytest.mark.parametrize(("source", "result"), RESULTS.items(), ids=list(RESULTS))
def test_an_expression_has_the_value_that_python_gives(source: str, result: object) -> None:
    assert evaluate(compiled(source), VALUES) == result


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("d['z']", KeyError),
        ("xs[5]", IndexError),
        ("i / 0", ZeroDivisionError),
        ("max([q for q in xs if q > 9])", ValueError),
    ],
)
def test_an_expression_fails_as_in_python(source: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        evaluate(compiled(source), VALUES)


def test_points_in_time_are_compared_whatever_their_offset() -> None:
    early, late = (tree.Variable(name=name, type=DATETIME) for name in "ab")
    node = tree.Compare(operator="==", left=early, right=late)

    assert evaluate(node, {"a": "2026-01-01T02:00:00+02:00", "b": "2026-01-01T00:00:00Z"}) is True


def test_the_message_of_an_error_is_read_from_what_lambda_makes_of_it() -> None:
    node = tree.Call(function="message", arguments=(tree.Variable(name="e", type=ErrorType()),), type=STR)

    assert evaluate(node, {"e": {"Error": "E", "Cause": '{"errorMessage": "no", "errorType": "E"}'}}) == "no"
    assert evaluate(node, {"e": {"Error": "E", "Cause": "plain"}}) == "plain"
    assert evaluate(node, {"e": {"Error": "E", "Cause": None}}) == ""


def test_what_a_state_sees_is_given_by_name() -> None:
    node = tree.Field(value=tree.State(part="input", type=ModelType("m", "object")), name="a", type=INT)

    assert evaluate(node, {"states.input": {"a": 3}}) == 3


def test_raw_jsonata_has_no_value_here() -> None:
    with pytest.raises(ExpressionError, match="is JSONata"):
        evaluate(tree.Raw(text="$x", type=INT), {})


def test_the_clock_has_no_value_here() -> None:
    with pytest.raises(ExpressionError, match=r"now\(\) has no value"):
        evaluate(tree.Call(function="now", arguments=(), type=DATETIME), {})
