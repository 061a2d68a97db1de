"""Errors of tasks as answers to HTTP requests."""

import pytest

from stepsmith import WorkflowError
from stepsmith.http import Refused
from tasks import errors
from tasks.cart.errors import EmptyCart
from tasks.refusals import answered


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInput, 422),
        (errors.NotFound, 404),
        (errors.Forbidden, 403),
        (errors.Conflict, 409),
        (errors.Rejected, 409),
        (errors.TooLarge, 422),
        (errors.Throttled, 503),
        (errors.Unavailable, 503),
        (EmptyCart, 409),
    ],
)
def test_what_a_task_refuses_has_its_status_and_its_words(error: type[WorkflowError], status: int) -> None:
    with pytest.raises(Refused) as refused, answered():
        raise error("no more tea")

    assert (refused.value.status, refused.value.message) == (status, "no more tea")
    assert refused.value.headers == ({"retry-after": "1"} if status == 503 else {})


@pytest.mark.parametrize("error", [errors.Corrupt, WorkflowError, KeyError])
def test_a_fault_stays_one(error: type[Exception]) -> None:
    with pytest.raises(error), answered():
        raise error("broken")
