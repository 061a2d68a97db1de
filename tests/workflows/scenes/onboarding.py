"""Applications for an account: decided at once, by hand, or not at all."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tests.tasks.onboarding.office import quick_office
from tests.workflows.scenes.scene import Ran, Responders, Scene, World
from workflows.customer_onboarding import customer_onboarding

PERSON = {
    "first_name": "Xanthippe",
    "last_name": "Quillfeather",
    "email": "xanthippe.quillfeather@mail.example",
    "tax_id": "219-09-9999",
    "address": {
        "street": "77 Zwetschgenweg",
        "city": "Oberammergau",
        "region": "Oberbayern",
        "postcode": "82487",
        "country": "DE",
    },
    "interests": [{"category": "tea", "note": "allergic to bergamot"}],
}
PERSONAL_FACTS = (
    "Xanthippe",
    "Quillfeather",
    "xanthippe.quillfeather@mail.example",
    "219-09-9999",
    "219099999",
    "900-12-3456",
    "900123456",
    "Zwetschgenweg",
    "Oberammergau",
    "Oberbayern",
    "82487",
    "bergamot",
    "reviewer-hildegard",
)
CONFIRMED: Responders = {"verify_email": lambda payload: {"verified": True}}


def decided(choice: str) -> Responders:
    return {
        **CONFIRMED,
        "request_review": lambda payload: {"choice": choice, "reviewer": "reviewer-hildegard"},
    }


def onboarding(
    changes: dict[str, Any], responders: Responders, *broken: str
) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        office = quick_office()
        address = {**PERSON["address"], **changes.get("address", {})}  # type: ignore[dict-item]  # texts
        office.submit(**{**PERSON, **changes, "address": address})

        def check(ran: Ran) -> None:
            item, account = office.item(), office.account(str(PERSON["email"]))
            is_open = account is not None and account["status"] == {"S": "ACTIVE"}
            if ran.execution.status == "SUCCEEDED":
                assert item["status"] == {"S": ran.execution.output["status"]} or ran.fault.endswith(
                    " notfound"
                )
                # an account that was opened cannot be in conflict with itself
                assert is_open == (ran.execution.output["status"] == "COMPLETED") or (
                    (ran.task, ran.fault) == ("create_account", "after conflict")
                )
            elif ran.execution.error == "CompensationFailed":
                assert office.attention() != [] or ran.task == "call_attention"
            elif ran.task != "call_attention":
                assert item["status"] == {"S": "FAILED"}
                assert not is_open
            assert [subject for _, subject in office.mails()].count("Welcome") <= 1
            assert [subject for _, subject in office.mails()].count("Your application") <= 1

        yield World(
            clients={"dynamodb": office.dynamodb, "sqs": office.sqs, "ses": office.ses},
            input={"application_id": "a1"},
            check=check,
            records=lambda: (
                office.item().get("outcome"),
                office.account(str(PERSON["email"])),
                office.mails(),
            ),
            attention=lambda: len(office.attention()),
            secrets=PERSONAL_FACTS,
            responders=responders,
            failing=broken,
        )

    return open_world


_DOUBTFUL = {"address": {"street": "Zwetschgenweg"}}
ONBOARDING = Scene(
    workflow=customer_onboarding,
    routes={
        "approved": onboarding({}, CONFIRMED),
        "denied": onboarding({"tax_id": "900-12-3456"}, CONFIRMED),
        "approved by hand": onboarding(_DOUBTFUL, decided("APPROVE")),
        "rejected by hand": onboarding(_DOUBTFUL, decided("REJECT")),
        "escalated": onboarding(_DOUBTFUL, CONFIRMED),
        "expired": onboarding({}, {}),
        "no consent": onboarding({"consent": False}, CONFIRMED),
        "broken": onboarding({}, CONFIRMED, "send_welcome"),
        "broken, not told": onboarding({}, CONFIRMED, "send_welcome", "send_notice"),
        "stuck": onboarding({}, CONFIRMED, "send_welcome", "deactivate_account"),
        "not told": onboarding({}, CONFIRMED, "send_notice"),
    },
)
