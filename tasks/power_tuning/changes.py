"""What a tuning run changes about the function, and how all of it is put back.

Every version that a run publishes carries the mark of that run and a number in its description. So publishing
always makes a new version, never hands out one that the user had published, and cleaning knows which versions are
this run's, even if it was killed before it could write their numbers down.
"""

from typing import Final

from stepsmith import WorkflowError
from tasks.errors import Conflict, InvalidInput, NotFound
from tasks.power_tuning.aws import control_plane
from tasks.power_tuning.aws.control_plane import LambdaClient, Version
from tasks.power_tuning.models import CleanUp, PowerVersions, TuningPlan

MARK: Final = "stepsmith power tuning "
"""How the description of a version that a tuning run made starts; the run's identifier and a colon follow."""


def publish(plan: TuningPlan, power: int, lambda_: LambdaClient) -> PowerVersions:
    """Publish the versions of one memory size, those that an earlier attempt published left out.

    A size that the function cannot have is a result: an account may have a lower limit than Lambda.
    Raises Conflict when the service hands out a version that was there before.
    """
    arn = plan.request.lambda_arn
    there = {version.description: version.number for version in _ours(plan, lambda_)}
    numbers: list[str] = []
    for index in range(plan.versions_per_power):
        description = f"{_mark(plan)} {power} MB, {index + 1} of {plan.versions_per_power}"
        number = there.get(description)
        if number is None:
            control_plane.wait_until_updated(lambda_, arn)
            try:
                control_plane.set_memory(lambda_, arn, power, description)
            except InvalidInput as error:
                return PowerVersions(power=power, versions=numbers, failure=str(error))
            control_plane.wait_until_updated(lambda_, arn)
            number = control_plane.publish(lambda_, arn, description)
            if int(number) <= plan.last_version:
                raise Conflict(f"version {number} was there before, and is not touched")
        numbers.append(number)
    return PowerVersions(power=power, versions=numbers)


def restore(plan: TuningPlan, lambda_: LambdaClient) -> bool:
    """Give the function its memory size and description back, and tell whether that was needed.

    A function without this run's mark is left alone: somebody else has changed it since.
    """
    arn = plan.request.lambda_arn
    latest = control_plane.read_configuration(lambda_, arn)
    if not (latest.description or "").startswith(_mark(plan)):
        return False
    control_plane.wait_until_updated(lambda_, arn)
    control_plane.set_memory(lambda_, arn, plan.memory, plan.description)
    control_plane.wait_until_updated(lambda_, arn)
    return True


def clean_up(plan: TuningPlan, lambda_: LambdaClient) -> CleanUp:
    """Restore the function and delete the versions that are ours; can be called again at any time.

    A version that somebody has pointed an alias at stays. Goes on after a failure and raises the first one.
    """
    is_restored = restore(plan, lambda_)
    deleted: list[str] = []
    kept: list[str] = []
    failures: list[WorkflowError] = []
    for version in _ours(plan, lambda_):
        try:
            control_plane.delete_version(lambda_, plan.request.lambda_arn, version.number)
            deleted.append(version.number)
        except NotFound:
            continue
        except Conflict:
            kept.append(version.number)
        except WorkflowError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return CleanUp(deleted=deleted, kept=kept, is_restored=is_restored)


def optimise(plan: TuningPlan, power: int, lambda_: LambdaClient) -> str | None:
    """Set the memory size, or publish it under the alias asked for, and return the number of that version.

    With an alias, the unpublished function keeps the memory size it had.
    """
    arn, alias = plan.request.lambda_arn, plan.request.auto_optimize_alias
    control_plane.set_memory(lambda_, arn, power)
    control_plane.wait_until_updated(lambda_, arn)
    if alias is None:
        return None
    try:
        number = control_plane.publish(lambda_, arn)
        control_plane.point_alias(lambda_, arn, alias, number)
    finally:
        control_plane.set_memory(lambda_, arn, plan.memory)
        control_plane.wait_until_updated(lambda_, arn)
    return number


def last_version(lambda_: LambdaClient, arn: str) -> int:
    """Return the highest version number of a function, 0 when it has none."""
    return max((int(version.number) for version in control_plane.versions(lambda_, arn)), default=0)


def is_marked(description: str | None) -> bool:
    """Tell whether a description is one that a tuning run gives."""
    return (description or "").startswith(MARK)


def _mark(plan: TuningPlan) -> str:
    return f"{MARK}{plan.run_id}:"


def _ours(plan: TuningPlan, lambda_: LambdaClient) -> list[Version]:
    return [
        version
        for version in control_plane.versions(lambda_, plan.request.lambda_arn)
        if int(version.number) > plan.last_version and version.description.startswith(_mark(plan))
    ]
