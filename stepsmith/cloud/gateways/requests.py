"""A request to an API, as templates, mappings and functions see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stepsmith.expressions.types import Json

_IDENTITY = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId", "accessKey",
    "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A request and where it has come to."""

    method: str
    path: str
    """Without the stage."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    api_id: str
    stage: str
    host: str
    account: str
    region: str
    request_id: str
    at: float
    resource_id: str = ""
    resource_path: str = ""
    deployment_id: str = ""
    path_parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    stage_variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def header(self, name: str) -> str | None:
        """Give a header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)

    def context(self) -> dict[str, Json]:
        """Give `$context`, with the members that were recorded."""
        at = datetime.fromtimestamp(self.at, UTC)
        identity: dict[str, Json] = dict.fromkeys(_IDENTITY)
        identity |= {"sourceIp": "127.0.0.1", "userAgent": self.header("User-Agent")}
        return {
            "resourceId": self.resource_id,
            "resourcePath": self.resource_path,
            "httpMethod": self.method,
            "extendedRequestId": self.request_id.replace("-", "")[:15] + "=",
            "requestTime": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "path": f"/{self.stage}{self.path}",
            "accountId": self.account,
            "protocol": "HTTP/1.1",
            "requestOverride": {"path": None, "header": {}, "querystring": {}},
            "stage": self.stage,
            "domainPrefix": self.host.partition(".")[0],
            "requestTimeEpoch": round(self.at * 1000),
            "requestId": self.request_id,
            "identity": identity,
            "domainName": self.host,
            "deploymentId": self.deployment_id,
            "responseOverride": {"header": {}},
            "apiId": self.api_id,
        }


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What goes back to the client."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def refusal(status: int, message: str) -> ApiAnswer:
    """Give an answer of the gateway itself."""
    return ApiAnswer(status, f'{{"message":"{message}"}}', {"Content-Type": "application/json"})
