"""Take a new customer from application to open account.

Started by the desk with the identifier of a stored application; nothing personal travels through the execution. Gives
the outcome, which is also stored and told to the applicant: COMPLETED, or REJECTED, DENIED, EXPIRED and ESCALATED with
a reason. Fails only when something broke that no route is known for; the outcome then is FAILED, and an account that
was opened is closed again.
"""

from stepsmith import TaskTimeout, now, parallel, workflow
from tasks.errors import Conflict, InvalidInput
from tasks.onboarding.accounts import (
    call_attention,
    create_account,
    create_customer_record,
    deactivate_account,
    forward_interests,
    send_notice,
    send_welcome,
)
from tasks.onboarding.applications import record_outcome, set_status, validate_application
from tasks.onboarding.checks import check_address, check_duplicate, check_identity
from tasks.onboarding.models import Check, Choice, Outcome, Status, Verdict
from tasks.onboarding.verification import MAILS, REVIEW_REMINDERS, request_review, verify_email


@workflow
def customer_onboarding(application_id: str) -> Outcome:
    """Take a new customer from application to open account."""
    outcome = Outcome(status=Status.FAILED, reason="something broke", account_id=None)
    settled = False
    opening = False
    try:
        try:
            validate_application(application_id)
        except InvalidInput as error:
            outcome = Outcome(status=Status.REJECTED, reason=str(error), account_id=None)
            settled = True

        verified = False
        mail = 1
        while not settled and not verified and mail <= MAILS:
            try:
                answer = verify_email(application_id, mail)
                verified = answer.verified
            except TaskTimeout:
                mail = mail + 1
        if not settled and not verified:
            outcome = Outcome(
                status=Status.EXPIRED, reason="the address was not confirmed in time", account_id=None
            )
            settled = True

        if not settled:

            def identity() -> Check:
                try:
                    return check_identity(application_id)
                except Exception:
                    return Check(verdict=Verdict.REVIEW, reasons=["the identity could not be checked"])

            def address() -> Check:
                try:
                    return check_address(application_id)
                except Exception:
                    return Check(verdict=Verdict.REVIEW, reasons=["the address could not be checked"])

            def duplicate() -> Check:
                try:
                    return check_duplicate(application_id)
                except Exception:
                    return Check(verdict=Verdict.REVIEW, reasons=["earlier accounts could not be checked"])

            first, second, third = parallel(identity(), address(), duplicate())
            reasons = [*first.reasons, *second.reasons, *third.reasons]
            if Verdict.DENY in [first.verdict, second.verdict, third.verdict]:
                outcome = Outcome(status=Status.DENIED, reason="; ".join(reasons), account_id=None)
                settled = True
            elif Verdict.REVIEW in [first.verdict, second.verdict, third.verdict]:
                set_status(application_id, Status.IN_REVIEW)
                decided = False
                request = 1
                while not decided and request <= REVIEW_REMINDERS:
                    try:
                        decision = request_review(application_id, reasons, request)
                        decided = True
                        if decision.choice == Choice.REJECT:
                            outcome = Outcome(
                                status=Status.DENIED, reason="a reviewer rejected it", account_id=None
                            )
                            settled = True
                    except TaskTimeout:
                        request = request + 1
                if not decided:
                    outcome = Outcome(
                        status=Status.ESCALATED, reason="nobody decided in time", account_id=None
                    )
                    settled = True

        if not settled:
            opening = True
            try:
                account_id = create_account(application_id)
                parallel(
                    send_welcome(application_id),
                    forward_interests(application_id),
                    create_customer_record(application_id),
                )
                outcome = Outcome(status=Status.COMPLETED, reason="", account_id=account_id)
            except Conflict:
                outcome = Outcome(
                    status=Status.DENIED, reason="an account with this address exists", account_id=None
                )
    except Exception:
        if opening:
            try:
                deactivate_account(application_id)
            except Exception as problem:
                call_attention(application_id, "deactivate", str(problem))
        record_outcome(
            application_id, Outcome(status=Status.FAILED, reason="something broke", account_id=None), now()
        )
        raise

    outcome = record_outcome(application_id, outcome, now())
    try:
        send_notice(application_id, outcome)
    except Exception as problem:
        call_attention(application_id, "notice", str(problem))
    return outcome
