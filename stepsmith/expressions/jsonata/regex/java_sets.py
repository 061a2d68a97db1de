"""Sets of characters as `java.util.regex` names them: predefined classes, POSIX names and Unicode categories."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, TypeAlias

Holds: TypeAlias = Callable[[str], bool]
"""Whether a character belongs to a set."""

LINE_ENDS: Final = frozenset("\n\r\u0085\u2028\u2029")
_SPACE: Final = frozenset(" \t\n\x0b\f\r")
_HORIZONTAL: Final = frozenset(
    " \t\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_VERTICAL: Final = frozenset("\n\x0b\f\r\x85\u2028\u2029")
_DIGITS: Final = frozenset("0123456789")
_LOWER: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_UPPER: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LETTERS: Final = _LOWER | _UPPER
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
CLASSES: Final[dict[str, Holds]] = {
    "d": _DIGITS.__contains__,
    "s": _SPACE.__contains__,
    "w": (_LETTERS | _DIGITS | {"_"}).__contains__,
    "h": _HORIZONTAL.__contains__,
    "v": _VERTICAL.__contains__,
}
"""The classes that a backslash and a small letter stand for; the capital letter is all else."""

_POSIX: Final[dict[str, Holds]] = {
    "Lower": _LOWER.__contains__,
    "Upper": _UPPER.__contains__,
    "ASCII": str.isascii,
    "Alpha": _LETTERS.__contains__,
    "Digit": _DIGITS.__contains__,
    "Alnum": (_LETTERS | _DIGITS).__contains__,
    "Punct": _PUNCTUATION.__contains__,
    "Graph": (_LETTERS | _DIGITS | _PUNCTUATION).__contains__,
    "Print": (_LETTERS | _DIGITS | _PUNCTUATION | {" "}).__contains__,
    "Blank": frozenset(" \t").__contains__,
    "Cntrl": lambda char: char < " " or char == "\x7f",
    "XDigit": frozenset("0123456789abcdefABCDEF").__contains__,
    "Space": _SPACE.__contains__,
}
_JAVA: Final[dict[str, Holds]] = {
    "javaLowerCase": str.islower,
    "javaUpperCase": str.isupper,
    "javaWhitespace": lambda char: char in _SPACE or (char.isspace() and char not in "\x85\xa0\u2007\u202f"),
    "javaLetter": str.isalpha,
    "javaDigit": lambda char: unicodedata.category(char) == "Nd",
    "javaLetterOrDigit": lambda char: char.isalpha() or unicodedata.category(char) == "Nd",
}
_BINARY: Final[dict[str, Holds]] = {
    "ALPHABETIC": str.isalpha,
    "LETTER": str.isalpha,
    "LOWERCASE": str.islower,
    "UPPERCASE": str.isupper,
    "TITLECASE": lambda char: unicodedata.category(char) == "Lt",
    "PUNCTUATION": lambda char: unicodedata.category(char)[0] == "P",
    "CONTROL": lambda char: unicodedata.category(char) == "Cc",
    "WHITE_SPACE": str.isspace,
    "DIGIT": lambda char: unicodedata.category(char) == "Nd",
    "HEX_DIGIT": frozenset("0123456789abcdefABCDEF").__contains__,
    "ASSIGNED": lambda char: unicodedata.category(char) != "Cn",
}
_SCRIPTS: Final = frozenset(
    {"ARABIC", "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "GEORGIAN", "GREEK", "GUJARATI", "HANGUL",
     "HEBREW", "HIRAGANA", "KATAKANA", "LATIN", "TAMIL", "TELUGU", "THAI"}
)  # fmt: skip
"""Scripts that the names of their characters begin with."""
_CATEGORIES: Final = frozenset(
    {"Cc", "Cf", "Cn", "Co", "Cs", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl", "No", "Pc",
     "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs"}
)  # fmt: skip
_MAJOR: Final = frozenset("CLMNPSZ")


class CharClass:
    """A set of characters that remembers what it was asked."""

    __slots__ = ("_holds", "_known")

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self._known: dict[str, bool] = {}

    def __contains__(self, char: str) -> bool:
        known = self._known.get(char)
        if known is None:
            known = self._known[char] = self._holds(char)
        return known


def complement(holds: Holds) -> Holds:
    """All characters that are not in a set."""
    return lambda char: not holds(char)


def of_range(low: str, high: str, *, ignore_case: bool = False) -> Holds:
    """The characters between two; where case does not matter, the ASCII letters that have a variant there, too."""
    if not ignore_case:
        return (lambda char: char == low) if low == high else (lambda char: low <= char <= high)
    return lambda char: (
        low <= char <= high
        or (char in _LETTERS and (low <= char.lower() <= high or low <= char.upper() <= high))
    )


def property_of(name: str) -> Holds | None:
    """The set that `\\p{name}` stands for; None where Java knows no such name, or this list doesn't."""
    known = _POSIX.get(name) or _JAVA.get(name)
    if known is not None:
        return known
    key, equals, value = name.partition("=")
    if equals:
        name = (
            value
            if key.lower() in ("gc", "general_category")
            else f"Is{value}"
            if key.lower() in ("sc", "script")
            else ""
        )
    category = name.removeprefix("Is")
    if category in _CATEGORIES:
        return lambda char: unicodedata.category(char) == category
    if category in _MAJOR:
        return lambda char: unicodedata.category(char)[0] == category
    if category == "LC":
        return lambda char: unicodedata.category(char) in ("Ll", "Lt", "Lu")
    if not name.startswith("Is"):
        return None
    script = category.upper()
    if script in _SCRIPTS:
        return lambda char: unicodedata.name(char, "").startswith(script + " ")
    if script in ("HAN", "IDEOGRAPHIC"):
        return lambda char: unicodedata.name(char, "").startswith("CJK ") or char == "々"
    return _BINARY.get(script)
