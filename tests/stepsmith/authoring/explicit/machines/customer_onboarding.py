"""Open an account once identity checks pass and, where they are in doubt, a person has agreed."""

# pyright: strict

from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel

from stepsmith import TaskToken, WorkflowError, callback_task, task
from stepsmith.references import expression, not_, state_input, variable
from stepsmith.states import Choice, Fail, Parallel, Pass, StateMachine, Succeed

REVIEW_WINDOW = timedelta(days=3)


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Applicant(BaseModel):
    email: str
    country: str
    age: int


class Decision(BaseModel):
    approved: bool
    reviewer: str
    comment: str | None = None


class Account(BaseModel):
    id: str
    approved_by: str


class ApplicationRejected(WorkflowError): ...


@task
def verify_identity(applicant: Applicant) -> bool:
    return applicant.age >= 18


@task
def assess_risk(applicant: Applicant) -> Risk:
    return Risk.LOW if applicant.country == "IE" else Risk.MEDIUM if applicant.country == "FR" else Risk.HIGH


@callback_task(Decision, timeout=REVIEW_WINDOW)
def request_review(token: TaskToken, applicant: Applicant, risk: Risk) -> None:
    """Mail the reviewer a link that carries the token."""


@task
def open_account(applicant: Applicant, approved_by: str) -> Account:
    return Account(id=f"acc-{applicant.email}", approved_by=approved_by)


@task
def send_mail(to: str, template: str) -> None: ...


def customer_onboarding() -> StateMachine:
    applicant = variable("applicant", Applicant)
    identified = variable("identified", bool)
    risk = variable("risk", Risk)
    decision = variable("decision", Decision)
    approver = variable("approver", str)
    account = variable("account", Account)

    identity_failed = send_mail.state("Mail identity failed", applicant.email, "identity-failed") >> Fail(
        "Identity failed", ApplicationRejected, "identity check failed"
    )
    expired = send_mail.state("Mail review expired", applicant.email, "review-expired") >> Fail(
        "Review expired", ApplicationRejected, "nobody reviewed the application in time"
    )
    declined = Fail(
        "Declined",
        ApplicationRejected,
        expression(
            "$decision.comment != null and $decision.comment != '' ? $decision.comment : 'declined by reviewer'",
            str,
        ),
    )
    review = (
        request_review.state("Request review", applicant, risk)
        .assign(decision)
        .catch("States.Timeout", then=expired)
        >> Choice("Approved?").when(not_(decision.approved), declined)
        >> Pass("Set approver").let(approver, decision.reviewer)
    )
    definition = (
        Pass("Start").let(applicant, state_input("applicant", Applicant)).let(approver, "automatic")
        >> Parallel(
            "Identity and risk",
            verify_identity.state("Verify identity", applicant),
            assess_risk.state("Assess risk", applicant),
        ).assign((identified, risk))
        >> Choice("Identified?").when(not_(identified), identity_failed)
        >> Choice("Risk?")
        .when(risk == Risk.HIGH, Fail("Too risky", ApplicationRejected, "risk is too high"))
        .when(risk == Risk.MEDIUM, review)
        >> open_account.state("Open account", applicant, approver).assign(account)
        >> send_mail.state("Mail welcome", applicant.email, "welcome")
        >> Succeed("Done").output(account)
    )
    return StateMachine("customer-onboarding", definition)
