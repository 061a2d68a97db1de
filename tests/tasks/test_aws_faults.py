"""What AWS answers becomes what is tried again, a condition that did not hold, or stays what it is."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tasks.aws_faults import ConditionFailed, dynamodb_errors, service_errors
from tasks.errors import Throttled, Unavailable


def answered(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "Call")


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (answered("Throttling"), Throttled),
        (answered("RequestThrottled"), Throttled),
        (answered("TooManyRequestsException"), Throttled),
        (answered("ServiceUnavailable"), Unavailable),
        (answered("SomethingNew", 503), Unavailable),
        (answered("SomethingNew", 500), Unavailable),
        (EndpointConnectionError(endpoint_url="https://sqs.example"), Unavailable),
        (ReadTimeoutError(endpoint_url="https://sqs.example"), Unavailable),
        (answered("AccessDenied", 403), ClientError),
        (ValueError("ours"), ValueError),
    ],
)
def test_what_passes_with_time_is_named_and_the_rest_stays(error: Exception, named: type[Exception]) -> None:
    for errors in (service_errors, dynamodb_errors):
        with pytest.raises(named) as caught, errors():
            raise error

        assert type(caught.value) is named


def test_a_condition_that_does_not_hold_is_told_apart() -> None:
    with pytest.raises(ConditionFailed), dynamodb_errors():
        raise answered("ConditionalCheckFailedException")


@pytest.mark.parametrize(
    ("codes", "named"),
    [(["None", "ConditionalCheckFailed"], ConditionFailed), (["None", "TransactionConflict"], Throttled)],
)
def test_a_transaction_that_meets_another_is_tried_again(codes: list[str], named: type[Exception]) -> None:
    reasons = [{"Code": code} for code in codes]

    with pytest.raises(named), dynamodb_errors():
        raise answered("TransactionCanceledException", CancellationReasons=reasons)


def test_what_a_condition_says_of_each_item_is_read_in_the_cause() -> None:
    assert str(ConditionFailed(["None", "ConditionalCheckFailed"])) == "None, ConditionalCheckFailed"
