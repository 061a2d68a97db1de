"""`@workflow(ended=...)`: which workflows it takes, and what it does in plain Python."""

from datetime import timedelta
from typing import Any

import pytest

from stepsmith import task, workflow
from stepsmith.testing import assert_equivalent
from tests.stepsmith.ended_workflows import HELD, TOLD, forget, hold_on, let_go_of_it


@pytest.fixture(autouse=True)
def begun_anew() -> None:
    forget()


def test_a_workflow_knows_what_ends_its_records() -> None:
    assert hold_on.ended is let_go_of_it
    assert let_go_of_it.ended is None


def test_what_ends_records_takes_one_thing() -> None:
    @workflow
    def two(detail: str, more: str) -> str:
        return detail + more

    @workflow
    def nothing() -> int:
        return 1

    def main(text: str) -> str:
        return text

    with pytest.raises(
        ValueError, match=r"two has 2 required parameters \(detail, more\); ended=\.\.\. takes"
    ):
        workflow(ended=two)(main)
    with pytest.raises(ValueError, match=r"nothing has 0 required parameters \(none\)"):
        workflow(ended=nothing)(main)


def test_an_express_workflow_has_nothing_that_ends_its_records() -> None:
    def main(text: str) -> str:
        return text

    with pytest.raises(ValueError, match="EventBridge hears nothing"):
        workflow(ended=let_go_of_it, express=True)(main)


def test_plain_python_ends_records_as_well() -> None:
    with pytest.raises(ValueError, match="too hot"):
        hold_on("hot")

    assert HELD == []
    assert [(told["status"], told["error"], told["input"]) for told in TOLD] == [
        ("FAILED", "ValueError", '{"thing":"hot"}')
    ]


def test_plain_python_that_succeeds_is_followed_by_nothing() -> None:
    assert hold_on("cup") == "cup"

    assert TOLD == []


def test_what_fails_afterwards_is_noted_with_the_error_and_hides_it_not() -> None:
    @task(timeout=timedelta(seconds=1))
    def fail() -> None:
        raise KeyError("first")

    @task(timeout=timedelta(seconds=1))
    def fail_again(detail: dict[str, Any]) -> None:
        raise KeyError("second")

    @workflow
    def closing(detail: dict[str, Any]) -> None:
        fail_again(detail)

    @workflow(ended=closing)
    def main() -> None:
        fail()

    with pytest.raises(KeyError, match="first") as caught:
        main()
    assert caught.value.__notes__ == ["closing has failed after that: 'second'"]


@pytest.mark.parametrize("thing", ["cup", "hot"])
def test_both_forms_are_the_same(thing: str) -> None:
    assert_equivalent(hold_on, thing=thing)
