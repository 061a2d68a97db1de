import time
from datetime import timedelta

import pytest

from stepsmith.authoring.calls.pausing import pausing_by
from stepsmith.http import pause


def test_a_pause_is_that_of_the_innermost_context_and_else_the_machines() -> None:
    outer: list[float] = []
    inner: list[float] = []
    with pausing_by(outer.append):
        with pausing_by(inner.append):
            pause(timedelta(seconds=2))
        pause(timedelta(milliseconds=5))
    before = time.monotonic()
    pause(timedelta(milliseconds=1))

    assert (outer, inner) == ([0.005], [2.0])
    assert time.monotonic() > before


def test_a_negative_pause_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody can wait for"):
        pause(timedelta(seconds=-1))
