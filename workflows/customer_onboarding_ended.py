"""End an application whose onboarding was aborted: no account stays open for it, and the applicant is told.

Started when an execution of `customer_onboarding` has failed, timed out or been aborted; takes what EventBridge says
of that. Gives how the application has ended, or None where nothing was left to do; one that has ended stays as it is.
Stores FAILED otherwise, and closes an account that was opened, unless the application is COMPLETED. Fails with
CompensationFailed when something could not be undone, which then stands in the attention queue. Has no time limit of
its own: nothing waits, and every task has one.
"""

from pydantic import JsonValue

from stepsmith import CompensationFailed, Personal, context, now, workflow
from tasks.onboarding.accounts import call_attention, deactivate_account, send_notice
from tasks.onboarding.applications import find_unfinished, record_outcome
from tasks.onboarding.models import Erased, Outcome, Status

ABORTED = Outcome(status=Status.FAILED, reason="something broke", account_id=None)


@workflow(checked=True)
def customer_onboarding_ended(detail: Personal[dict[str, JsonValue]]) -> Outcome | None:
    """End an onboarding that could not do it itself."""
    try:
        application_id = find_unfinished(detail)
    except Exception as problem:
        call_attention(context.execution.id, "find", str(problem))
        raise CompensationFailed("nobody knows what is left; see the attention queue")
    if application_id is None:
        return None
    try:
        outcome = record_outcome(application_id, ABORTED, now())
        if outcome.status != Status.COMPLETED:
            deactivate_account(application_id)
    except Erased:
        return None
    except Exception as problem:
        call_attention(application_id, "undo", str(problem))
        raise CompensationFailed("not everything could be undone; see the attention queue")
    try:
        send_notice(application_id, outcome)
    except Exception as problem:
        call_attention(application_id, "notice", str(problem))
    return outcome
