"""Two paths through states, shown so that one sees where they part."""

from __future__ import annotations

from difflib import SequenceMatcher


def path_difference(actual: list[str], expected: list[str]) -> list[str]:
    """Give the lines of an assertion message: what was entered, what should have been, and where they part."""
    found = ["the states entered are others than expected"]
    for tag, a, b, c, d in SequenceMatcher(None, actual, expected, autojunk=False).get_opcodes():
        if tag == "equal":
            found.extend(f"    {name}" for name in actual[a:b])
        else:
            found.extend(f"  - {name}   (entered, not expected)" for name in actual[a:b])
            found.extend(f"  + {name}   (expected, not entered)" for name in expected[c:d])
    return found
