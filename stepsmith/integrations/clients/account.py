"""An AWS account as deployments and remote executions see it: clients that retry, and failures in one sentence."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from stepsmith.errors import StepsmithError
from stepsmith.integrations.clients.registry import MissingPackage
from stepsmith.terminal_text import one_line

if TYPE_CHECKING:
    from boto3.session import Session

SYNCHRONOUS_SECONDS: Final = 310
LOG_IN: Final = "; log in again, or name other credentials with --profile"
_CREDENTIALS: Final = frozenset(
    (
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "NoCredentialsError",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
    )
)


LONGEST_REASON: Final = 1500
"""Characters of what botocore says; what was given for a profile or an address stands in it."""


class AwsFailure(StepsmithError):
    """A call of AWS that failed; `code` is AWS's name for it, empty where AWS was not reached."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AwsAccount:
    """The account that the credentials of this machine, or a profile, lead to; or another endpoint in its place.

    `clients` are those of services that are there already.
    """

    def __init__(
        self,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        *,
        clients: Mapping[str, object] | None = None,
    ) -> None:
        self.profile = profile
        self.endpoint_url = endpoint_url
        self._region = region
        self._clients: dict[str, Any] = dict(clients or {})

    @cached_property
    def _session(self) -> Session:
        try:
            import boto3
        except ImportError:
            raise MissingPackage("boto3 is not installed: pip install 'stepsmith[aws]'") from None
        with aws_failures("finding the profile"):
            return boto3.Session(region_name=self._region, profile_name=self.profile)

    @cached_property
    def region(self) -> str:
        """The region. Raises AwsFailure where none is configured."""
        found = self._session.region_name
        if not found:
            raise AwsFailure("no region is configured: name one with --region or in AWS_DEFAULT_REGION")
        return found

    @cached_property
    def id(self) -> str:
        """The number of the account. Raises AwsFailure without working credentials."""
        with aws_failures("asking for the account"):
            return str(self.client("sts").get_caller_identity()["Account"])

    def client(self, service: str) -> Any:
        """Give the boto3 client of a service; it retries what can be retried."""
        if service not in self._clients:
            from botocore.config import Config

            config = Config(retries={"mode": "standard", "total_max_attempts": 5})
            if service == "stepfunctions":
                # a synchronous execution takes five minutes at most, and must not be started again before
                config = config.merge(Config(read_timeout=SYNCHRONOUS_SECONDS))
            if self.endpoint_url is not None:
                # another endpoint has one host name, for buckets and for synchronous executions too
                config = config.merge(Config(inject_host_prefix=False, s3={"addressing_style": "path"}))
            with aws_failures(f"making a client of {service}"):
                session: Any = self._session
                self._clients[service] = session.client(
                    service, region_name=self.region, endpoint_url=self.endpoint_url, config=config
                )
        return self._clients[service]


@contextmanager
def aws_failures(doing: str) -> Generator[None]:
    """Turn what boto3 raises into AwsFailure, which says what was being done."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        found = error.response.get("Error", {})
        code = found.get("Code", "")
        text = f"{doing} failed: {found.get('Message') or error} ({code}){LOG_IN if code in _CREDENTIALS else ''}"
        raise AwsFailure(text, code) from error
    except BotoCoreError as error:
        hint = LOG_IN if type(error).__name__ in _CREDENTIALS else ""
        raise AwsFailure(f"{doing} failed: {one_line(str(error))[:LONGEST_REASON]}{hint}") from error
    except ResponseParserError as error:
        # what answers is something before the service, such as a proxy with a page of its own
        raise AwsFailure(
            f"{doing} failed: the answer is none of AWS's: {str(error).partition(chr(10))[0]}"
        ) from error
    except ValueError as error:
        # botocore refuses endpoint addresses with nothing better
        raise AwsFailure(f"{doing} failed: {one_line(str(error))[:LONGEST_REASON]}") from error
