"""Which kind of source some bytes are, and the articles in them.

A source is told by its first characters and never by its name or content type, which feeds often have wrong.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Final

from tasks.content.models import Draft
from tasks.content.sources.drafts import draft
from tasks.content.sources.json_sources import read_json
from tasks.content.sources.xml_feeds import read_xml
from tasks.errors import Corrupt, TooLarge, Unsupported

MOST_BYTES: Final = 5 * 1024 * 1024
"""Of a feed; what is larger is refused before it is read."""
MOST_ITEMS: Final = 200
"""Articles that are taken out of one feed: the first ones, which are the newest."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_XML_HEAD: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is in a source."""

    drafts: list[Draft]
    is_cut: bool = False
    """Whether there are more articles."""
    warnings: list[str] = field(default_factory=list[str])


def read_source(data: bytes, name: str = "") -> Found:
    """Return the articles in a feed or an uploaded article; `name` is what a text without a name is called by.

    Raises TooLarge, Unsupported for what is neither, and Corrupt for what breaks before the first article.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"the source has {len(data):,} bytes, and {MOST_BYTES:,} are read")
    if data.startswith(_UTF_16):
        data = _from_utf_16(data)
    head = data.removeprefix(codecs.BOM_UTF8).lstrip()[:512].lower()
    warnings: list[str] = []
    if not head:
        raise Corrupt("the source is empty")
    if head.startswith((b"<!doctype html", b"<html", b"<article", b"<h1", b"<p")):
        return Found(drafts=[_page(data, name)])
    if head.startswith(b"<"):
        text, warnings = _as_xml(data)
        drafts, is_cut = read_xml(text, MOST_ITEMS)
    elif head.startswith((b"{", b"[")):
        drafts, is_cut = read_json(data, MOST_ITEMS)
    else:
        raise Unsupported("this is neither a feed in XML or JSON nor a page of HTML")
    said = [each for each in drafts if each.title or each.text]
    if len(said) < len(drafts):
        warnings.append(f"{len(drafts) - len(said)} entries say nothing")
    if not said:
        warnings.append("there are no articles in it")
    return Found(drafts=said, is_cut=is_cut, warnings=warnings)


def _from_utf_16(data: bytes) -> bytes:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        raise Corrupt("the source begins as UTF-16, and goes on as something else") from None
    head, found, rest = text.partition("?>")
    return (rest if found and head.lstrip("\ufeff").startswith("<?xml") else text).encode("utf-8", "replace")


def _as_xml(data: bytes) -> tuple[bytes, list[str]]:
    """Return XML that is what its first line says, or UTF-8 where that cannot be right.

    A feed is often written in another encoding than it says. What is UTF-8 is taken for it, whatever stands there; what
    says that it is UTF-8 and is not, is taken for Windows-1252, as browsers do.
    """
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()
    head, found, rest = start.partition(b"?>")
    has_head = bool(found) and head.startswith(b"<?xml") and len(head) <= _XML_HEAD
    declared = _declared(head) if has_head else ""
    body = rest if has_head else start
    try:
        body.decode("utf-8")
        doubt = (
            []
            if declared in ("", "utf-8", "utf8") or body.isascii()
            else ["the source is UTF-8, and says otherwise"]
        )
        return body, doubt
    except UnicodeDecodeError:
        pass
    encoding = declared if declared and declared not in ("utf-8", "utf8") else "cp1252"
    try:
        return body.decode(encoding, "replace").encode("utf-8", "replace"), [
            f"the source was read as {encoding[:20]}"
        ]
    except (LookupError, ValueError):
        return body.decode("cp1252", "replace").encode("utf-8", "replace"), ["the source was read as cp1252"]


def _declared(head: bytes) -> str:
    after = head.partition(b"encoding")[2].lstrip().removeprefix(b"=").lstrip()
    quote = after[:1]
    return (
        after[1:].partition(quote)[0].decode("ascii", "replace").strip().lower()
        if quote in (b'"', b"'")
        else ""
    )


def _page(data: bytes, name: str) -> Draft:
    """Make the draft of an article that was uploaded as HTML: its first heading or title, and its body."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    lower = text.lower()
    if len(lower) != len(
        text
    ):  # a letter whose small form has two characters would move all places behind it
        lower = text
    title = _between(text, lower, "h1") or _between(text, lower, "title")
    body = _between(text, lower, "article") or _between(text, lower, "body") or text
    return draft(guid=name or title, title=title, markup=body)


def _between(text: str, lower: str, tag: str) -> str:
    """Return what stands between the first start of a tag and its end; nothing where there is none."""
    start = lower.find(f"<{tag}")
    opened = lower.find(">", start)
    end = lower.find(f"</{tag}", opened)
    return text[opened + 1 : end] if start >= 0 and opened >= 0 and end >= 0 else ""
