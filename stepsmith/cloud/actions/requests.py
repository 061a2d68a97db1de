"""One request: what an action is given, and what it works on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from stepsmith.cloud.actions.arns import Arn, read_arn
from stepsmith.cloud.actions.paging import Pages
from stepsmith.cloud.actions.refusals import invalid, no_execution, no_machine, wrong_kind
from stepsmith.cloud.actions.resources import Account, Execution, StateMachine
from stepsmith.cloud.actions.runner import Runner
from stepsmith.cloud.services import Caller
from stepsmith.integrations import Dispatcher

T = TypeVar("T")
Answer: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Request:
    """An action that somebody asks for, with parameters that the API's model has no objection to."""

    operation: str
    parameters: Mapping[str, Any]
    caller: Caller
    account: Account
    runner: Runner
    pages: Pages
    random: random.Random
    dispatcher: Callable[[Caller], Dispatcher]
    is_wanted: Callable[[], bool] = lambda: True
    """Says whether somebody still waits for the answer."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter."""
        return self.parameters.get(name, default)

    @property
    def now(self) -> float:
        """The present instant, in seconds since 1970."""
        return self.runner.clock.now()

    def arn(self, name: str, *kinds: str) -> Arn:
        """Read a parameter that is the ARN of one of some kinds of resource; raises InvalidArn."""
        return read_arn(self.parameters[name], *kinds)

    def machine(self, arn: Arn, *, labelled: bool = False) -> StateMachine:
        """Return the state machine of an ARN, whatever version or alias it names.

        Raises StateMachineDoesNotExist, and ValidationException for a part of one where that makes no sense.
        """
        if arn.label is not None and not labelled:
            raise invalid("API does not support labeled ARNs", "API_DOES_NOT_SUPPORT_LABELED_ARNS")
        found = self.account.machine(arn)
        if found is None:
            raise no_machine(arn.text)
        return found

    def execution(self, *, standard: bool = True) -> Execution:
        """Return the execution that the request is about; raises InvalidArn and ExecutionDoesNotExist."""
        arn = self.arn("executionArn", "execution", "express")
        if standard and arn.kind == "express":
            raise wrong_kind("express")
        found = self.account.executions.get(arn.text)
        if found is None:
            raise no_execution(arn.text)
        return found

    def page(
        self, name: str, found: Iterable[tuple[int, T]], *, is_descending: bool = False
    ) -> dict[str, Any]:
        """Return a page of what was found, as the member `name`; raises InvalidToken."""
        items, more = self.pages.page(self.operation, self.parameters, found, is_descending=is_descending)
        return {name: items, **more}


def moment(seconds: float) -> datetime:
    """Return an instant as boto3 gives it: in UTC, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def present(**members: Any) -> Answer:
    """Return an answer without the members that are not there."""
    return {name: value for name, value in members.items() if value is not None}
