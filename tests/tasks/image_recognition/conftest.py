from collections.abc import Iterator

import pytest

from tests.tasks.image_recognition.studio import Studio, open_studio


@pytest.fixture
def studio() -> Iterator[Studio]:
    with open_studio() as studio:
        yield studio
