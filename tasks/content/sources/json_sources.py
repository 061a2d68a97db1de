"""JSON Feed 1.0 and 1.1, and single articles as JSON, as the editors' page writes them.

Source: jsonfeed.org, "JSON Feed Version 1.1". A feed may leave out nearly everything, and what does not fit of an entry
is taken for missing: only the whole has to be a feed.
"""

from __future__ import annotations

import json
from typing import Any, Final, cast

from tasks.content.models import Draft
from tasks.content.sources.drafts import draft
from tasks.errors import Corrupt, Unsupported

_VERSION: Final = "https://jsonfeed.org/version/"
ARTICLE: Final = "article"
"""What `kind` says in the JSON of a single article."""


def read_json(data: bytes, most: int) -> tuple[list[Draft], bool]:
    """Return the articles of a JSON feed, or the single one, and whether there are more than `most`.

    Raises Corrupt for what is no JSON, Unsupported for JSON that is neither.
    """
    try:
        found: object = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Corrupt("the JSON is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Corrupt("this is no JSON") from None
    whole = _object(found)
    if whole.get("kind") == ARTICLE:
        return [_article(whole)], False
    items: object = whole.get("items")
    if not _text(whole, "version").startswith(_VERSION) or not isinstance(items, list):
        raise Unsupported("this JSON is no feed of jsonfeed.org and no article")
    entries = [_object(each) for each in cast("list[object]", items)]
    base, language = _text(whole, "home_page_url"), _text(whole, "language")
    return [_entry(each, base, language) for each in entries[:most] if each], len(entries) > most


def _entry(entry: dict[str, Any], base: str, language: str) -> Draft:
    address = _text(entry, "url") or _text(entry, "external_url")
    guid = entry.get("id")
    pictures = [(address, "") for address in (_text(entry, "image"), _text(entry, "banner_image")) if address]
    for attachment in _list(entry, "attachments"):
        found = _object(attachment)
        if _text(found, "mime_type").startswith("image/"):
            pictures.append((_text(found, "url"), _text(found, "title")))
    return draft(
        guid=str(guid) if isinstance(guid, str | int) and guid != "" else address or _text(entry, "title"),
        title=_escaped(_text(entry, "title")),
        markup=_text(entry, "content_html")
        or _escaped(_text(entry, "content_text") or _text(entry, "summary")),
        address=address,
        base=base,
        lang=_text(entry, "language") or language,
        published=[_text(entry, "date_published"), _text(entry, "date_modified")],
        categories=[each for each in _list(entry, "tags") if isinstance(each, str)],
        pictures=pictures,
    )


def _article(entry: dict[str, Any]) -> Draft:
    """Make the draft of an article that the editors have uploaded."""
    title, address = _text(entry, "title"), _text(entry, "address")
    return draft(
        guid=_text(entry, "id") or address or title,
        title=_escaped(title),
        markup=_text(entry, "html") or _paragraphs(_text(entry, "text")),
        address=address,
        lang=_text(entry, "lang"),
        published=[_text(entry, "published_at")],
        categories=[each for each in _list(entry, "topics") if isinstance(each, str)],
        pictures=[(key, "") for key in _list(entry, "pictures") if isinstance(key, str)],
    )


def _paragraphs(text: str) -> str:
    return "".join(
        f"<p>{_escaped(each)}</p>" for each in text.replace("\r\n", "\n").split("\n\n") if each.strip()
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], name: str) -> list[object]:
    found: object = entry.get(name)
    return cast("list[object]", found) if isinstance(found, list) else []


def _text(entry: dict[str, Any], name: str) -> str:
    """Return a member that is text, without halves of surrogate pairs; else nothing."""
    found: object = entry.get(name)
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""
