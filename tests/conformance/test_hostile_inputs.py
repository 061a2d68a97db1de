"""Every hostile definition and input meets its expected outcome, and none shows Python's insides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.hostile import complaint, entries, play
from tests.shared_data import needs_shared

EXCEPTIONS = {
    "defn-007": "names its nested states alike, which AWS refuses: names are unique in the whole machine",
}
"""Entries that contradict what AWS does, and how."""


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("entry", entries("definition", "input"), ids=lambda entry: str(entry["id"]))
def test_hostile_input_ends_as_expected(entry: dict[str, Any]) -> None:
    seen = play(entry)

    if entry["id"] in EXCEPTIONS:
        assert complaint(entry, seen) is not None
    else:
        assert complaint(entry, seen) is None
