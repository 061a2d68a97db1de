"""Names of states: what they are called, what they do not depend on, and how a comment names them."""

import re
from collections.abc import Callable

import pytest

from stepsmith import WorkflowError, parallel, task, wait, workflow
from stepsmith.authoring.source.diagnostics import DefinitionError
from stepsmith.authoring.source.names import condition_words


class Declined(WorkflowError):
    """No money."""


@task
def notify(text: str, to: str = "all") -> None: ...


@task(name="Take the money")
def charge(cents: int) -> str:
    return f"paid {cents}"


def names(function: Callable[..., object]) -> list[str]:
    return list(workflow(function).definition.states)


def test_a_statement_above_another_like_it_does_not_rename_it() -> None:
    def before(text: str) -> None:
        notify(text)

    def after(text: str) -> None:
        notify("soon")
        notify(text)

    assert names(before) == ["Notify"]
    assert names(after) == ["Notify ('soon')", "Notify"]


def test_equal_statements_are_counted_from_the_last() -> None:
    def twice(text: str) -> None:
        notify(text)
        notify(text)
        notify(text)
        notify(text)

    assert names(twice) == ["Notify 3", "Notify 2", "Notify (text)", "Notify"]


def test_a_state_in_a_block_says_where_it_is() -> None:
    def paying(cents: int, text: str) -> str:
        try:
            receipt = charge(cents)
        except Declined:
            notify(text)
            return "declined"
        if cents > 100:
            notify(text)
        notify(text)
        return receipt

    assert [name for name in names(paying) if name != "Return"] == [
        "Take the money",
        "Notify after Declined",
        "Cents?",
        "Notify if cents",
        "Notify",
    ]


def test_states_of_different_branches_have_different_names() -> None:
    def both(text: str) -> None:
        def first() -> None:
            notify(text)
            wait(1)

        def second() -> None:
            notify(text)
            wait(1)

        parallel(first(), second())

    state = workflow(both).definition.states["First and Second"]
    inner = [list(branch.states) for branch in state.branches]  # pyright: ignore[reportAttributeAccessIssue]

    assert inner == [["Notify in first", "Wait 1 second in first"], ["Notify", "Wait 1 second"]]


def test_a_comment_above_a_statement_is_that_of_its_state() -> None:
    def commented(text: str) -> None:
        # Tell them early,
        # so that nobody waits.
        notify(text)  # not this one
        # pyright: basic
        wait(5)

    states = workflow(commented).definition.states

    assert states["Notify"].comment == "Tell them early, so that nobody waits."
    assert states["Wait 5 seconds"].comment is None


def test_a_comment_names_a_state_before_all_others() -> None:
    def named(text: str) -> None:
        # state: Notify
        wait(5)
        notify(text)  # state: Tell them
        notify(text)

    assert names(named) == ["Notify", "Tell them", "Notify (text)"]


def test_a_comment_names_the_outermost_state_of_a_statement() -> None:
    def nested(cents: int) -> None:
        # state: Tell what was paid
        notify(charge(cents))

    assert names(nested) == ["Take the money", "Tell what was paid"]


def test_with_options_names_a_state() -> None:
    told = notify.with_options(name="Tell everybody")

    def optioned(text: str) -> None:
        told(text)

    assert names(optioned) == ["Tell everybody"]


def test_a_comment_that_names_no_state_is_refused() -> None:
    def wrong(text: str) -> str:
        # state: Shout
        loud = text.upper()
        return loud + "!"

    with pytest.raises(DefinitionError, match=re.escape("W206 no state is made of `loud = text.upper()`")):
        workflow(wrong)


def test_two_states_of_one_given_name_are_refused() -> None:
    def wrong(text: str) -> None:
        notify(text)  # state: Tell
        notify(text)  # state: Tell

    with pytest.raises(DefinitionError, match="W301 two states have the name 'Tell'"):
        workflow(wrong)


def test_a_name_never_has_more_than_eighty_characters() -> None:
    def long(text: str) -> None:
        if text == "a":
            notify("the first of two texts of forty letters", to=text)
        notify("the second of two texts of forty letter", to=text)
        notify(text)

    assert all(len(name) <= 80 for name in names(long))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("order.total > 100", "total"),
        ("not cart.lines", "not lines"),
        ("len(order.lines) == 0", "lines"),
        ("status == Status.RUNNING", "status"),
        ("paid and order.is_open and late", "paid and is open"),
        ("name.startswith('a')", "name and startswith"),
        ("orders[0].paid", "paid"),
        ("5 > 3", "5 > 3"),
    ],
)
def test_a_condition_is_named_by_what_it_is_about(condition: str, words: str) -> None:
    import ast

    assert condition_words(ast.parse(condition, mode="eval").body) == words
