from collections.abc import Iterator

import pytest

from tests.tasks.cart.shop import Shop, open_shop, quick_shop


@pytest.fixture(params=["moto", "memory"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """Each test runs on moto and on the tables in memory, which holds the one to the other."""
    if request.param == "memory":
        yield quick_shop()
        return
    with open_shop() as shop:
        yield shop
