"""What AWS answers when a call fails, as the named errors of the tasks."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from tasks.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Throttled,
    TooLarge,
    Unavailable,
    Unsupported,
)

BY_CODE: Final[Mapping[str, type[Exception]]] = {
    "404": NotFound,
    "NoSuchKey": NotFound,
    "NoSuchBucket": NotFound,
    "NoSuchVersion": NotFound,
    "ResourceNotFoundException": NotFound,
    "InvalidS3ObjectException": NotFound,
    "403": Forbidden,
    "AccessDenied": Forbidden,
    "AccessDeniedException": Forbidden,
    "412": Conflict,
    "PreconditionFailed": Conflict,
    "ConditionalRequestConflict": Conflict,
    "ConditionalCheckFailedException": Conflict,
    "SlowDown": Throttled,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "RequestLimitExceeded": Throttled,
    "TooManyRequestsException": Throttled,
    "LimitExceededException": Throttled,
    "RequestTimeout": Unavailable,
    "InternalError": Unavailable,
    "InternalServerError": Unavailable,
    "ServiceUnavailable": Unavailable,
    "ImageTooLargeException": TooLarge,
    "InvalidImageFormatException": Unsupported,
    "InvalidParameterException": InvalidInput,
}


@contextmanager
def named_errors(what: str) -> Generator[None]:
    """Raise what boto3 raises as NotFound, Forbidden, Conflict, Throttled, Unavailable and so on, saying `what`.

    A code that is not known keeps boto3's own error, which is permanent, unless the service says that it broke.
    """
    from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
    from botocore.exceptions import ConnectionError as NoConnection

    try:
        yield
    except ClientError as error:
        response: dict[str, Any] = dict(error.response)
        code = str(response.get("Error", {}).get("Code", ""))
        named = BY_CODE.get(code)
        if named is None and response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            named = Unavailable
        if named is None:
            raise
        raise named(f"{what}: {response['Error'].get('Message') or code}") from error
    except (HTTPClientError, NoConnection) as error:
        raise Unavailable(f"{what}: {error}") from error
    except NoCredentialsError as error:
        raise Forbidden(f"{what}: {error}") from error
