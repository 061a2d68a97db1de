"""Services that answer botocore's own clients: its models check what is sent and parse what comes back."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse

from stepsmith.integrations.clients.account import AwsAccount

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Takes an operation and its request, and gives the answer; times are seconds since 1970."""


class Refused(Exception):
    """An answer that is an error, by AWS's name for it."""

    def __init__(self, code: str, message: str = "no") -> None:
        super().__init__(message)
        self.code = code


def answered_account(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, *, region: str = "eu-west-1"
) -> AwsAccount:
    """An account whose Step Functions answers so, without a network and without waiting between attempts."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    account = AwsAccount(region)
    account.client("stepfunctions").meta.events.register("before-send.sfn", _sender(answer))
    return account


def _sender(answer: Answer) -> Callable[..., AWSResponse]:
    def send(request: AWSRequest, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        name = (target.decode() if isinstance(target, bytes) else target).partition(".")[2]
        status, body = 200, {}
        try:
            body = answer(name, json.loads(request.body))
        except Refused as refused:
            status, body = 400, {"__type": refused.code, "message": str(refused)}
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(str(request.url), status, headers, _Raw(json.dumps(body).encode()))

    return send


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content
