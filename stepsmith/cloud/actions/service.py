"""The service object: every action of the API, for every account and region."""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from stepsmith.cloud.actions import (
    activities,
    aliases,
    executions,
    machines,
    map_runs,
    tags,
    trials,
    versions,
)
from stepsmith.cloud.actions.constraints import checked
from stepsmith.cloud.actions.nested import NestedExecutions
from stepsmith.cloud.actions.paging import Pages
from stepsmith.cloud.actions.requests import Answer, Request
from stepsmith.cloud.actions.resources import Account, Execution
from stepsmith.cloud.actions.runner import Live, Runner, Wait
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.errors import JournalError
from stepsmith.integrations import Dispatcher
from stepsmith.service.clock import Clock

Action: TypeAlias = Callable[[Request], Answer]

ACTIONS: Final[Mapping[str, Action]] = {
    "CreateActivity": activities.create_activity,
    "CreateStateMachine": machines.create_state_machine,
    "CreateStateMachineAlias": aliases.create_state_machine_alias,
    "DeleteActivity": activities.delete_activity,
    "DeleteStateMachine": machines.delete_state_machine,
    "DeleteStateMachineAlias": aliases.delete_state_machine_alias,
    "DeleteStateMachineVersion": versions.delete_state_machine_version,
    "DescribeActivity": activities.describe_activity,
    "DescribeExecution": executions.describe_execution,
    "DescribeMapRun": map_runs.describe_map_run,
    "DescribeStateMachine": machines.describe_state_machine,
    "DescribeStateMachineAlias": aliases.describe_state_machine_alias,
    "DescribeStateMachineForExecution": machines.describe_state_machine_for_execution,
    "GetActivityTask": activities.get_activity_task,
    "GetExecutionHistory": executions.get_execution_history,
    "ListActivities": activities.list_activities,
    "ListExecutions": executions.list_executions,
    "ListMapRuns": map_runs.list_map_runs,
    "ListStateMachineAliases": aliases.list_state_machine_aliases,
    "ListStateMachineVersions": versions.list_state_machine_versions,
    "ListStateMachines": machines.list_state_machines,
    "ListTagsForResource": tags.list_tags_for_resource,
    "PublishStateMachineVersion": versions.publish_state_machine_version,
    "RedriveExecution": executions.redrive_execution,
    "SendTaskFailure": activities.send_task_failure,
    "SendTaskHeartbeat": activities.send_task_heartbeat,
    "SendTaskSuccess": activities.send_task_success,
    "StartExecution": executions.start_execution,
    "StartSyncExecution": executions.start_sync_execution,
    "StopExecution": executions.stop_execution,
    "TagResource": tags.tag_resource,
    "TestState": trials.test_state,
    "UntagResource": tags.untag_resource,
    "UpdateMapRun": map_runs.update_map_run,
    "UpdateStateMachine": machines.update_state_machine,
    "UpdateStateMachineAlias": aliases.update_state_machine_alias,
    "ValidateStateMachineDefinition": trials.validate_state_machine_definition,
}
"""Action of the API -> how it is carried out."""

StatusListener: TypeAlias = Callable[[Execution, Caller], None]


class StepFunctions:
    """Step Functions in this process; `dispatcher` makes what carries the tasks of one execution out.

    In virtual time `turn` lets executions go on; with `has_threads` the thread of whoever serves does, and tasks have
    threads of their own. `wait` lets time pass in all of a cloud while somebody waits for an answer. A `seed` makes
    identifiers and choices the same each time.
    """

    def __init__(
        self,
        clock: Clock,
        dispatcher: Callable[[Caller], Dispatcher],
        *,
        has_threads: bool = False,
        wait: Wait | None = None,
        seed: int | None = None,
    ) -> None:
        self.runner = Runner(clock, has_threads=has_threads, wait=wait)
        self.listeners: list[StatusListener] = []
        """Are called with each execution that has begun or ended."""
        self.called: Callable[[str, Mapping[str, Any], Caller], None] | None = None
        """Is told of each action that was carried out, with its parameters."""
        self._accounts: dict[Caller, Account] = {}
        self._dispatcher = dispatcher
        self._pages = Pages()
        self._random = random.Random(secrets.randbits(64) if seed is None else seed)  # noqa: S311 - for ids, no keys
        self._lock = threading.Lock()
        self.runner.nested = NestedExecutions(self.runner, self._request)
        self.runner.begun, self.runner.ended = self._tell, self._ended

    def call(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        caller: Caller,
        is_wanted: Callable[[], bool] = lambda: True,
        *,
        is_kept: bool = True,
    ) -> Answer:
        """Carry out an action; raises ServiceError with the API's codes and AWS's words.

        What waits gives up once its answer is no longer wanted: nobody else's task goes to who has gone. Without
        `is_kept` whoever calls has to `keep` what has been done before anybody hears of it.
        """
        action = ACTIONS.get(operation)
        if action is None:
            raise ServiceError("UnknownOperationException", f"Step Functions has no action {operation!r}")
        given = checked(operation, parameters)
        request = self._request(operation, given, caller)
        request.is_wanted = is_wanted
        try:
            answer = action(request)
        except JournalError as error:
            raise _not_kept(error) from None
        if is_kept:
            self.keep()
        if self.called is not None:
            self.called(operation, given, caller)
        return answer

    def run_express(
        self, parameters: Mapping[str, Any], caller: Caller, ended: Callable[[Answer], None]
    ) -> None:
        """Start what StartSyncExecution starts; `ended` gets its answer as soon as the execution has ended.

        Raises ServiceError.
        """
        given = checked("StartSyncExecution", parameters)
        execution = executions.begin(self._request("StartSyncExecution", given, caller), is_synchronous=True)
        live = self.runner.find(execution)
        if live is None:
            ended(executions.synchronous_answer(execution))
        else:
            live.on_end.append(lambda: ended(executions.synchronous_answer(execution)))

    def keep(self) -> None:
        """Let everything that anybody may have seen be on the disk, where there is a journal; raises ServiceError."""
        if self.runner.journal is not None:
            try:
                self.runner.journal.flush()
            except JournalError as error:
                raise _not_kept(error) from None

    def account(self, caller: Caller) -> Account:
        """Return what there is in an account and region."""
        found = self._accounts.get(caller)
        if found is None:
            with self._lock:
                found = self._accounts.setdefault(caller, Account())
                found.forgotten = self._forget
        return found

    def go_on(self, execution: Execution, caller: Caller, resume: Callable[[Live], None]) -> None:
        """Let an execution go on that was under way when the process ended; `resume` begins with its tasks."""
        self.runner.go_on(execution, self._dispatcher(caller), resume)

    def _forget(self, execution: Execution) -> None:
        if self.runner.journal is not None:
            self.runner.journal.forget(execution)

    def turn(self) -> bool:
        """Let executions do all that they can do at this instant; say whether there was anything."""
        return self.runner.turn()

    @property
    def next_due(self) -> float | None:
        """The instant at which an execution goes on by itself."""
        return self.runner.next_due

    def _request(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> Request:
        return Request(
            operation,
            parameters,
            caller,
            self.account(caller),
            self.runner,
            self._pages,
            self._random,
            self._dispatcher,
        )

    def _tell(self, execution: Execution) -> None:
        settings = execution.run.settings
        for listener in self.listeners:
            listener(execution, Caller(settings.region, settings.account))

    def _ended(self, execution: Execution) -> None:
        settings = execution.run.settings
        account = self.account(Caller(settings.region, settings.account))
        machine = execution.machine
        if machine.type == "STANDARD":
            account.close(execution)
        if machine.is_going:
            with account.lock:
                if not machine.has_running and account.machines.get(machine.arn) is machine:
                    del account.machines[machine.arn]
        self._tell(execution)


def _not_kept(error: JournalError) -> ServiceError:
    return ServiceError("InternalFailure", str(error), status=500)
