"""Brings events to targets: tried again for as long as the policy says, then given to the dead letters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.deliveries import Deliveries, Parcel, service_of
from stepsmith.cloud.targets import Targets
from stepsmith.expressions.types import Json

MOST_RETRIES: Final = 185
LONGEST_AGE: Final = 86_400.0
_FIRST_DELAY: Final = 1.0
_LONGEST_DELAY: Final = 900.0


@dataclass(slots=True)
class _Sending:
    target: Mapping[str, Any]
    text: str
    event: Json
    rule_arn: str
    began: float
    attempts: int = 0


class Delivery:
    """Delivers to the targets of rules and schedules.

    AWS tries for up to 24 hours and 185 times, with growing delays and jitter; the delays here grow likewise, without
    jitter.
    """

    def __init__(self, agenda: Agenda, deliveries: Deliveries, targets: Targets) -> None:
        self._agenda = agenda
        self._deliveries = deliveries
        self._targets = targets

    def send(self, target: Mapping[str, Any], text: str, event: Json, rule_arn: str) -> None:
        """Let a target have its input, as soon as there is time."""
        sending = _Sending(target, text, event, rule_arn, self._agenda.now())
        self._agenda.soon(lambda: self._try(sending))

    def _try(self, sending: _Sending) -> None:
        sending.attempts += 1
        problem = self._targets.send(sending.target, sending.text, sending.event, sending.rule_arn)
        if problem is None:
            return
        policy: Mapping[str, Any] = sending.target.get("RetryPolicy") or {}
        retries = policy.get("MaximumRetryAttempts", MOST_RETRIES)
        age = policy.get("MaximumEventAgeInSeconds", LONGEST_AGE)
        seconds = min(_FIRST_DELAY * 2.0 ** min(sending.attempts - 1, 20), _LONGEST_DELAY)
        late = self._agenda.now() + seconds - sending.began > age
        if problem.is_final or sending.attempts > retries or late:
            self._give_up(sending, problem.code, problem.message)
        else:
            self._agenda.after(seconds, lambda: self._try(sending))

    def _give_up(self, sending: _Sending, code: str, message: str) -> None:
        letters: Mapping[str, Any] = sending.target.get("DeadLetterConfig") or {}
        arn = letters.get("Arn")
        if not arn or service_of(arn) != "sqs":
            return
        said = {
            "RULE_ARN": sending.rule_arn,
            "TARGET_ARN": str(sending.target["Arn"]),
            "ERROR_CODE": code,
            "ERROR_MESSAGE": message,
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
            "RETRY_ATTEMPTS": str(sending.attempts - 1),
        }
        attributes = {
            name: {"DataType": "String", "StringValue": value or " "} for name, value in said.items()
        }
        self._deliveries.send(arn, Parcel(json.dumps(sending.event), attributes=attributes))
