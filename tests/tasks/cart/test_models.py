"""What a line of a cart may say."""

import pytest
from pydantic import ValidationError

from tasks.cart.models import AuthorisationStatus, CartRef, CheckoutStatus, Line


@pytest.mark.parametrize(("quantity", "cents"), [(1, 0), (999, 100_000_000)])
def test_a_line_reaches_to_its_limits(quantity: int, cents: int) -> None:
    line = Line(product_id="tea", quantity=quantity, price_cents=cents)

    assert (line.quantity, line.price_cents) == (quantity, cents)


@pytest.mark.parametrize(
    ("quantity", "cents"), [(0, 1), (1000, 1), (1, -1), (1, 100_000_001), ("1", 1), (1, True)]
)
def test_a_line_goes_no_further(quantity: int, cents: int) -> None:
    with pytest.raises(ValidationError):
        Line(product_id="tea", quantity=quantity, price_cents=cents)


@pytest.mark.parametrize("id", ["c", "c" * 128, "a.b-c_d@e:f+1"])
def test_an_identifier_reaches_to_its_limits(id: str) -> None:
    assert CartRef(id=id).key == f"cart#{id}"


@pytest.mark.parametrize("id", ["", "c" * 129, "a/b", "a#b", "a b"])
def test_an_identifier_goes_no_further(id: str) -> None:
    with pytest.raises(ValidationError):
        CartRef(id=id)


def test_what_is_stored_of_a_checkout_is_read_by_later_versions() -> None:
    assert list(AuthorisationStatus) == ["authorised", "needs_confirmation"]
    assert list(CheckoutStatus) == ["SUCCEEDED", "REJECTED", "COMPENSATION_FAILED"]
