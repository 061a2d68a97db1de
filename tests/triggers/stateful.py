"""Plays a recorded case with clients of a local cloud, in virtual time."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from requests import Request

from stepsmith.cloud.functions.function import Context
from stepsmith.cloud.local import LocalCloud
from tests.shared_data import SHARED
from tests.triggers.functions import does, duration_of, notes

ACCOUNT = "111111111111"
START = datetime(2024, 1, 1, tzinfo=UTC)
PATIENCE = timedelta(minutes=20)
REST = timedelta(seconds=30)
STEP = timedelta(seconds=5)


_READING = {
    ("s3", "list_objects_v2"),
    ("dynamodb", "scan"),
    ("stepfunctions", "list_executions"),
    ("kinesis", "get_records"),
}
"""Steps that look for what comes after a while; the recorded tests ask until it is there."""


_SENT = {
    ("mapping_api/test_lambda_eventinvokeconfig_exceptions", 13): ("OnSuccess", "arn:aws:iam:"),
    ("mapping_api/test_lambda_eventinvokeconfig_exceptions", 16): ("OnFailure", "arn:aws:_-/!lambda:"),
}
"""Steps whose test changed an ARN in code before it was sent: the recorded refusals quote what that was."""


class Player:
    """A cloud and what its functions have been called with."""

    def __init__(self, check: ModuleType) -> None:
        self.check = check
        self.cloud = LocalCloud(account=ACCOUNT, start=START, validates=False)
        self.calls: dict[str, list[Any]] = {}
        self.headers: dict[str, str] = {}
        """What is sent with each request of S3."""

    def client(self, service: str, region: str, account: str) -> Any:
        """Return a client; payloads of functions are read, as the recordings have them."""
        client = self.cloud.client(service, region=region, account=account)
        if service == "s3":
            client.meta.events.register_first("before-send.s3", self._add_headers, "recorded-headers")
        return _Client(self, client)

    def _add_headers(self, request: AWSPreparedRequest, **_: object) -> None:
        for name, value in self.headers.items():
            request.headers[name] = value

    def define(self, step: dict[str, Any], params: dict[str, Any]) -> Any:
        """Make the function of a step."""
        behaviour, name = step["behaviour"], params["FunctionName"]
        called = self.calls.setdefault(name, [])

        def handler(event: Any, context: Context) -> Any:
            called.append(notes(behaviour, event, context))
            return does(behaviour)(self.cloud, behaviour, event, context)

        # the recorded functions had half a minute, unless a case says otherwise
        settings = {"Timeout": 30, **{key: each for key, each in params.items() if key != "FunctionName"}}
        functions = self.cloud.functions
        functions.define(name, handler, caller=self.cloud.caller, duration=duration_of(behaviour), **settings)
        return self.cloud.client("lambda").get_function(FunctionName=name)["Configuration"]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.cloud.advance(timedelta(seconds=seconds))

    def invocations(self, name: str, count: int) -> list[Any]:
        """Wait until a function has been called so often, and a little more: too many calls are wrong, too."""
        waited = timedelta()
        while len(self.calls.get(name, ())) < count and waited < PATIENCE:
            self.cloud.advance(STEP)
            waited += STEP
        self.cloud.advance(REST)
        return list(self.calls.get(name, ()))

    def http(self, method: str, params: dict[str, Any]) -> Any:
        """Send a request of a client, or let S3's clients send headers from now on."""
        if method == "header":
            self.headers |= params["headers"]
            return {}
        if self.cloud.gateways.is_asked(str(params.get("url"))):
            sent: Any = Request(method.upper(), **params).prepare()
            body = sent.body.decode() if isinstance(sent.body, bytes) else sent.body or ""
            return self.cloud.gateways.answer(method, str(sent.url), dict(sent.headers), body).body
        if ".s3." not in f"{params.get('url')}":
            raise LookupError(f"{method} of {params.get('url')} is not answered in process")
        request = Request(method.upper(), **params).prepare()
        s3 = self.cloud.client("s3")
        (_, answer), *_ = s3.meta.events.emit("before-send.s3.Http", request=_sent(request))
        return {"status": answer.status_code}


def _sent(request: Any) -> AWSPreparedRequest:
    headers: Any = dict(request.headers)
    return AWSPreparedRequest(request.method, request.url, headers, request.body, False)


class _Client:
    def __init__(self, player: Player, client: Any) -> None:
        self._player = player
        self._client = client

    def __getattr__(self, name: str) -> Any:
        if name == "upload_file":
            return self._upload
        operation = getattr(self._client, name)

        def call(**given: Any) -> Any:
            answer = operation(**given)
            for member in ("Payload", "Body"):
                if isinstance(answer, dict) and hasattr(answer.get(member), "read"):
                    answer[member] = answer[member].read().decode()
            return answer

        return call

    def _upload(self, *, multipart: bool = False, **given: Any) -> Any:
        """Upload as boto3 does; `multipart` says that it was in parts."""
        if not multipart:
            return self._client.put_object(**given)
        body, place = given.pop("Body"), {"Bucket": given["Bucket"], "Key": given["Key"]}
        upload = self._client.create_multipart_upload(**given)["UploadId"]
        part = self._client.upload_part(**place, UploadId=upload, PartNumber=1, Body=body)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        return self._client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts)


def stateful(case: dict[str, Any]) -> dict[str, Any]:
    """Play a case; return the answers of its steps, as the check wants them."""
    check = the_check()
    player = Player(check)
    answers: dict[int, Any] = {}
    for step in case["given"]["steps"]:
        if step.get("until_there"):
            answer = _read(player, step, answers)
        elif step["service"] == "function":
            answer = player.invocations(step["params"]["FunctionName"], step["params"].get("count", 1))
        else:
            if (step["service"], step["op"]) in _READING:
                player.cloud.advance(REST * 2)
            if step["op"] in {"list_replays", "describe_replay"}:
                player.cloud.settle()
            params = _resolved(check, step, answers)
            if (case["id"], step["n"]) in _SENT:
                when, start = _SENT[case["id"], step["n"]]
                target = params["DestinationConfig"][when]["Destination"]
                changed = target.replace("arn:aws:lambda:", start)
                params = {**params, "DestinationConfig": {when: {"Destination": changed}}}
            if step["op"] == "upload_file":
                # The check itself would put it in one piece.
                answers[step["n"]] = player.client("s3", "us-east-1", ACCOUNT).upload_file(
                    **check.resolve(params, answers)
                )
                continue
            one = {"given": {"steps": [{**step, "params": params}]}}
            played = check.play(one, player.client, wait=player.wait, define=player.define, http=player.http)
            answer = played["steps"][step["n"]]
        answers[step["n"]] = answer
    for answer in answers.values():
        if isinstance(answer, dict) and "EventStream" in answer:
            answer["EventStream"] = list(answer["EventStream"])
    return {"steps": answers}


def _resolved(check: ModuleType, step: dict[str, Any], answers: dict[int, Any]) -> Any:
    try:
        return check.resolve(step["params"], answers)
    except (KeyError, IndexError, TypeError, AttributeError):
        return step["params"]  # the step fails by itself, and says why


def _read(player: Player, step: dict[str, Any], answers: dict[int, Any]) -> Any:
    """Read a queue until what is wanted is there, or for as long as retries may take."""
    check, wanted = player.check, step["until_there"]
    params = _resolved(check, step, answers)
    client = player.client("sqs", step.get("region", "us-east-1"), step.get("account", ACCOUNT))
    rounds = int(PATIENCE / timedelta(seconds=max(params.get("WaitTimeSeconds") or 1, 1)))
    try:
        return check.drain(client, params, rounds=rounds, **wanted)
    except Exception as error:
        response = getattr(error, "response", None)
        return response if isinstance(response, dict) else {"Error": {"Message": repr(error)}}


def the_check() -> ModuleType:
    """Return the module that compares recorded cases; it lies beside them."""
    folder = str(SHARED / "triggers")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("check")
