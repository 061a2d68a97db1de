"""The tasks of onboarding one by one, called directly. ON-02 to ON-05."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith import TaskToken, WorkflowError
from tasks.aws_faults import ServiceRefused
from tasks.errors import Conflict, Forbidden, InvalidInput, NotFound, Throttled, Unavailable
from tasks.onboarding.accounts import (
    call_attention,
    create_account,
    create_customer_record,
    deactivate_account,
    forward_interests,
    send_notice,
    send_welcome,
)
from tasks.onboarding.applications import (
    find_outcome,
    find_unfinished,
    record_outcome,
    set_status,
    validate_application,
)
from tasks.onboarding.checks import check_address, check_duplicate, check_identity
from tasks.onboarding.desk import confirm_email, decide, erase_application, submit_application
from tasks.onboarding.models import Erased, Outcome, Status, Verdict
from tasks.onboarding.tables import ACCOUNTS, APPLICATIONS
from tasks.onboarding.verification import request_review, verify_email
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB
from tests.tasks.ended_executions import ended
from tests.tasks.onboarding.office import SECRETS, Office, application

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DONE = Outcome(status=Status.COMPLETED, reason="", account_id="account-a1")


class Answers:
    """Stands in for the Step Functions client: keeps answers, and refuses tokens that are used up."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str]] = []

    def send_task_success(self, *, taskToken: str, output: str) -> None:
        if any(token == taskToken for token, _ in self.given):
            error = RuntimeError("timed out")
            error.response = {"Error": {"Code": "TaskTimedOut"}}  # type: ignore[attr-defined]  # as botocore does
            raise error
        self.given.append((taskToken, output))


def test_an_application_is_stored_and_only_its_identifier_goes_on(office: Office) -> None:
    started = submit_application(application(), dynamodb=office.dynamodb)

    assert started == {"application_id": "a1"}
    assert office.item()["status"] == {"S": "RUNNING"}


def test_the_same_application_twice_is_one(office: Office) -> None:
    office.submit()

    assert office.submit() == "a1"


def test_another_application_under_the_same_identifier_is_refused(office: Office) -> None:
    office.submit()

    with pytest.raises(Conflict):
        office.submit(first_name="Grace")


def test_on_05_a_refused_application_is_explained_without_what_it_holds(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        submit_application(application(tax_id="000-12-3456", email="ada@"), dynamodb=office.dynamodb)

    text = str(refused.value)
    assert "tax_id" in text
    assert "email" in text
    assert "000-12-3456" not in text
    assert not any(secret in text for secret in SECRETS)


def test_without_consent_there_is_no_account(office: Office) -> None:
    office.submit(consent=False)

    with pytest.raises(InvalidInput, match="consent"):
        validate_application("a1", dynamodb=office.dynamodb)


def test_an_unknown_application_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound, match="nobody"):
        validate_application("nobody", dynamodb=office.dynamodb)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.APPROVE),
        ({"tax_id": "666-12-3456"}, Verdict.DENY),
        ({"tax_id": "900-12-3456"}, Verdict.DENY),
        ({"last_name": "ada"}, Verdict.REVIEW),
    ],
)
def test_the_identity_is_checked(office: Office, changes: dict[str, Any], verdict: Verdict) -> None:
    office.submit(**changes)

    check = check_identity("a1", dynamodb=office.dynamodb)

    assert check.verdict is verdict
    assert bool(check.reasons) == (verdict is not Verdict.APPROVE)
    assert_says_nothing_personal(check.reasons, changes)


def assert_says_nothing_personal(reasons: list[str], changes: dict[str, Any]) -> None:
    """ON-05."""
    secrets = {*SECRETS, *changes.values(), *(str(value).replace("-", "") for value in changes.values())}
    assert [(secret, text) for secret in secrets for text in reasons if secret in text] == []


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ({}, Verdict.APPROVE),
        ({"country": "AQ"}, Verdict.DENY),
        ({"postcode": "none"}, Verdict.REVIEW),
        ({"street": "Main Street"}, Verdict.REVIEW),
    ],
)
def test_the_address_is_checked(office: Office, address: dict[str, str], verdict: Verdict) -> None:
    office.submit(address=address)

    check = check_address("a1", dynamodb=office.dynamodb)

    assert check.verdict is verdict
    assert_says_nothing_personal(check.reasons, address)


def test_an_account_of_somebody_else_with_this_address_denies(office: Office) -> None:
    office.submit()
    create_account("a1", dynamodb=office.dynamodb)
    office.submit(id="a2", email="ADA@example.ie")

    assert check_duplicate("a2", dynamodb=office.dynamodb).verdict is Verdict.DENY
    assert check_duplicate("a1", dynamodb=office.dynamodb).verdict is Verdict.APPROVE


def test_on_02_an_account_is_opened_once(office: Office) -> None:
    office.submit()

    assert create_account("a1", dynamodb=office.dynamodb) == create_account("a1", dynamodb=office.dynamodb)


def test_an_address_that_has_an_account_gets_no_second_one(office: Office) -> None:
    office.submit()
    create_account("a1", dynamodb=office.dynamodb)
    office.submit(id="a2")

    with pytest.raises(Conflict):
        create_account("a2", dynamodb=office.dynamodb)


def test_on_03_a_closed_account_stays_closed_and_others_are_left_alone(office: Office) -> None:
    office.submit()
    office.submit(id="a2")
    create_account("a1", dynamodb=office.dynamodb)

    deactivate_account("a2", dynamodb=office.dynamodb)
    assert (office.account() or {})["status"] == {"S": "ACTIVE"}

    deactivate_account("a1", dynamodb=office.dynamodb)
    assert (office.account() or {})["status"] == {"S": "DEACTIVATED"}
    with pytest.raises(Conflict):
        create_account("a1", dynamodb=office.dynamodb)


def test_on_02_a_welcome_is_sent_once(office: Office) -> None:
    office.submit()
    send_welcome("a1", dynamodb=office.dynamodb, ses=office.ses)
    send_welcome("a1", dynamodb=office.dynamodb, ses=office.ses)

    assert office.mails() == [("ada@example.ie", "Welcome")]


def test_each_category_of_interest_gets_one_message(office: Office) -> None:
    office.submit()

    assert forward_interests("a1", dynamodb=office.dynamodb, sqs=office.sqs) == 2
    assert forward_interests("a1", dynamodb=office.dynamodb, sqs=office.sqs) == 2
    assert sorted(office.interests(), key=lambda message: message["category"]) == [
        {"application_id": "a1", "category": category} for category in ("mugs", "tea")
    ]


def test_the_customer_record_is_written(office: Office) -> None:
    office.submit()
    create_customer_record("a1", dynamodb=office.dynamodb)

    found = office.dynamodb.get_item(TableName="customers", Key={"pk": {"S": "a1"}}, ConsistentRead=True)
    assert found["Item"]["stage"] == {"S": "new"}


def test_the_first_outcome_stays(office: Office) -> None:
    office.submit()
    denied = Outcome(status=Status.DENIED, reason="late", account_id=None)

    assert record_outcome("a1", DONE, NOW, dynamodb=office.dynamodb) == DONE
    assert record_outcome("a1", denied, NOW, dynamodb=office.dynamodb) == DONE
    set_status("a1", Status.IN_REVIEW, dynamodb=office.dynamodb)
    assert office.item()["status"] == {"S": "COMPLETED"}


def test_an_outcome_is_found_once_there_is_one(office: Office) -> None:
    office.submit()

    assert find_outcome("a1", dynamodb=office.dynamodb) is None
    record_outcome("a1", DONE, NOW, dynamodb=office.dynamodb)
    assert find_outcome("a1", dynamodb=office.dynamodb) == DONE


def test_nothing_is_stored_about_an_application_that_is_not_there(office: Office) -> None:
    set_status("nobody", Status.IN_REVIEW, dynamodb=office.dynamodb)
    for look in (
        lambda: find_outcome("nobody", dynamodb=office.dynamodb),
        lambda: record_outcome("nobody", DONE, NOW, dynamodb=office.dynamodb),
    ):
        with pytest.raises(NotFound, match="nobody"):
            look()

    assert office.submit(id="nobody") == "nobody"


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_call(office: Office) -> None:
    office.submit()

    class Unreachable:
        def send_email(self, **_: Any) -> None:
            raise ConnectionError("no mail goes out")

    unreachable: Any = Unreachable()
    with pytest.raises(ServiceRefused, match="the mail service: ConnectionError"):
        send_welcome("a1", dynamodb=office.dynamodb, ses=unreachable)
    send_welcome("a1", dynamodb=office.dynamodb, ses=office.ses)

    assert office.mails() == [("ada@example.ie", "Welcome")]


def test_only_this_customer_is_told_and_only_once(office: Office) -> None:
    office.submit()
    send_notice("a1", DONE, dynamodb=office.dynamodb, ses=office.ses)
    send_notice("a1", DONE, dynamodb=office.dynamodb, ses=office.ses)

    assert office.mails() == [("ada@example.ie", "Your application")]


def test_a_call_for_attention_is_cut_to_a_readable_length(office: Office) -> None:
    call_attention("a1", "deactivate", "x" * 5000, sqs=office.sqs)

    assert len(office.attention()[0]["reason"]) == 1000


def test_the_newest_token_answers_whichever_mail_was_followed(office: Office) -> None:
    office.submit()
    answers: Any = Answers()
    for mail, token in ((1, "t1"), (2, "t2")):
        verify_email.function(TaskToken(token), "a1", mail, dynamodb=office.dynamodb, ses=office.ses)

    links = [text.rpartition("/")[2] for text in office.texts()]
    confirm_email("a1", links[0], dynamodb=office.dynamodb, stepfunctions=answers)

    assert links[0] == links[1]
    assert answers.given == [("t2", '{"verified": true}')]
    assert [subject.startswith("Reminder") for _, subject in office.mails()] == [False, True]


def test_a_late_call_opens_no_account_after_its_undo_although_the_address_was_free(office: Office) -> None:
    office.submit(id="a0")
    create_account("a0", dynamodb=office.dynamodb)
    deactivate_account("a0", dynamodb=office.dynamodb)
    office.submit()
    deactivate_account("a1", dynamodb=office.dynamodb)

    with pytest.raises(Conflict):
        create_account("a1", dynamodb=office.dynamodb)


@pytest.mark.parametrize("code", ["", "a1", "0" * 64, "\ud800"])
def test_a_link_that_was_not_mailed_confirms_nothing(office: Office, code: str) -> None:
    office.submit()
    answers: Any = Answers()
    with pytest.raises(Forbidden, match="not the link"):
        confirm_email("a1", code, dynamodb=office.dynamodb, stepfunctions=answers)
    verify_email.function(TaskToken("t1"), "a1", 1, dynamodb=office.dynamodb, ses=office.ses)

    with pytest.raises(Forbidden, match="not the link"):
        confirm_email("a1", code, dynamodb=office.dynamodb, stepfunctions=answers)
    assert answers.given == []


@pytest.mark.parametrize("code", ["Throttling", "ServiceUnavailable"])
def test_a_mail_that_cannot_be_sent_for_now_is_sent_by_the_next_attempt(office: Office, code: str) -> None:
    office.submit()

    class Busy:
        def send_email(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": code}}, "SendEmail")

    busy: Any = Busy()
    with pytest.raises((Throttled, Unavailable)):
        send_notice("a1", DONE, dynamodb=office.dynamodb, ses=busy)
    send_notice("a1", DONE, dynamodb=office.dynamodb, ses=office.ses)

    assert office.mails() == [("ada@example.ie", "Your application")]


def test_on_04_a_used_or_missing_token_is_refused_and_changes_nothing(office: Office) -> None:
    office.submit()
    answers: Any = Answers()
    decision = {"choice": "APPROVE", "reviewer": "r1"}
    with pytest.raises(Conflict, match="waits for no review"):
        decide("a1", decision, dynamodb=office.dynamodb, stepfunctions=answers)
    request_review.function(TaskToken("t1"), "a1", ["why"], 1, dynamodb=office.dynamodb, ses=office.ses)
    decide("a1", decision, dynamodb=office.dynamodb, stepfunctions=answers)

    with pytest.raises(Conflict, match="any more"):
        decide("a1", decision, dynamodb=office.dynamodb, stepfunctions=answers)
    assert len(answers.given) == 1


@pytest.mark.parametrize(
    "decision", [{}, {"choice": "MAYBE", "reviewer": "r1"}, {"choice": "APPROVE"}, {"choice": 1}]
)
def test_anything_but_approve_or_reject_is_refused_at_the_desk(
    office: Office, decision: dict[str, Any]
) -> None:
    office.submit()
    answers: Any = Answers()

    with pytest.raises(InvalidInput):
        decide("a1", decision, dynamodb=office.dynamodb, stepfunctions=answers)
    assert answers.given == []


def test_on_05_the_reviewers_mail_names_no_personal_data(office: Office) -> None:
    office.submit()
    request_review.function(
        TaskToken("t1"), "a1", ["street has no number"], 1, dynamodb=office.dynamodb, ses=office.ses
    )

    text = office.texts()[-1]
    assert "street has no number" in text
    assert not any(secret in text for secret in SECRETS)


class Quoting:
    """A service that quotes in its error what it was sent, as SES does with an address that it does not know."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __getattr__(self, name: str) -> Any:
        def call(**sent: Any) -> None:
            error: Any = {"Error": {"Code": self.code, "Message": f"no: {sent}"}}
            raise ClientError(error, name)

        return call


@pytest.mark.parametrize(
    "code", ["MessageRejected", "Throttling", "ServiceUnavailable", "ValidationException"]
)
def test_on_05_no_error_of_a_service_quotes_an_address(office: Office, code: str) -> None:
    office.submit()
    quoting: Any = Quoting(code)

    class Accounts:
        """The tables, of which that of accounts quotes."""

        def __getattr__(self, name: str) -> Any:
            def call(**sent: Any) -> Any:
                asked = quoting if f"'TableName': '{ACCOUNTS}'" in repr(sent) else office.dynamodb
                return getattr(asked, name)(**sent)

            return call

    accounts: Any = Accounts()
    for attempt in (
        lambda: send_welcome("a1", dynamodb=office.dynamodb, ses=quoting),
        lambda: send_notice("a1", DONE, dynamodb=office.dynamodb, ses=quoting),
        lambda: verify_email.function(TaskToken("t"), "a1", 1, dynamodb=office.dynamodb, ses=quoting),
        lambda: create_account("a1", dynamodb=accounts),
        lambda: deactivate_account("a1", dynamodb=accounts),
        lambda: check_duplicate("a1", dynamodb=accounts),
        lambda: erase_application("a1", dynamodb=accounts),
    ):
        with pytest.raises(WorkflowError) as refused:
            attempt()

        told = "".join(traceback.format_exception(refused.value))
        assert code in str(refused.value)
        assert "example" not in told


def erased(office: Office) -> str:
    office.submit()
    create_account("a1", dynamodb=office.dynamodb)
    create_customer_record("a1", dynamodb=office.dynamodb)
    erase_application("a1", dynamodb=office.dynamodb)
    return everything(office)


def everything(office: Office) -> str:
    tables = (APPLICATIONS, ACCOUNTS, "customers")
    if isinstance(office.dynamodb, MemoryDynamoDB):
        return repr([office.dynamodb.tables[name] for name in tables])
    return repr([office.dynamodb.scan(TableName=name)["Items"] for name in tables])


def test_an_erased_application_leaves_nothing_but_its_identifier(office: Office) -> None:
    left = erased(office)

    assert "a1" in left
    assert not [secret for secret in (*SECRETS, "account", "new") if secret in left]


def test_an_application_that_was_erased_stays_so_whatever_comes_late(office: Office) -> None:
    left = erased(office)
    late: list[Callable[[], object]] = [
        lambda: office.submit(),
        lambda: find_outcome("a1", dynamodb=office.dynamodb),
        lambda: validate_application("a1", dynamodb=office.dynamodb),
        lambda: verify_email.function(TaskToken("t"), "a1", 1, dynamodb=office.dynamodb, ses=office.ses),
        lambda: request_review.function(
            TaskToken("t"), "a1", ["why"], 1, dynamodb=office.dynamodb, ses=office.ses
        ),
        lambda: create_account("a1", dynamodb=office.dynamodb),
        lambda: deactivate_account("a1", dynamodb=office.dynamodb),
        lambda: create_customer_record("a1", dynamodb=office.dynamodb),
        lambda: forward_interests("a1", dynamodb=office.dynamodb, sqs=office.sqs),
        lambda: send_welcome("a1", dynamodb=office.dynamodb, ses=office.ses),
        lambda: send_notice("a1", DONE, dynamodb=office.dynamodb, ses=office.ses),
        lambda: record_outcome("a1", DONE, NOW, dynamodb=office.dynamodb),
        lambda: erase_application("a1", dynamodb=office.dynamodb),
        lambda: confirm_email("a1", "code", dynamodb=office.dynamodb, stepfunctions=Quoting("x")),
    ]

    for attempt in late:
        with pytest.raises((Erased, Conflict)):
            attempt()
    set_status("a1", Status.RUNNING, dynamodb=office.dynamodb)

    assert everything(office) == left
    assert office.mails() == []


class ErasedMeanwhile:
    """Tables in which the application is erased as soon as it has been read."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dynamodb, name)

    def get_item(self, **asked: Any) -> Any:
        found = self.dynamodb.get_item(**asked)
        if "application" in found.get("Item", {}):
            erase_application("a1", dynamodb=self.dynamodb)
        return found


@pytest.mark.parametrize("task", [create_account, deactivate_account])
def test_an_application_that_is_erased_between_reading_it_and_writing_stays_so(
    office: Office, task: Callable[..., object]
) -> None:
    left = erased(office)
    office.dynamodb.delete_item(TableName=APPLICATIONS, Key={"pk": {"S": "a1"}})
    office.submit()

    with pytest.raises(Erased):
        task("a1", dynamodb=ErasedMeanwhile(office.dynamodb))

    assert everything(office) == left


def test_erasing_leaves_the_account_of_somebody_else_alone(office: Office) -> None:
    office.submit(id="a0")
    create_account("a0", dynamodb=office.dynamodb)
    office.submit()

    erase_application("a1", dynamodb=office.dynamodb)

    assert (office.account() or {})["application_id"] == {"S": "a0"}


def test_the_applicant_is_told_that_it_was_accepted_or_why_not(office: Office) -> None:
    office.submit()
    office.submit(id="a2", email="grace@example.ie")
    denied = Outcome(status=Status.DENIED, reason="the street is unknown", account_id=None)

    send_notice("a1", DONE, dynamodb=office.dynamodb, ses=office.ses)
    send_notice("a2", denied, dynamodb=office.dynamodb, ses=office.ses)

    assert office.texts()[-2:] == ["It has been accepted.", "the street is unknown"]


def test_a_mail_is_not_sent_while_the_table_of_marks_is_asked_too_often(office: Office) -> None:
    office.submit()

    class Busy:
        def __getattr__(self, name: str) -> Any:
            return getattr(office.dynamodb, name)

        def put_item(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "later"}}, "PutItem")

    busy: Any = Busy()
    with pytest.raises(Throttled):
        send_welcome("a1", dynamodb=busy, ses=office.ses)

    assert office.mails() == []


def test_who_reviewed_is_kept_with_the_outcome(office: Office) -> None:
    office.submit()

    record_outcome("a1", DONE, NOW, "r1", dynamodb=office.dynamodb)

    assert office.item()["reviewer"] == {"S": "r1"}


@pytest.mark.parametrize("other", ["ada@EXAMPLE.ie", "ADA@example.ie", "ａｄａ＠example．ie"])
def test_one_address_has_one_account_however_it_is_written(office: Office, other: str) -> None:
    office.submit()
    create_account("a1", dynamodb=office.dynamodb)
    office.submit(id="a2", email=other)

    with pytest.raises(Conflict):
        create_account("a2", dynamodb=office.dynamodb)


def test_an_aborted_onboarding_leaves_its_application_until_an_outcome_stands(office: Office) -> None:
    office.submit()
    detail = ended("ABORTED", {"application_id": "a1"})

    assert find_unfinished(detail, dynamodb=office.dynamodb) == "a1"
    record_outcome("a1", DONE, NOW, dynamodb=office.dynamodb)
    assert find_unfinished(detail, dynamodb=office.dynamodb) is None


def test_an_application_that_did_not_complete_may_have_left_an_account(office: Office) -> None:
    office.submit()
    record_outcome("a1", Outcome(status=Status.FAILED, reason="busy"), NOW, dynamodb=office.dynamodb)
    given = {"application_id": "a1"}

    assert find_unfinished(ended("ABORTED", given), dynamodb=office.dynamodb) == "a1"
    assert (
        find_unfinished(ended("FAILED", given, error="CompensationFailed"), dynamodb=office.dynamodb) is None
    )


@pytest.mark.parametrize("given", [{"application_id": "unknown"}, {"application_id": ""}, {}])
def test_nothing_is_left_of_an_application_that_is_not_there(office: Office, given: dict[str, str]) -> None:
    assert find_unfinished(ended("ABORTED", given), dynamodb=office.dynamodb) is None
    assert find_unfinished(ended("SUCCEEDED", given), dynamodb=office.dynamodb) is None
