import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tasks import errors
from tasks.power_tuning.aws.service_errors import ServiceError, error_code, named_error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ResourceNotFoundException", errors.NotFound),
        ("AccessDeniedException", errors.Forbidden),
        ("SomethingDeniedByPolicy", errors.Forbidden),
        ("TooManyRequestsException", errors.Throttled),
        ("ResourceConflictException", errors.Conflict),
        ("ServiceException", errors.Unavailable),
        ("InvalidParameterValueException", errors.InvalidInput),
        ("CodeStorageExceededException", errors.TooLarge),
        ("SnapStartNotReadyException", errors.Throttled),
        ("SomethingElseException", errors.Rejected),
    ],
)
def test_an_answer_of_aws_becomes_a_named_error_with_its_words(code: str, kind: type[Exception]) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "the words"}}, "PublishVersion")

    named = named_error(error)

    assert type(named) is kind
    assert "the words" in str(named)


def test_an_update_in_progress_passes_with_time() -> None:
    error = ServiceError("ResourceConflictException", "An update is in progress for resource: f")

    assert type(named_error(error)) is errors.Throttled


@pytest.mark.parametrize(
    "error",
    [EndpointConnectionError(endpoint_url="https://l"), ReadTimeoutError(endpoint_url="https://l")],
)
def test_silence_is_unavailable(error: Exception) -> None:
    assert type(named_error(error)) is errors.Unavailable


def test_other_errors_stay_what_they_are() -> None:
    mistake, refusal = KeyError("x"), errors.Rejected("no")

    assert named_error(mistake) is mistake
    assert named_error(refusal) is refusal


@pytest.mark.parametrize("response", [None, {}, {"Error": None}, {"Error": {"Code": 5}}])
def test_an_error_without_a_code_has_none(response: object) -> None:
    error = Exception()
    error.response = response  # pyright: ignore[reportAttributeAccessIssue] - as botocore does

    assert error_code(error) is None


def test_an_error_of_the_model_is_told_like_one_of_the_service() -> None:
    error = ServiceError("TooManyRequestsException", "Rate exceeded")

    assert (str(error), error_code(error)) == ("Rate exceeded", "TooManyRequestsException")
    assert str(named_error(error)) == "TooManyRequestsException: Rate exceeded"
