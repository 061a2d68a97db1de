"""Redrives many executions on AWS: those that a search means, or those that messages of a queue tell of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations.clients.account import AwsFailure, aws_failures
from stepsmith.service.executions.redriving import Anew, Outcome, Step, decided, name_again
from stepsmith.service.executions.search import Search
from stepsmith.service.remote.backend import AwsBackend

REDRIVABLE_FOR: Final = timedelta(days=14)
"""How long after its end AWS redrives an execution."""
_HIDDEN_SECONDS: Final = 900
"""How long a message that was read is hidden from others."""
_MOST_MESSAGES: Final = 10
"""Messages that SQS gives at once."""
_EMPTY_LOOKS: Final = 2
"""Times that a queue says it has nothing, until it is taken to be empty."""
_MOST_SHOWN: Final = 80


class AwsPlace:
    """The executions of one state machine on AWS."""

    def __init__(self, aws: AwsBackend, machine: str | None = None, *, now: datetime | None = None) -> None:
        self._aws, self._machine = aws, machine
        self._now = now or datetime.now(UTC)

    def plan(self, search: Search, anew: Anew) -> Iterator[Step]:
        """Say what would be done with each execution that a search means, newest first."""
        if self._machine is None:
            raise InvalidInput("name the workflow or the state machine whose executions are meant")
        for found in self._aws.search(self._machine, search):
            yield self.step(found.arn, anew)

    def step(self, arn: str, anew: Anew) -> Step:
        """Say what would be done with one execution."""
        if ":express:" in arn:
            why = "Express executions cannot be redriven, and only their log knows the input"
            return Step(arn=arn, status="FAILED", action="leave", why=why, is_stuck=True)
        try:
            found = self._described(arn)
        except AwsFailure as failure:
            return Step(arn=arn, status="UNKNOWN", action="leave", why=str(failure), is_stuck=True)
        if found.get("redriveStatus") == "REDRIVABLE_BY_MAP_RUN" or found.get("mapRunArn"):
            why = "it is one of a Map Run, which goes on when the execution that began it is redriven"
            return Step(arn=arn, status=str(found["status"]), action="leave", why=why, is_stuck=True)
        return decided(arn, str(found["status"]), self._reason(found), anew)

    def redrive(self, arn: str) -> None:
        """Let one go on where it failed; a second time has no effect. Raises AwsFailure."""
        with aws_failures(f"redriving {arn.rpartition(':')[2]}"):
            self._aws.account.client("stepfunctions").redrive_execution(executionArn=arn)

    def restart(self, arn: str) -> str:
        """Start one with the same input anew, with the definition that is deployed now. Raises AwsFailure."""
        found = self._described(arn)
        if not isinstance(found.get("input"), str):
            raise InvalidInput(f"the input of {found['name']} is not shown to these credentials")
        return self._aws.start_machine(
            found["stateMachineArn"], found["input"], name=name_again(str(found["name"]))
        )

    def _reason(self, found: dict[str, Any]) -> str:
        """Say why AWS would not redrive an execution; nothing where it would."""
        status = found.get("redriveStatus")
        if status == "NOT_REDRIVABLE":
            return str(found.get("redriveStatusReason") or "AWS says that it cannot be redriven")
        stopped = found.get("stopDate")
        if status is None and stopped is not None and self._now - stopped > REDRIVABLE_FOR:
            return f"it ended more than {REDRIVABLE_FOR.days} days ago"
        return ""

    def _described(self, arn: str) -> dict[str, Any]:
        with aws_failures(f"looking at {arn.rpartition(':')[2]}"):
            found = self._aws.account.client("stepfunctions").describe_execution(executionArn=arn)
        return cast("dict[str, Any]", found)


@frozen(kw_only=True)
class Told:
    """A message that was read, and the execution that it tells of."""

    receipt: str
    arn: str | None
    body: str


class FailureQueue:
    """A queue whose messages tell of executions that ended badly."""

    def __init__(self, aws: AwsBackend, name: str) -> None:
        self._client = aws.account.client("sqs")
        self.url = self._found(name)
        self._told: dict[str, list[Told]] = {}
        self._foreign: list[Told] = []

    def read(self, most: int) -> Iterator[str]:
        """Give the ARN of each execution that messages tell of, once; each message is hidden from others meanwhile."""
        empty = count = 0
        while empty < _EMPTY_LOOKS and count < most:
            with aws_failures("reading the queue"):
                answer = self._client.receive_message(
                    QueueUrl=self.url,
                    MaxNumberOfMessages=min(_MOST_MESSAGES, most - count),
                    VisibilityTimeout=_HIDDEN_SECONDS,
                    WaitTimeSeconds=1,
                )
            messages = answer.get("Messages", [])
            empty = 0 if messages else empty + 1
            count += len(messages)
            for each in messages:
                told = Told(receipt=each["ReceiptHandle"], arn=execution_in(each["Body"]), body=each["Body"])
                if told.arn is None:
                    self._foreign.append(told)
                    continue
                if told.arn not in self._told:
                    yield told.arn
                self._told.setdefault(told.arn, []).append(told)

    @property
    def foreign(self) -> list[str]:
        """The beginnings of the messages that tell of no execution; they stay in the queue."""
        return [each.body[:_MOST_SHOWN] for each in self._foreign]

    def settle(self, outcome: Outcome) -> None:
        """Delete the messages of an execution with which nothing is left to be done."""
        if not outcome.is_well:
            return
        for each in self._told.pop(outcome.step.arn, ()):
            with aws_failures("deleting a message"):
                self._client.delete_message(QueueUrl=self.url, ReceiptHandle=each.receipt)

    def give_back(self) -> None:
        """Show all other messages to everybody again."""
        left = [*self._foreign, *(each for some in self._told.values() for each in some)]
        for each in left:
            with aws_failures("giving a message back"):
                self._client.change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=each.receipt, VisibilityTimeout=0
                )

    def _found(self, name: str) -> str:
        if name.startswith(("https://", "http://")):
            return name
        with aws_failures(f"looking for the queue {name}"):
            return str(self._client.get_queue_url(QueueName=name.rpartition(":")[2])["QueueUrl"])


def execution_in(body: str) -> str | None:
    """Give the ARN of the execution that a message of ours, or of EventBridge, tells of; None for others."""
    try:
        content = read(body)
    except InvalidJson:
        return None
    for holder in (content, _member(content, "detail"), _notified(content)):
        arn = _member(holder, "executionArn")
        if isinstance(arn, str) and arn.count(":") >= 7 and arn.split(":")[5] in ("execution", "express"):
            return arn
    return None


def _notified(content: Json) -> Json:
    """Give what a topic has passed on: its messages hold the event as a text."""
    text = _member(content, "Message")
    if not isinstance(text, str):
        return None
    try:
        inner: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _member(inner, "detail") or inner


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None
