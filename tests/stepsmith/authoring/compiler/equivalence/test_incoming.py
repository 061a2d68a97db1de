"""JSON from outside gives in the state machine what it gives in plain Python, or fails in both."""

import json
from typing import Any

import pytest

from stepsmith import load
from stepsmith.integrations import ClientRegistry
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.equivalence import incoming

ORDERS: dict[str, Any] = {
    "least": {"orderId": "a"},
    "more than there is": {"orderId": "a", "what": 1, "parts": [{"what": 2}]},
    "all": {
        "orderId": "a",
        "parts": [{"n": 1, "note": None}, {}],
        "first": [2, {"note": "x"}],
        "colour": "blue",
        "grade": 2,
        "due": "2026-01-01T00:00:00+01:00",
    },
    "null": {"orderId": "a", "due": None},
}
UNFIT: dict[str, Any] = {
    "nothing": {},
    "null for a text": {"orderId": None},
    "a number for a text": {"orderId": 1},
    "a text for a list": {"orderId": "a", "parts": "x"},
    "one object for a list": {"orderId": "a", "parts": {"n": 1}},
    "a fraction": {"orderId": "a", "parts": [{"n": 1.5}]},
    "a tuple that is too short": {"orderId": "a", "first": [1]},
    "another colour": {"orderId": "a", "colour": "green"},
    "a bool for a number": {"orderId": "a", "grade": True},
    "a day for a moment": {"orderId": "a", "due": "2026-01-01"},
}


def test_the_right_entry_of_nested_dicts_is_filled_and_read() -> None:
    by = {"a": {"x": {"n": 7}, "y": {}}, "b": {"x": {}}}

    assert_equivalent(incoming.nested_dicts, raw_input={"by": by, "key": "a"})


def test_models_inside_tuples_are_filled() -> None:
    given = {"pair": [1, {}], "pairs": [["a", {"n": 5}], ["b", {}]], "order": {"orderId": "z"}}

    assert_equivalent(incoming.tuples, raw_input=given)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("keys", [{"k": 1}, {"k": 1, "o": 2}])
def test_input_that_leaves_things_out_is_filled(order: Any, keys: Any) -> None:
    assert_equivalent(incoming.whole, raw_input={"order": order, "keys": keys})


@pytest.mark.parametrize("order", UNFIT.values(), ids=UNFIT)
def test_input_that_does_not_fit_is_refused_before_it_starts(order: Any) -> None:
    assert_equivalent(incoming.whole, raw_input={"order": order, "keys": {"k": 1}})


@pytest.mark.parametrize("order", [*ORDERS.values(), *UNFIT.values()], ids=[*ORDERS, *UNFIT])
@pytest.mark.parametrize("more", [{"n": 5}, {"n": "5", "share": "1.5", "yes": "no"}, {"n": "x"}, {}])
def test_a_state_machine_that_checks_its_input_reads_it_as_python_does(order: Any, more: Any) -> None:
    assert_equivalent(incoming.checked_input, raw_input={"order": order, "keys": {"k": "7"}, **more})


def test_the_failure_says_which_field_it_is() -> None:
    given = {"order": {"orderId": "a", "parts": [{"n": "three"}]}, "keys": {"k": 1}, "n": 1}

    execution = load(incoming.checked_input.definition.to_json()).run(given)

    assert execution.error == "States.QueryEvaluationError"
    assert "order.parts.n is not an int" in (execution.cause or "")


ANSWERS: dict[str, Any] = {
    "a note is left out": {"ok": True},
    "all": {"ok": False, "note": "x", "parts": {"a": {}, "b": {"n": "4", "note": None}}},
    "a word for a bool": {"ok": "yes"},
    "a number for a bool": {"ok": 2},
    "null for a text": {"ok": True, "note": None},
    "something else": {"ok": True, "other": 1},
    "a list": [],
    "nothing": None,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize(
    "workflow",
    [incoming.answered, incoming.answered_whole, incoming.answer_ignored],
    ids=lambda workflow: workflow.name,
)
def test_an_answer_is_read_as_its_type_or_fails(workflow: Any, answer: Any) -> None:
    assert_equivalent(workflow, raw_answers={incoming.ask: answer}, question="?")


@pytest.mark.parametrize("answer", [5, "5", 5.0, 5.5, "five", None, [5], True])
def test_an_answer_that_cannot_be_read_is_caught_like_a_failure_of_the_task(answer: Any) -> None:
    assert_equivalent(incoming.answered_in_try, raw_answers={incoming.ask_number: answer}, question="?")


@pytest.mark.parametrize("order", [*ORDERS.values(), *UNFIT.values()], ids=[*ORDERS, *UNFIT])
def test_answers_are_lists_of_models(order: Any) -> None:
    assert_equivalent(incoming.orders_answered, raw_answers={incoming.ask_orders: [order, {"orderId": "b"}]})


@pytest.mark.parametrize(
    "result", [{}, {"Count": 2}, {"Count": "4"}, {"Count": 3, "Item": {"a": 1}, "More": True}]
)
def test_what_a_service_leaves_out_is_filled(result: Any) -> None:
    assert_equivalent(incoming.stored, raw_results={incoming.get_item: result}, table="t")


def _file(text: str) -> Any:
    def prepare(clients: ClientRegistry) -> None:
        s3 = clients.client("s3")
        s3.create_bucket(Bucket="files")
        s3.put_object(Bucket="files", Key="items", Body=text.encode())

    return prepare


CSV = {
    "numbers": "id,n,share,done\na,1,0.25,true\nb,22,1e3,no\n",
    "defaults": "id,n\na,1\nb,-2\n",
    "one that is no number": "id,n\na,1\nb,two\n",
    "two that are no numbers": "id,n\na,one\nb,two\n",
    "a column is missing": "id\na\nb\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", CSV.values(), ids=CSV)
def test_texts_in_rows_are_read_as_numbers(text: str) -> None:
    assert_equivalent(incoming.rows, prepare=_file(text), bucket="files", key="items")
    assert_equivalent(incoming.batches, prepare=_file(text), bucket="files", key="items")


JSON = {
    "defaults": [{"sku": "a"}, {"sku": "b", "quantity": 3}],
    "texts": [{"sku": "a", "quantity": "3", "more": 1}],
    "unfit": [{"sku": "a"}, {"quantity": 3}],
}


@pytest.mark.slow
@pytest.mark.parametrize("found", JSON.values(), ids=JSON)
def test_items_of_a_file_are_filled(found: list[Any]) -> None:
    by_line = "\n".join(map(json.dumps, found))

    assert_equivalent(incoming.items, prepare=_file(json.dumps(found)), bucket="files", key="items")
    assert_equivalent(incoming.lines, prepare=_file(by_line), bucket="files", key="items", more=2)


@pytest.mark.parametrize("payment", [{"kind": "card"}, {"kind": "cash"}, {"kind": "cash", "amount": 7}, {}])
def test_the_member_of_a_union_is_filled_that_its_tag_names(payment: Any) -> None:
    assert_equivalent(incoming.one_of_models, raw_input={"payment": payment})


@pytest.mark.parametrize("results", [[], [{"value": 1}], [{"reason": "x"}, {"value": 2, "unit": "k"}]])
def test_the_member_of_a_union_is_filled_that_its_fields_name(results: Any) -> None:
    by = {"a": None, "b": {"value": 1}, "c": {"reason": "late"}}

    assert_equivalent(incoming.some_of_models, raw_input={"results": results, "by": by})


@pytest.mark.parametrize(
    "value", [1, "1", True, [1], ["1"], [], None, {}, {"value": "4"}, {"value": "x"}, 1.5]
)
def test_a_union_is_read_as_the_member_that_it_looks_like(value: Any) -> None:
    assert_equivalent(incoming.checked_union, raw_input={"value": value})


@pytest.mark.parametrize(
    "answer",
    [
        {"what": {"kind": "cash"}, "parts": [{"reason": "late"}, {"value": 1}]},
        {"what": {"kind": "card", "number": "4"}},
        {"what": {"kind": "cheque"}},
        {"what": {}},
        {"what": 3},
        {"what": {"kind": "cash", "amount": "4"}, "parts": [{"odd": 1}]},
    ],
)
def test_an_answer_with_a_union_in_it_is_read_or_fails_in_both(answer: Any) -> None:
    assert_equivalent(incoming.answered_union, raw_answers={incoming.ask_outcome: answer}, question="what?")
