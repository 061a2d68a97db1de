"""What an application may hold. W-07."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.onboarding.models import Application
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
        ("email", "ada@-example.ie"),
        ("email", "x" * 65 + "@example.ie"),
        ("tax_id", "000-00-0000"),
        ("tax_id", "123-00-6789"),
        ("tax_id", "12345678"),
        ("tax_id", "１２３456789"),
        ("tax_id", 123456789),
        ("address", {}),
        ("address", {"country": "Ireland"}),
        ("interests", [{"category": "Tea Time"}]),
        ("interests", [{"category": "tea"}] * 21),
        ("consent", "perhaps"),
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
