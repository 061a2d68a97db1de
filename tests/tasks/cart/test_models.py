"""What a line of a cart may say."""

import pytest
from pydantic import ValidationError

from tasks.cart.models import Line


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
