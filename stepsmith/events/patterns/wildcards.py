"""Wildcards: `*` stands for any characters, a backslash takes a `*` or a backslash as itself."""

from __future__ import annotations

from typing import Final

MOST_STATES: Final = 20
TOO_COMPLEX: Final = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
    "after a wildcard character"
)


class BadWildcard(ValueError):
    """A wildcard that cannot be understood."""


def pieces(pattern: str) -> list[str]:
    """Split a wildcard at its stars; raises BadWildcard with the position in the quoted text's bytes."""
    found, piece, at = [""], "", 0
    while at < len(pattern):
        mark, follower = pattern[at], pattern[at + 1 : at + 2]
        if mark == "*":
            if follower == "*":
                # Recorded: the position counts the opening quote.
                raise BadWildcard(f"Consecutive wildcard characters at pos {_position(pattern, at)}")
            found[-1] = piece
            found.append("")
            piece = ""
        elif mark == "\\":
            if not follower or follower not in "*\\":
                raise BadWildcard(f"Invalid escape character at pos {_position(pattern, at)}")
            piece += follower
            at += 1
        else:
            piece += mark
        at += 1
    found[-1] = piece
    if _states(found) > MOST_STATES:
        raise BadWildcard(TOO_COMPLEX)
    return found


def fits(parts: list[str], text: str) -> bool:
    """Whether a text is what the wildcard says; takes one search for each piece."""
    if len(parts) == 1:
        return text == parts[0]
    first, last = parts[0], parts[-1]
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in parts[1:-1]:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _position(pattern: str, at: int) -> int:
    return len(pattern[:at].encode(errors="replace")) + 1


def _states(parts: list[str]) -> int:
    """Give about the most prefixes of the wildcard (with a star) that one text can fulfil at the same time.

    A star stays fulfilled once it was reached; of the pieces those prefixes are at the same time that end with the same
    character, and within one piece those that are ends of each other (its repeating sequences).
    """
    ending: dict[str, int] = {}
    for piece in parts[1:]:
        for mark, length in _chains(piece[:256]).items():
            ending[mark] = ending.get(mark, 0) + length
    return len(parts) - 1 + max(ending.values(), default=0)


def _chains(piece: str) -> dict[str, int]:
    """Give for each character the longest chain of prefixes, ending with it, that are ends of one another."""
    border, chain, found = [0] * len(piece), [0] * (len(piece) + 1), dict[str, int]()
    for at, mark in enumerate(piece):
        length = border[at - 1] if at else 0
        while at and length and mark != piece[length]:
            length = border[length - 1]
        if at and mark == piece[length]:
            length += 1
        border[at] = length
        chain[at + 1] = chain[length] + 1
        found[mark] = max(found.get(mark, 0), chain[at + 1])
    return found
