"""IR-03: a picture that claims to be huge is refused from its header: memory and time of the process that does it."""

import sys

import pytest

from tests.tasks.image_recognition.bombs import BOMBS, refused


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count of memory is Linux's")
@pytest.mark.parametrize("name", BOMBS)
def test_ir_03_a_bomb_is_refused_with_less_than_fifty_megabytes_and_a_hundred_milliseconds(name: str) -> None:
    found = refused(name)

    assert found["ended"] == "TooLarge"
    assert isinstance(found["megabytes"], float)
    assert found["megabytes"] < 50
    assert isinstance(found["milliseconds"], float)
    assert found["milliseconds"] < 100
