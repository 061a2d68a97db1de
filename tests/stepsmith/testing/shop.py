"""A small workflow that the tests of the testing kit run."""

from datetime import timedelta

from pydantic import BaseModel

from stepsmith import Retry, TaskToken, WorkflowError, callback_task, client, parallel, task, wait, workflow


class Declined(WorkflowError):
    """The money is refused."""


class Busy(WorkflowError):
    """Try again later."""


class Answer(BaseModel):
    yes: bool


@task(retry=[Retry.on(Busy, interval=timedelta(seconds=5), max_attempts=2)], timeout=timedelta(seconds=30))
def charge(cents: int) -> str:
    return f"payment-{cents}"


@task
def refund(payment: str) -> None: ...


@task
def mail(to: str, *, ses: "object" = client("ses")) -> None:
    ses.send_email(  # type: ignore[attr-defined]  # a client of SES
        Source="shop@example.com",
        Destination={"ToAddresses": [to]},
        Message={"Subject": {"Data": "Paid"}, "Body": {"Text": {"Data": "Thank you."}}},
    )


@callback_task(Answer, timeout=timedelta(hours=1))
def ask(token: TaskToken, question: str) -> None: ...


@workflow
def sell(cents: int, to: str) -> str:
    """Sell something."""
    payment = charge(cents)
    wait(90)
    answer = ask("really?")
    if not answer.yes:
        refund(payment)
        raise Declined("changed their mind")
    mail(to)
    return payment


@workflow
def both(cents: int) -> str:
    """Charge twice, side by side."""
    try:
        first, second = parallel(charge(cents), charge(cents + 1))
    except Declined:
        return "declined"
    return first + second


@workflow
def forgiving(cents: int) -> str:
    """Charge, and go on whatever happens."""
    try:
        return charge(cents)
    except Exception:
        return "for free"
