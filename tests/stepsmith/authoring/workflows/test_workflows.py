"""Workflows: what is compiled, where it comes from, how it is called."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from stepsmith import DefinitionError, InvalidInput, Retry, WorkflowError, parallel, task, wait, workflow
from stepsmith.asl.parse import parse
from stepsmith.asl.render import to_json


class Purchase(BaseModel):
    machine: str
    cents: int = 150


class Jammed(WorkflowError): ...


@task
def pay(purchase: Purchase) -> str:
    return f"paid {purchase.cents}"


@task(retry=[Retry(max_attempts=2)])
def release(machine: str) -> None:
    if machine == "stuck":
        raise Jammed(f"{machine} is stuck")


@task
def void(receipt: str, reason: str) -> None: ...


@workflow
def vending(purchase: Purchase, hurry: bool = False) -> str:
    """Sell something.

    The rest is for people.
    """
    receipt = pay(purchase)
    if not hurry:
        wait(90)
    try:
        release(purchase.machine)
    except Jammed as error:
        void(receipt, str(error))
        raise
    return receipt


def test_a_workflow_is_still_the_function() -> None:
    assert vending(Purchase(machine="a")) == "paid 150"
    assert vending.__name__ == vending.name == "vending"
    assert repr(vending) == "<workflow vending>"


def test_the_first_line_of_its_documentation_is_the_comment() -> None:
    assert vending.definition.comment == "Sell something."


def test_states_are_named_after_what_they_do() -> None:
    assert list(vending.definition.states) == [
        "Pay",
        "Not hurry?",
        "Wait 90 seconds",
        "Release",
        "Void",
        "Raise again",
    ]


def test_each_state_knows_its_place() -> None:
    first = vending.function.__code__.co_firstlineno
    lines = {name: span.line - first for name, span in vending.spans.items()}

    assert lines == {
        "Pay": 6,
        "Not hurry?": 7,
        "Wait 90 seconds": 8,
        "Release": 10,
        "Void": 12,
        "Raise again": 13,
    }


def test_the_definition_is_the_same_text_each_time_and_is_accepted_by_our_own_door() -> None:
    text = to_json(vending.definition)

    again = workflow(vending.function).definition

    assert to_json(again) == text
    assert to_json(parse(text)) == text


def test_moving_the_code_does_not_change_the_definition() -> None:
    def vending(purchase: Purchase, hurry: bool = False) -> str:
        """Sell something."""

        # a comment, and lines between

        receipt = pay(purchase)

        if not hurry:
            wait(90)
        try:
            release(purchase.machine)
        except Jammed as error:
            void(receipt, str(error))
            raise
        return receipt

    moved = workflow(vending)

    assert to_json(moved.definition) == to_json(globals()["vending"].definition)


def test_it_names_its_tasks() -> None:
    assert list(vending.tasks) == ["pay", "release", "void"]
    assert vending.tasks["pay"] is pay


def test_an_input_is_checked_and_filled_in() -> None:
    assert vending.check_input({"purchase": {"machine": "a"}}) == {
        "purchase": {"machine": "a", "cents": 150},
        "hurry": False,
    }


@pytest.mark.parametrize(
    ("input", "message"),
    [
        ({}, "purchase is missing"),
        ({"purchas": {}}, r"there is no input 'purchas'; did you mean 'purchase'\?"),
        ({"purchase": {"machine": 3}}, r"purchase\.machine: Input should be a valid string"),
        (
            {"purchase": {"machine": "a", "cents": "many"}},
            r"purchase\.cents: Input should be a valid integer",
        ),
        (["purchase"], "the input is a list; it has to be an object with purchase, hurry"),
    ],
)
def test_an_input_that_does_not_fit_is_answered_with_the_name_of_the_field(input: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        vending.check_input(input)


def test_running_takes_the_arguments_of_the_function() -> None:
    execution = vending.run(Purchase(machine="a", cents=5), hurry=True)

    assert execution.status == "SUCCEEDED"
    assert execution.result() == "paid 5"
    assert execution.path == ["Pay", "Not hurry?", "Release"]


def test_a_run_raises_what_the_workflow_raises() -> None:
    execution = vending.run(purchase=Purchase(machine="stuck"))

    assert (execution.status, execution.error) == ("FAILED", "Jammed")
    assert execution.elapsed == timedelta(seconds=90 + 1 + 2)
    with pytest.raises(Jammed, match="stuck is stuck"):
        execution.result()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({}, "purchase"), ({"purchase": Purchase(machine="a"), "hury": True}, "there is no input 'hury'")],
)
def test_running_with_wrong_arguments_is_answered_plainly(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        vending.run(**arguments)


def test_starting_gives_an_execution_to_wait_for() -> None:
    execution = vending.start(purchase=Purchase(machine="a"))

    assert execution.wait(10).output == "paid 150"


def test_every_mistake_is_reported_at_once_in_the_order_of_the_source() -> None:
    def wrong(purchase: Purchase) -> str:
        first = pay(purchase.machine)  # pyright: ignore[reportArgumentType] - what is refused
        void("x", purchase.cent)  # pyright: ignore[reportAttributeAccessIssue] - what is refused
        second = pay(purchase, 3)  # pyright: ignore[reportCallIssue] - what is refused
        return f"{first} {second:>4}"

    with pytest.raises(DefinitionError) as caught:
        workflow(wrong)

    assert [found.code for found in caught.value.diagnostics] == ["W201", "W131", "W201"]
    assert "argument 'purchase' of pay() is Purchase, got str" in str(caught.value)
    assert "did you mean 'cents'?" in str(caught.value)


def test_without_fusing_every_statement_has_a_state() -> None:
    def adding(number: int) -> int:
        first = number + 1
        second = first * 2
        return second + first

    fused, plain = workflow(adding), workflow(fuse=False)(adding)

    assert list(fused.definition.states) == ["Return"]
    assert list(plain.definition.states) == ["Start", "Set first", "Set second", "Return"]
    assert fused.run(3).output == plain.run(3).output == 12


def test_branches_do_not_assign_names_of_the_scope_around() -> None:
    @workflow
    def naming(number: int) -> int:
        value = number

        def branch() -> int:
            value = len(pay(Purchase(machine="m")))
            wait(1)
            return value + 1

        first, second = parallel(branch(), pay(Purchase(machine="m")))
        return first + value + len(second)

    assert naming.run(1).output == naming(1)
    assert '"value_2":' in to_json(naming.definition)


def test_returns_of_the_same_value_share_a_state() -> None:
    @workflow
    def listing(number: int) -> list[int]:
        if number > 5:
            return [1, 2]
        if number > 3:
            return [3]
        return [1, 2]

    assert [name for name in listing.definition.states if name.startswith("Return")] == [
        "Return if number",
        "Return",
    ]
    assert [listing.run(number).output for number in (9, 4, 1)] == [[1, 2], [3], [1, 2]]


def test_a_task_in_a_chain_of_comparisons_is_called_once() -> None:
    @workflow
    def comparing(purchase: Purchase) -> bool:
        return "a" < pay(purchase) < "z"

    assert [name for name in comparing.definition.states if name.startswith("Pay")] == ["Pay"]
    assert comparing.run(Purchase(machine="a")).output is True
