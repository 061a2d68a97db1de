"""Conditions of DynamoDB, for tables in memory: comparisons, IN, AND, OR, NOT, brackets and three functions.

Every other is refused. What precedes AND is taken first, as DynamoDB does.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

WORD = re.compile(r"<>|<=|>=|[#:]?\w+|[=<>(),]")


class Asked(NamedTuple):
    """An item, or an empty one where there is none, and what the words of a condition stand for."""

    item: Mapping[str, Any]
    names: Mapping[str, str]
    values: Mapping[str, Any]

    def get(self, word: str) -> Any:
        """Give an attribute of the item, or a value."""
        return self.values[word] if word.startswith(":") else self.item.get(self.names.get(word, word))


Condition = Callable[[Asked], bool]
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


@cache
def condition(text: str) -> Condition:
    """Read a condition."""
    words = list(reversed(WORD.findall(text)))
    read = _either(words)
    assert not words, f"{text}: what is {words[-1]!r}?"
    return read


def _either(words: list[str]) -> Condition:
    found = [_all(words)]
    while words and words[-1] == "OR":
        words.pop()
        found.append(_all(words))
    return lambda asked: any(each(asked) for each in found)


def _all(words: list[str]) -> Condition:
    found = [_one(words)]
    while words and words[-1] == "AND":
        words.pop()
        found.append(_one(words))
    return lambda asked: all(each(asked) for each in found)


def _one(words: list[str]) -> Condition:
    word = words.pop()
    if word == "NOT":
        inner = _one(words)
        return lambda asked: not inner(asked)
    if word == "(":
        inner = _either(words)
        assert words.pop() == ")"
        return inner
    if words[-1] == "(":
        return _function(word, _bracketed(words))
    sign = words.pop()
    if sign == "IN":
        members = _bracketed(words)
        return lambda asked: any(asked.get(word) == asked.get(each) for each in members)
    right, compare = words.pop(), SIGNS[sign]

    def compared(asked: Asked) -> bool:
        held = asked.get(word)
        return held is not None and compare(_plain(held), _plain(asked.get(right)))

    return compared


def _bracketed(words: list[str]) -> list[str]:
    found: list[str] = []
    while words[-1] != ")":
        words.pop()
        found.append(words.pop())
    words.pop()
    return found


def _function(name: str, given: list[str]) -> Condition:
    first = given[0]
    if name == "attribute_exists":
        return lambda asked: asked.get(first) is not None
    if name == "attribute_not_exists":
        return lambda asked: asked.get(first) is None
    assert name == "contains", name
    return lambda asked: asked.get(given[1])["S"] in (asked.get(first) or {"SS": []})["SS"]


def _plain(value: Mapping[str, str]) -> Any:
    return int(value["N"]) if "N" in value else str(value["S"])
