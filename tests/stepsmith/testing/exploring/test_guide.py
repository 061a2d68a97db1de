"""The guide to exploring holds what it says: its examples are a test module, and what it shows is what is said."""

import re
from pathlib import Path

import pytest

from stepsmith.testing import PropertyBroken, explore
from tests import guides

EXAMPLES = guides.python_of("explore")
SHOWN = guides.blocks("explore", "text")


@pytest.mark.slow
def test_the_examples_of_the_guide_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_explore_guide=EXAMPLES)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\n")

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(passed=len(re.findall(r"^def test_", EXAMPLES, re.MULTILINE)))


def test_the_guide_shows_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = guides.run("explore", tmp_path, monkeypatch)

    with pytest.raises(PropertyBroken) as broken:
        explore(guide.book, guide.ANN, holds=guide.whoever_has_paid_has_a_seat, world=guide.Theatre)
    covered = explore(guide.book, guide.ANN, holds=str, world=guide.Theatre, depth=2)

    told, plan, test = SHOWN[0].split("\n\n", 2)
    assert str(broken.value).startswith(told)
    assert [str(each) for each in broken.value.plan] == [plan.strip()]
    assert broken.value.test == test
    assert SHOWN[1] in str(covered)
