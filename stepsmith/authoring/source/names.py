"""Names of states, made from names in the source."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 80
"""Most characters of a state name."""


def sentence(name: str) -> str:
    """Write a function name as a sentence: `extract_metadata` is `Extract metadata`."""
    words = name.strip("_").replace("_", " ")
    return (words[:1].upper() + words[1:])[:LONGEST]


def class_words(name: str) -> str:
    """Write a class name as words: `EmptyCart` is `Empty Cart`."""
    out = ""
    for index, letter in enumerate(name):
        follows_small = index > 0 and (name[index - 1].islower() or name[index - 1].isdigit())
        ends_capitals = 0 < index < len(name) - 1 and name[index - 1].isupper() and name[index + 1].islower()
        out += (" " if letter.isupper() and (follows_small or ends_capitals) else "") + letter
    return out[:LONGEST]


def unique(name: str, taken: set[str]) -> str:
    """Give a name that is not taken, by a number at its end where needed, and take it; at most 80 characters."""
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    found, number = short, 1
    while found in taken:
        number += 1
        ending = f" {number}"
        found = short[: LONGEST - len(ending)] + ending
    taken.add(found)
    return found
