"""The guide to testing holds what it says: its examples are a test module, and pass."""

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "docs/guide/testing.md"


@pytest.mark.slow
def test_the_examples_of_the_guide_pass(pytester: pytest.Pytester) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    pytester.makepyfile("\n\n".join(blocks))

    result = pytester.runpytest_inprocess("--asl-coverage", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=len(re.findall(r"^def test_", "\n".join(blocks), re.MULTILINE)))
    result.stdout.fnmatch_lines(["sell  100.0 %*"])
