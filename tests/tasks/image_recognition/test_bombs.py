"""IR-03: a picture that claims to be huge is refused with its header's memory. Time: `benchmarks/images.py`."""

import sys

import pytest

from tests.tasks.image_recognition.bombs import BOMBS, refused


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count of memory is Linux's")
@pytest.mark.parametrize("name", BOMBS)
def test_ir_03_a_bomb_is_refused_with_less_than_fifty_megabytes(name: str) -> None:
    found = refused(name)

    assert found["ended"] == "TooLarge"
    assert isinstance(found["megabytes"], float)
    assert found["megabytes"] < 50
