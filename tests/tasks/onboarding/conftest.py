from collections.abc import Iterator

import pytest

from tests.tasks.onboarding.office import Office, open_office


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        yield office
