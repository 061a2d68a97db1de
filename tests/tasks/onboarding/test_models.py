"""What an application may hold. W-07."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.onboarding.models import Application, Choice, Status, Verdict
from tests.tasks.onboarding.office import application


def test_a_good_application_is_taken_in_its_normal_form() -> None:
    taken = Application.model_validate(application(email="Ada+news@Example.PHOTOGRAPHY", first_name="  Ada "))

    assert taken.email == "Ada+news@example.photography"
    assert taken.first_name == "Ada"
    assert taken.tax_id == "219099999"


@pytest.mark.parametrize("field", ["id", "first_name", "last_name", "email", "tax_id", "address", "consent"])
def test_w_07_a_missing_field_is_named(field: str) -> None:
    fields = application()
    del fields[field]

    with pytest.raises(ValidationError, match=field):
        Application.model_validate(fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "a b"),
        ("id", "a" * 65),
        ("first_name", ""),
        ("first_name", "   "),
        ("first_name", "Ada\x00"),
        ("first_name", "x" * 101),
        ("last_name", 7),
        ("email", "ada"),
        ("email", "ada@example"),
        ("email", "a b@example.ie"),
        ("email", ".ada@example.ie"),
        ("email", "a..b@example.ie"),
        ("email", "a@b@example.ie"),
        ("email", f"a@bücher.{'x' * 56}.{'x' * 63}.{'x' * 63}.{'x' * 55}"),
        ("email", "ada@-example.ie"),
        ("email", "x" * 65 + "@example.ie"),
        ("tax_id", "000-00-0000"),
        ("tax_id", "123-00-6789"),
        ("tax_id", "12345678"),
        ("tax_id", "１２３456789"),
        ("tax_id", 123456789),
        ("tax_id", "219--09-9999"),
        ("tax_id", "-219099999"),
        ("tax_id", "2-1909-9999"),
        ("tax_id", "219-099999"),
        ("address", {}),
        ("address", {"country": "Ireland"}),
        ("interests", [{"category": "Tea Time"}]),
        ("interests", [{"category": "tea"}] * 21),
        ("consent", "perhaps"),
        ("consent", "yes"),
        ("consent", 1),
        ("first_name", "Ada\u202eecalevoL"),
        ("last_name", "\u2066Love\u2069lace"),
        ("first_name", "A\u200bda"),
        ("first_name", "A\u2028da"),
        ("first_name", "A\ue000da"),
        ("email", "a\u200dda@example.ie"),
        ("email", "ada,bob@example.ie"),
        ("email", "ada，bob@example.ie"),
        ("email", "ada(of London)@example.ie"),
        ("email", "ada(london)@example.ie"),
        ("email", "mailto:ada@example.ie"),
        ("email", "ada;bob@example.ie"),
        ("email", "<ada@example.ie"),
        ("email", '"ada"@example.ie'),
        ("email", "ada\\@example.ie"),
        ("email", "ada@exa\u202emple.ie"),
        ("email", "ada@" + "x" * 64 + ".ie"),
        ("address", {"street": "1 \u202dMain"}),
        ("surprise", 1),
    ],
)
def test_w_07_a_bad_field_is_refused(field: str, value: Any) -> None:
    changed = {"address": value} if field == "address" and value else {field: value}
    fields = application(**changed) if value != {} else {**application(), field: value}

    with pytest.raises(ValidationError):
        Application.model_validate(fields)


@given(st.text(max_size=300))
def test_any_text_as_an_address_is_taken_or_refused_but_never_breaks(text: str) -> None:
    try:
        taken = Application.model_validate(application(email=text))
    except ValidationError:
        return

    local, _, domain = taken.email.rpartition("@")
    assert local
    assert "." in domain
    assert domain == domain.lower()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.EXAMPLE", "ada@xn--bcher-kva.example"),
        ("ａｄａ＠example．ie", "ada@example.ie"),
        ("ada@example。ie", "ada@example.ie"),
        ("zoe\u0308@example.ie", "zoë@example.ie"),
        ("ada~lovelace@example.ie", "ada~lovelace@example.ie"),
        ("!#$%&'*+-/=?^_`{|}~@example.ie", "!#$%&'*+-/=?^_`{|}~@example.ie"),
    ],
)
def test_one_address_is_one_address_in_every_form_that_unicode_has(written: str, kept: str) -> None:
    assert Application.model_validate(application(email=written)).email == kept


@pytest.mark.parametrize("name", ["Zoë", "O'Brien", "王小明", "نازنین\u200cزهرا", "Ada-Marie 3rd"])
def test_names_of_all_scripts_are_taken(name: str) -> None:
    assert Application.model_validate(application(first_name=name)).first_name == name


LONGEST_DOMAIN = ".".join(["x" * 63, "x" * 63, "x" * 61])
LIMITS = {
    "id": ("a", "a" * 64),
    "first_name": ("A", "x" * 100),
    "last_name": ("A", "x" * 100),
    "email": ("a@b.c", "x" * 64 + "@" + LONGEST_DOMAIN),
    "street": ("1", "x" * 200),
    "postcode": ("1", "x" * 16),
    "category": ("t", "t" * 40),
}


def limited(field: str, value: str) -> dict[str, Any]:
    if field in ("street", "postcode"):
        return application(address={field: value})
    return (
        application(interests=[{"category": value}]) if field == "category" else application(**{field: value})
    )


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in LIMITS for value in LIMITS[field]])
def test_w_07_a_field_reaches_to_its_limits(field: str, value: str) -> None:
    assert value in str(Application.model_validate(limited(field, value)).model_dump())


@pytest.mark.parametrize("field", LIMITS)
def test_w_07_a_field_goes_no_further(field: str) -> None:
    for value in ("", LIMITS[field][1] + "x"):
        with pytest.raises(ValidationError):
            Application.model_validate(limited(field, value))


def test_twenty_interests_are_taken() -> None:
    taken = Application.model_validate(application(interests=[{"category": "tea"}] * 20))

    assert len(taken.interests) == 20


def test_records_are_read_by_later_versions() -> None:
    assert list(Verdict) == ["approve", "review", "deny"]
    assert list(Choice) == ["APPROVE", "REJECT"]
    assert list(Status) == [
        "RUNNING",
        "IN_REVIEW",
        "COMPLETED",
        "DENIED",
        "REJECTED",
        "EXPIRED",
        "ESCALATED",
        "FAILED",
    ]


def test_a_domain_may_have_as_many_letters_as_name_servers_take() -> None:
    domain = f"bücher.{'x' * 55}.{'x' * 63}.{'x' * 63}.{'x' * 55}"

    taken = Application.model_validate(application(email=f"a@{domain}")).email

    assert len(taken.removeprefix("a@")) == 253


@pytest.mark.parametrize("tax_id", ["100-10-1000", "001-01-0001", "219099999"])
def test_a_tax_identifier_may_have_zeros_in_each_group(tax_id: str) -> None:
    assert Application.model_validate(application(tax_id=tax_id)).tax_id == tax_id.replace("-", "")
