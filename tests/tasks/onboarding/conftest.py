from collections.abc import Iterator

import pytest

from tests.tasks.onboarding.office import Office, open_office, quick_office


@pytest.fixture(params=["moto", "memory"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Each test runs on moto and on the tables in memory, which holds the one to the other."""
    if request.param == "memory":
        yield quick_office()
        return
    with open_office() as office:
        yield office
