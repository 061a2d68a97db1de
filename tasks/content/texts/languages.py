"""Telling the language of a text by the small words that every text has, and by its script."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Final

FEWEST: Final = 4
"""Small words that a text must have to be told by."""
_WORDS: Final = {
    "en": "the and of to in is that for it with as was on are be this by from have not or which you an were they",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus",
    "fr": "le la les de des du et en un une est que dans qui pour pas sur au avec ce il sont plus par aux été",
    "es": "el la los las de que y en un una es se del por con no para su al lo como más pero fue este está",
    "it": "il la di che e un una per non con del della sono si gli le nel alla dei anche come più questo è",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om ook als bij door naar uit wordt",
    "pt": "o a os as de que e do da em um uma para com não por mais dos como foi ao das pelo são também",
    "sv": "och att det i en på är som för av med den till inte ett om har de från men var sig så kan",
}
_SMALL: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SCRIPTS: Final = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CJK": "zh",
    "ARABIC": "ar",
    "HEBREW": "he",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "THAI": "th",
    "DEVANAGARI": "hi",
}


def language_of(text: str) -> str:
    """Return the language of a text as two letters, or nothing where it cannot be told."""
    head = text[:4000]
    script = _script(head)
    if script is not None:
        return script
    words = [word.strip(".,;:!?()\"'«»“”").lower() for word in head.split()]
    counts = {language: sum(word in small for word in words) for language, small in _SMALL.items()}
    ranked = sorted(counts.items(), key=lambda each: -each[1])
    (best, most), (_, second) = ranked[0], ranked[1]
    return best if most >= FEWEST and most >= 1.3 * second and most >= 0.05 * len(words) else ""


def settle(declared: str, text: str) -> tuple[str, str]:
    """Return the language of an article, and a warning where its source says another one."""
    said = declared.strip().replace("_", "-").split("-")[0].lower()
    said = said if len(said) in (2, 3) and said.isascii() and said.isalpha() else ""
    found = language_of(text)
    if found and said and found != said:
        return found, f"the source says that its language is {said}, and it is {found}"
    return found or said, ""


def _script(text: str) -> str | None:
    letters = [c for c in text[:400] if c.isalpha()]
    names = Counter(unicodedata.name(c, "").split(" ")[0].split("-")[0] for c in letters)
    if not letters:
        return None
    if names["HIRAGANA"] + names["KATAKANA"] > 0.1 * len(letters):
        return "ja"
    name, count = names.most_common(1)[0]
    return _SCRIPTS.get(name) if count > 0.5 * len(letters) else None
