"""What is compiled from sources of earlier releases differs only as the list beside them says.

A difference that is meant is added by `python -m tests.compatibility.kept`, and told in the changelog.
"""

import pytest

from stepsmith import load
from tests.compatibility.kept import HERE, RELEASES, compiled, differences


@pytest.mark.parametrize("release", RELEASES)
def test_definitions_differ_from_those_of_a_release_only_as_is_listed(release: str) -> None:
    assert differences(release) == (HERE / release / "differences.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("release", RELEASES)
def test_what_a_release_compiled_still_loads(release: str) -> None:
    kept = {path.name.removesuffix(".asl.json") for path in (HERE / release).glob("*.asl.json")}

    assert kept == set(compiled(release))
    assert all(load(HERE / release / f"{name}.asl.json").definition.states for name in kept)
