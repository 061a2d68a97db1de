"""Expressions that the decision record lists as different from the reference, which no generator yields."""

from typing import Final

ENDLESS: Final = frozenset({"$formatInteger((1/0), 'a')", "((1/0)).$formatInteger('a')"})
"""What the reference never answers."""

AS_DATA: Final = ("$boolean", "$not", "$map(", "$filter(", "$single(", "$spread", "$replace(")
"""Functions that look into a function that is given as data."""

FUNCTIONS: Final = ("function", "/a/", "$sum", "$upp")
"""How functions begin among the values that are given as data."""

WHOLE_FUNCTIONS: Final = ("function($x){$x}", "/a/", "$sum")
"""The functions among the values that are written anywhere."""


def is_told_apart(text: str) -> bool:
    """Whether a call of one function is one of those."""
    if text in ENDLESS or is_inexact(text) or ("$reduce" in text and "/a/" in text):
        return True
    as_data = any(f"({function}" in text or f", {function}" in text for function in FUNCTIONS)
    return as_data and any(name in text for name in AS_DATA)


def is_inexact(text: str) -> bool:
    """Whether a power may be asked for whose exponent is no whole number."""
    return "$power" in text and any(fraction in text for fraction in ("0.1", "1.5", "9.1", "e-"))


def has_function_as_data(text: str) -> bool:
    """Whether a function is the context value of what looks into it, or the text of a regular expression."""
    is_context = any(f"{function}." in text or f"{function} . " in text for function in WHOLE_FUNCTIONS)
    is_text = any(f"/a/({function}" in text for function in FUNCTIONS) or (
        ", /a/" in text and any(f"({function}" in text for function in FUNCTIONS)
    )
    return is_text or (is_context and any(name in text for name in (*AS_DATA, "*")))


def splits_characters(text: str) -> bool:
    """Whether characters that are two code units to the reference may be split into these."""
    return "$split" in text and "😀" in text and any(empty in text for empty in ("''", '""'))
