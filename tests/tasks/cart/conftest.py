from collections.abc import Iterator

import pytest

from tests.tasks.cart.shop import Shop, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
