"""Markup from strangers: made safe to be shown, and taken off.

`nh3` is ammonia, which browsers' own parser (html5ever) reads for: what is not on the list is gone, whatever tricks its
writing plays. Scripts, styles, forms, frames, handlers and addresses that are not http(s) or mailto are not on it.
"""

from __future__ import annotations

import html
import unicodedata
from html.parser import HTMLParser
from typing import Final

MOST_CHARACTERS: Final = 60_000
"""Of an article's markup; what is behind is cut off."""
LONGEST_TITLE: Final = 300
_SHOWN: Final = (
    "a abbr b blockquote br caption cite code dd del dl dt em figcaption figure h2 h3 h4 hr i ins li ol p pre q s "
    "small strong sub sup table tbody td th thead tr u ul"
)
TAGS: Final = frozenset(_SHOWN.split())
ATTRIBUTES: Final = {"a": {"href", "title"}, "abbr": {"title"}, "td": {"colspan"}, "th": {"colspan", "scope"}}
SCHEMES: Final = frozenset({"http", "https", "mailto"})
_SILENT: Final = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head"}
)
_BREAKING: Final = (
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li ol p "
    "pre section table td th tr ul"
)
_BLOCKS: Final = frozenset(_BREAKING.split())
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_JOINERS: Final = "\u200c\u200d"


def safe(markup: str) -> str:
    """Return markup that can be put into a page: a few tags, no images, no addresses but those of the web."""
    import nh3

    return nh3.clean(
        _visible(markup[:MOST_CHARACTERS], keep="\n\t"),
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        url_relative="deny",
    )


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.images: list[tuple[str, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _BLOCKS:
            self.parts.append(" ")
        found = dict(attrs)
        if tag == "img" and found.get("src"):
            self.images.append((found["src"] or "", found.get("alt") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BLOCKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain(markup: str) -> str:
    """Return the text of markup in one line, without what nobody sees."""
    return _read(markup)[0]


def images(markup: str) -> list[tuple[str, str]]:
    """Return the addresses of the images in markup, each with what stands in its place."""
    return _read(markup)[1]


def _read(markup: str) -> tuple[str, list[tuple[str, str]]]:
    parser = _Text()
    parser.feed(markup[:MOST_CHARACTERS])
    parser.close()
    return " ".join(_visible("".join(parser.parts)).split()), parser.images


def title_of(text: str) -> str:
    """Return a title without markup, also where the markup is written as entities once more."""
    found = plain(text)
    if "<" in found or "&" in found:
        found = plain(html.unescape(found))
    return found if len(found) <= LONGEST_TITLE else found[: LONGEST_TITLE - 1].rstrip() + "…"


def summary_of(text: str, most: int = 240) -> str:
    """Return the beginning of a text, cut between words."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > most // 2 else cut).rstrip(" ,;:-") + "…"


def _visible(text: str, keep: str = "") -> str:
    """Leave out control and format characters, and those that turn the direction of what stands around them."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\n", " ").replace("\t", " ").replace("\r", " ") if not keep else text
    return "".join(c for c in text if c in keep or c in _JOINERS or unicodedata.category(c) not in _INVISIBLE)
