"""Onboarding: an account is open where the outcome says so and nowhere else, and mails go out once."""

from collections import Counter
from functools import cache
from typing import Any

from stepsmith.testing import Ending, Mishap
from tasks.errors import Conflict
from tasks.onboarding.tables import ACCOUNTS, APPLICATIONS
from tests.tasks.cart.memory_dynamodb import MemoryMail
from tests.tasks.onboarding.office import Office as OfficeOf
from tests.tasks.onboarding.office import quick_office
from tests.workflows.explored.cases import Case, answer, given
from workflows.customer_onboarding import customer_onboarding

APPROVE = {"choice": "APPROVE", "reviewer": "hildegard"}
REJECT = {"choice": "REJECT", "reviewer": "hildegard"}
TIMES = ("ended_at",)
ANSWERS = {"verify_email": [{"verified": True}, {"verified": False}], "request_review": [APPROVE, REJECT]}


@cache
def opened_office() -> OfficeOf:
    """Give the office as all worlds begin with it."""
    office = quick_office()
    office.submit()
    office.submit(id="a2", email="grace@example.ie", address={"street": "Main Street"})
    office.submit(id="a3")
    office.submit(id="a4", email="alan@example.ie", tax_id="900-12-3456")
    office.submit(id="a5", email="edsger@example.ie", consent=False)
    office.dynamodb.snapshot(without=TIMES)
    return office


class Office:
    """A good application, one to look at, one with the address of the first, one to deny, one without consent."""

    def __init__(self) -> None:
        opened = opened_office()
        self.office = OfficeOf(opened.dynamodb.copy(), opened.sqs.copy(), MemoryMail())

    @property
    def clients(self) -> dict[str, Any]:
        return {"dynamodb": self.office.dynamodb, "sqs": self.office.sqs, "ses": self.office.ses}

    def snapshot(self) -> object:
        return self.office.dynamodb.snapshot(without=TIMES), self.office.sqs.sent, self.office.ses.sent


def accounts_are_as_the_outcomes_say(ending: Ending[Office]) -> None:
    office = ending.world.office
    stuck = any(each.error == "CompensationFailed" for each in ending.executions)
    assert not stuck or office.attention(), "nobody was told"
    asked = {str(given(each)["application_id"]) for each in ending.executions}
    open_for = {
        item["application_id"]["S"]
        for item in office.dynamodb.tables[ACCOUNTS].values()
        if item.get("status", {}).get("S") == "ACTIVE"
    }
    if not stuck and not {"find", "undo"} & {each["step"] for each in office.attention()}:
        for application in asked:
            item = office.dynamodb.tables[APPLICATIONS][application, ""]
            status = item["status"]["S"]
            assert status not in ("RUNNING", "IN_REVIEW"), f"{application} has not ended: {status}"
            assert (application in open_for) == (status == "COMPLETED"), f"{application} is {status}"
    for execution in ending.executions:
        if execution.status == "SUCCEEDED":
            stored = office.item(str(given(execution)["application_id"]))["status"]["S"]
            assert stored == answer(execution)["status"]
    _assert_mails_go_out_once(ending)


def _assert_mails_go_out_once(ending: Ending[Office]) -> None:
    """Where a service was called twice, two mails are nobody's fault."""
    mails = Counter(ending.world.office.mails())
    for (address, subject), number in mails.items():
        if subject in ("Welcome", "Your application"):
            people = 2 if address == "ada@example.ie" and len(ending.executions) > 1 else 1
            assert number <= people, f"{number} times {subject!r} to {address}"


def nothing_is_gone_or_in_its_own_way(mishap: Mishap) -> bool:
    """Leave out that an application is not found or was erased, since all of them are there.

    So is that `create_account`, called again, finds an account of somebody else where it has opened its own before:
    Conflict, and the errors below it.
    """
    conflicts = tuple(f"with {kind.__name__}" for kind in (Conflict, *Conflict.__subclasses__()))
    in_its_own_way = mishap.at == "Create account" and mishap.time > 1 and mishap.does.endswith(conflicts)
    return in_its_own_way or mishap.does.endswith(("with NotFound", "with Erased"))


def case(*applications: str) -> Case:
    return Case(
        workflow=customer_onboarding,
        inputs=[{"application_id": each} for each in applications],
        world=Office,
        holds=accounts_are_as_the_outcomes_say,
        answers=ANSWERS,
        skip=nothing_is_gone_or_in_its_own_way,
    )


CASES = {
    "an application": case("a1"),
    "an application that is looked at": case("a2"),
    "the same application twice": case("a1", "a1"),
    "an application that is denied": case("a4"),
    "an application without consent": case("a5"),
    "two applications with one address": case("a1", "a3"),
}
