"""Activities, and the answers of whoever works on a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.asl.checks.values import is_resource_name
from stepsmith.cloud.actions.machines import OWN_KEY, check_encryption
from stepsmith.cloud.actions.refusals import invalid_name, no_activity
from stepsmith.cloud.actions.requests import Answer, Request, moment, present
from stepsmith.cloud.actions.resources import Activity
from stepsmith.cloud.actions.tags import read_tags
from stepsmith.cloud.services import ServiceError
from stepsmith.service.answers.tokens import TokenError

POLL_SECONDS: Final = 60.0
"""How long GetActivityTask waits for a task."""
MOST_POLLERS: Final = 1000
"""Requests that may wait for tasks of one activity at a time."""


def create_activity(request: Request) -> Answer:
    """CreateActivity; one that is there is given again."""
    name, account = request.get("name"), request.account
    if not is_resource_name(name):
        raise invalid_name(name)
    encryption = request.get("encryptionConfiguration") or OWN_KEY
    check_encryption(encryption)
    tags, arn = read_tags(request.get("tags", ()), {}), request.caller.arn("states", f"activity:{name}")
    with account.lock:
        activity = account.activities.get(arn)
        if activity is None:
            activity = Activity(arn, name, account.number(), request.now, encryption, tags)
            account.activities[arn] = activity
        elif activity.encryption != encryption:
            raise ServiceError("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'")
    return {"activityArn": arn, "creationDate": moment(activity.made)}


def _activity(request: Request) -> Activity:
    arn = request.arn("activityArn", "activity")
    found = request.account.activities.get(arn.text)
    if found is None:
        raise no_activity(arn.text)
    return found


def describe_activity(request: Request) -> Answer:
    """DescribeActivity."""
    found = _activity(request)
    return {
        "activityArn": found.arn,
        "name": found.name,
        "creationDate": moment(found.made),
        "encryptionConfiguration": dict(found.encryption),
    }


def delete_activity(request: Request) -> Answer:
    """DeleteActivity; one that is not there is no matter."""
    request.account.activities.pop(request.arn("activityArn", "activity").text, None)
    return {}


def list_activities(request: Request) -> Answer:
    """ListActivities, in the order in which they were created."""
    listed = [
        (each.number, {"activityArn": each.arn, "name": each.name, "creationDate": moment(each.made)})
        for each in list(request.account.activities.values())
    ]
    return request.page("activities", listed)


def get_activity_task(request: Request) -> Answer:
    """GetActivityTask: waits for a task where time passes by itself; otherwise whatever is due happens first."""
    arn, runner, account = _activity(request).arn, request.runner, request.account
    worker = request.get("workerName")
    if not runner.has_threads:
        task = runner.activities.fetch(arn, worker_name=worker, timeout_seconds=0)
        if task is None and runner.turn():
            task = runner.activities.fetch(arn, worker_name=worker, timeout_seconds=0)
    else:
        with account.lock:
            if account.pollers.get(arn, 0) >= MOST_POLLERS:
                text = f"More than {MOST_POLLERS} workers wait for tasks of '{arn}'"
                raise ServiceError("ActivityWorkerLimitExceeded", text)
            account.pollers[arn] = account.pollers.get(arn, 0) + 1
        try:
            task = runner.activities.fetch(
                arn, worker_name=worker, timeout_seconds=POLL_SECONDS, is_wanted=request.is_wanted
            )
        finally:
            with account.lock:
                account.pollers[arn] -= 1
    return {} if task is None else {"taskToken": task.token, "input": task.input}


def _sent(send: Callable[[], None]) -> Answer:
    try:
        send()
    except TokenError as error:
        raise ServiceError(error.code, str(error)) from None
    return {}


def send_task_success(request: Request) -> Answer:
    """SendTaskSuccess."""
    tokens = request.runner.tokens
    return _sent(lambda: tokens.send_success(request.get("taskToken"), request.get("output")))


def send_task_failure(request: Request) -> Answer:
    """SendTaskFailure."""
    tokens, given = request.runner.tokens, present(error=request.get("error"), cause=request.get("cause"))
    return _sent(lambda: tokens.send_failure(request.get("taskToken"), **given))


def send_task_heartbeat(request: Request) -> Answer:
    """SendTaskHeartbeat."""
    tokens = request.runner.tokens
    return _sent(lambda: tokens.send_heartbeat(request.get("taskToken")))
