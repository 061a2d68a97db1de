"""Take a new customer from application to open account.

Started by the desk with the identifier of a stored application (`tasks.onboarding.desk.submit_application`); nothing
personal travels through the execution. Gives the outcome: COMPLETED, or REJECTED, DENIED, EXPIRED and ESCALATED with a
reason. Stores that outcome with the application, and tells it to the applicant, once; an account is opened only on the
way to COMPLETED. The first stored outcome stands, whatever other executions for the same application do. Where nobody
decided in time, the application lies in the attention queue. Fails only when something broke that no route is known
for: the stored outcome then is FAILED, which the applicant is told, too, and an account that was opened is closed
again. Where that fails too, fails with CompensationFailed, and somebody finds it in the attention queue. An application
that was erased stays so: nothing is stored or sent for it any more, and the execution ends as if there had been none.
Has no time limit of its own: the applicant has 72 hours, the reviewers have a week, and every task has a timeout. Where
it is aborted, `customer_onboarding_ended` ends the application.
"""

from stepsmith import CompensationFailed, TaskTimeout, compensation, now, parallel, workflow
from tasks.errors import Conflict, InvalidInput, NotFound
from tasks.onboarding.accounts import (
    call_attention,
    create_account,
    create_customer_record,
    deactivate_account,
    forward_interests,
    send_notice,
    send_welcome,
)
from tasks.onboarding.applications import find_outcome, record_outcome, set_status, validate_application
from tasks.onboarding.checks import check_address, check_duplicate, check_identity
from tasks.onboarding.models import Check, Choice, Erased, Identifier, Outcome, Status, Verdict
from tasks.onboarding.verification import MAILS, REVIEW_REMINDERS, request_review, verify_email
from workflows.customer_onboarding_ended import customer_onboarding_ended

UNKNOWN = Outcome(status=Status.REJECTED, reason="there is no such application", account_id=None)
BROKEN = Outcome(status=Status.FAILED, reason="something broke", account_id=None)


@workflow(checked=True, ended=customer_onboarding_ended, refusals=(InvalidInput, Conflict))
def customer_onboarding(application_id: Identifier) -> Outcome:
    """Take a new customer from application to open account.

    One function, although a long one: whoever looks at a case finds all of it in one execution and one history, which
    child workflows would spread over four.
    """
    status = Status.RUNNING
    reason = ""
    account_id: str | None = None
    opening = False
    reviewer: str | None = None

    def give_up() -> None:
        try:
            stored = record_outcome(application_id, BROKEN, now())
            if opening and stored.status != Status.COMPLETED:
                deactivate_account(application_id)
        except Erased:
            return
        try:
            send_notice(application_id, stored)
        except Exception as problem:
            call_attention(application_id, "notice", str(problem))

    undo = compensation()
    try:
        with undo:
            undo(give_up)
            try:
                ended = find_outcome(application_id)
            except (NotFound, Erased):
                return UNKNOWN
            if ended is not None:
                return ended
            try:
                validate_application(application_id)
            except InvalidInput as error:
                status = Status.REJECTED
                reason = str(error)

            verified = False
            mail = 0
            while status == Status.RUNNING and not verified and mail < MAILS:
                # an answer that confirms nothing takes one of the mails, too
                mail = mail + 1
                try:
                    answer = verify_email(application_id, mail)
                    verified = answer.verified
                except TaskTimeout:
                    pass
            if status == Status.RUNNING and not verified:
                status = Status.EXPIRED
                reason = "the address was not confirmed in time"

            if status == Status.RUNNING:

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
                        return Check(
                            verdict=Verdict.REVIEW, reasons=["earlier accounts could not be checked"]
                        )

                first, second, third = parallel(identity(), address(), duplicate())
                verdicts = [first.verdict, second.verdict, third.verdict]
                reasons = [*first.reasons, *second.reasons, *third.reasons]
                if Verdict.DENY in verdicts:
                    status = Status.DENIED
                    reason = "; ".join(reasons)
                elif Verdict.REVIEW in verdicts:
                    status = Status.IN_REVIEW
                    set_status(application_id, status)
                    request = 1
                    while status == Status.IN_REVIEW and request <= REVIEW_REMINDERS:
                        try:
                            decision = request_review(application_id, reasons, request)
                            reviewer = decision.reviewer
                            if decision.choice == Choice.REJECT:
                                status = Status.DENIED
                                reason = "a reviewer rejected it"
                            else:
                                status = Status.RUNNING
                        except TaskTimeout:
                            request = request + 1
                    if status == Status.IN_REVIEW:
                        status = Status.ESCALATED
                        reason = "nobody decided in time"
                        call_attention(application_id, "review", reason)

            if status == Status.RUNNING:
                opening = True
                try:
                    account_id = create_account(application_id)
                    status = Status.COMPLETED
                except Conflict:
                    status = Status.DENIED
                    reason = "an account with this address exists"
                if status == Status.COMPLETED:
                    parallel(
                        send_welcome(application_id),
                        forward_interests(application_id),
                        create_customer_record(application_id),
                    )

            outcome = record_outcome(
                application_id, Outcome(status=status, reason=reason, account_id=account_id), now(), reviewer
            )
            if account_id is not None and outcome.status != Status.COMPLETED:
                raise Conflict("another execution has ended this application before")
    except Erased:
        return UNKNOWN
    except CompensationFailed:
        try:
            call_attention(application_id, "undo", "; ".join(undo.problems))
        except Exception as unheard:
            raise CompensationFailed(f"not everything could be undone, and nobody was told: {unheard}")
        raise

    try:
        send_notice(application_id, outcome)
    except Exception as problem:
        call_attention(application_id, "notice", str(problem))
    return outcome
