import re
from typing import Any

import pytest

from stepsmith import ClientRegistry, InvalidInput, NotFound, WorkflowError, task, workflow
from stepsmith.testing import assert_equivalent
from tests.stepsmith.testing.shop import Answer, ask, charge, sell

times = iter(range(1_000))


def prepare(clients: ClientRegistry) -> None:
    clients.client("ses").verify_email_identity(EmailAddress="shop@example.com")


@pytest.mark.parametrize("yes", [True, False])
def test_a_workflow_does_the_same_both_ways(yes: bool) -> None:
    answers = {ask: lambda question: Answer(yes=yes)}

    assert_equivalent(sell, responders=answers, prepare=prepare, cents=5, to="a@b.ie")


@task
def count(of: str) -> int:
    return next(times)


@workflow
def counting(of: str) -> int:
    """Return something else each time."""
    return count(of)


def test_a_difference_is_told_with_both_sides() -> None:
    with pytest.raises(AssertionError, match=r"(?s)counting: the output differs.*Python:.*machine:"):
        assert_equivalent(counting, of="things")


@pytest.mark.parametrize(
    ("responders", "told"),
    [
        ({"aks": lambda question: None}, "responders: the workflow calls no task 'aks'; did you mean 'ask'"),
        ({charge: lambda cents: "p"}, "responders: 'charge' waits for no answer"),
        ({"Ask": lambda question: None}, "responders: the workflow calls no task 'Ask'; did you mean 'ask'"),
        ({ask: lambda: None}, "responders: ask is called with question: got an unexpected keyword argument"),
        ({ask: Answer(yes=True)}, "responders: ask is Answer, not a function of the task's arguments"),
    ],
)
def test_a_responder_that_does_not_fit_is_refused(responders: Any, told: str) -> None:
    with pytest.raises((InvalidInput, NotFound), match=re.escape(told)):
        assert_equivalent(sell, responders=responders, prepare=prepare, cents=5, to="a@b.ie")


def test_only_workflows_have_two_forms() -> None:
    with pytest.raises(InvalidInput, match="charge is a task"):
        assert_equivalent(charge, cents=5)  # pyright: ignore[reportArgumentType] - the mistake


class Odd(WorkflowError):
    """An error for one side only."""


@task
def sometimes(of: str) -> int:
    if next(times) % 2:
        raise Odd("odd")
    return 0


@workflow
def unsteady(of: str) -> int:
    """Fail every other time."""
    return sometimes(of)


def test_an_error_on_one_side_only_is_a_difference() -> None:
    with pytest.raises(AssertionError, match="unsteady: the error differs"):
        assert_equivalent(unsteady, of="things")
