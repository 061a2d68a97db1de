"""From the fields of an entry to a draft: the same for every kind of source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tasks.content.models import Draft, Medium
from tasks.content.sources.dates import read_date
from tasks.content.texts.addresses import canonical
from tasks.content.texts.languages import settle
from tasks.content.texts.markup import MOST_CHARACTERS, images, plain, safe, title_of

MEDIA_FOLDER: Final = "media/"
"""Where the bucket has pictures of articles."""
MOST_MEDIA: Final = 8
MOST_CATEGORIES: Final = 20
LONGEST_WORD: Final = 60


def draft(
    *,
    guid: str,
    title: str,
    markup: str,
    address: str = "",
    base: str = "",
    lang: str = "",
    published: Iterable[str] = (),
    categories: Iterable[str] = (),
    pictures: Iterable[tuple[str, str]] = (),
) -> Draft:
    """Make a draft of what a source says, with a warning for each thing that had to be put right.

    `published` are dates of which the first that can be read counts, `pictures` addresses or keys of the bucket, each
    with what stands in its place. An entry without a title is called by the beginning of its text.
    """
    warnings: list[str] = []
    if len(markup) > MOST_CHARACTERS:
        warnings.append(
            f"the text has {len(markup):,} characters, of which the first {MOST_CHARACTERS:,} are kept"
        )
    text = plain(markup)
    shown = title_of(title)
    if shown != " ".join(title.split()):
        warnings.append("the title was written with markup or was too long")
    if not shown:
        shown = title_of(text[:80]) or title_of(guid[:80]) or ("Untitled" if markup.strip() else "")
        warnings.append("the source gives no title")
    found = canonical(address, base) if address.strip() else None
    if address.strip() and found is None:
        warnings.append("the source gives an address that is none of the web")
    language, doubt = settle(lang, f"{shown} {text}")
    dates = [date for each in published if (date := read_date(each)) is not None]
    media: list[Medium] = []
    for source, alt in [*pictures, *images(markup)]:
        medium = _medium(source, alt, base or address)
        if medium is None:
            warnings.append("a picture has no address that can be used")
        elif medium not in media:
            media.append(medium)
    return Draft(
        guid=guid[:1000],
        address=found,
        title=shown,
        html=safe(markup),
        text=text,
        lang=language,
        published_at=dates[0] if dates else None,
        categories=_words(categories),
        media=media[:MOST_MEDIA],
        warnings=[*warnings, doubt] if doubt else warnings,
    )


def _medium(source: str, alt: str, base: str) -> Medium | None:
    alt = title_of(alt)
    if source.startswith(MEDIA_FOLDER) and ".." not in source and source.isprintable() and len(source) <= 512:
        return Medium(key=source, alt=alt)
    address = canonical(source, base)
    return None if address is None else Medium(address=address, alt=alt)


def _words(categories: Iterable[str]) -> list[str]:
    found = dict.fromkeys(plain(each)[:LONGEST_WORD] for each in categories)
    return [each for each in found if each][:MOST_CATEGORIES]
