"""RSS 0.9 to 2.0, RDF and Atom, read piece by piece by libxml2, which is told to trust nobody.

No entity is resolved, no DTD loaded, nothing fetched; a document that declares entities is refused. Elements are thrown
away as soon as they are read, and reading ends with the last entry that is wanted: memory does not grow with a feed.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from tasks.content.models import Draft
from tasks.content.sources.drafts import draft
from tasks.errors import Corrupt, Unsupported

_ATOM: Final = "http://www.w3.org/2005/Atom"
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_MEDIA: Final = "http://search.yahoo.com/mrss/"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_ROOTS: Final = frozenset({"rss", "RDF", "feed"})
_ENTRIES: Final = frozenset({"item", "entry"})
_PIECE: Final = 64 * 1024
LOADS: Final = ("lxml.etree",)
"""What is imported when a feed is read."""


def read_xml(data: bytes, most: int) -> tuple[list[Draft], bool]:
    """Return the articles of a feed, and whether there are more than `most`.

    Raises Unsupported for XML that is no feed or that declares entities, Corrupt for what is no XML at all. A feed that
    breaks off gives what came before.
    """
    drafts: list[Draft] = []
    language = base = ""
    for element, depth in _elements(data):
        name = _local(element)
        if name in _ENTRIES:
            if len(drafts) == most:
                return drafts, True
            drafts.append(_entry(element, language, base))
        elif depth <= 2 and name == "language" and element.text:
            language = language or str(element.text)
        elif depth <= 2 and name == "link" and not base:
            base = _link(element)
    return drafts, False


def _elements(data: bytes) -> Iterator[tuple[Any, int]]:
    """Give each element below the root that ends, with its depth, and forget entries behind it."""
    etree: Any = import_module("lxml.etree")
    parser: Any = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    depth = inside = 0
    for start in range(0, len(data), _PIECE):
        try:
            parser.feed(data[start : start + _PIECE])
        except etree.XMLSyntaxError as error:
            if depth == 0:
                raise Corrupt(f"this is no XML: {str(error)[:200]}") from None
            return
        for event, element in parser.read_events():
            if event == "start":
                depth += 1
                if depth == 1:
                    _check_root(element)
                inside += _local(element) in _ENTRIES
                continue
            depth -= 1
            if _local(element) in _ENTRIES:
                inside -= 1
                if inside == 0:
                    yield element, depth
                    _forget(element)
            elif inside == 0:
                yield element, depth
    if depth == 0 and not data.strip():
        raise Corrupt("the feed is empty")


def _check_root(element: Any) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None and any(True for _ in info.internalDTD.iterentities()):
        raise Unsupported("the feed declares entities, which are not resolved")
    if _local(element) not in _ROOTS:
        raise Unsupported(f"<{_local(element)[:60]}> is no feed: RSS, RDF and Atom are")


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _space(element: Any) -> str:
    return element.tag[1:].rpartition("}")[0] if str(element.tag).startswith("{") else ""


def _link(element: Any) -> str:
    """Return where a link of RSS or Atom leads, unless it is one to the feed itself or to a file."""
    if element.get("href"):
        return str(element.get("href")) if element.get("rel", "alternate") == "alternate" else ""
    return (element.text or "").strip()


def _entry(entry: Any, language: str, base: str) -> Draft:
    found: dict[str, str] = {}
    categories: list[str] = []
    pictures: list[tuple[str, str]] = []
    for child in entry:
        name, space = _local(child), _space(child)
        if space == _MEDIA or name == "enclosure":
            pictures.extend(_pictures(child))
        elif space == _CONTENT and name == "encoded":
            found["content"] = _markup(child)
        elif space == _DC and name == "date":
            found.setdefault("date", _text(child))
        elif space == _DC and name == "subject":
            categories.append(_text(child))
        elif name == "category":
            categories.append(child.get("term") or child.get("label") or _text(child))
        elif name == "link":
            if child.get("rel") == "enclosure":
                pictures.extend(_pictures(child))
            found["link"] = found.get("link") or _link(child)
        elif name in ("title", "description", "summary", "content"):
            found.setdefault(name, _markup(child))
        elif name in ("guid", "id", "pubDate", "published", "updated"):
            found.setdefault(name, _text(child))
            if name == "guid" and child.get("isPermaLink", "true").lower() == "true":
                found.setdefault("permalink", _text(child))
    lang = entry.get(f"{{{_XML}}}lang") or entry.getroottree().getroot().get(f"{{{_XML}}}lang") or language
    permalink = found.get("permalink", "")
    address = found.get("link") or (permalink if "://" in permalink else "")
    title = found.get("title", "")
    return draft(
        guid=found.get("guid") or found.get("id") or address or title,
        title=title,
        markup=found.get("content") or found.get("description") or found.get("summary") or "",
        address=address,
        base=entry.base or base,
        lang=lang,
        published=[found.get(name, "") for name in ("pubDate", "published", "date", "updated")],
        categories=categories,
        pictures=pictures,
    )


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def _markup(element: Any) -> str:
    """Return the markup in an element: written as text, or, in Atom's xhtml, as elements."""
    if not len(element) and element.get("type") != "text":
        return element.text or ""
    if element.get("type") == "text":
        return _text(element).replace("&", "&amp;").replace("<", "&lt;")
    etree: Any = import_module("lxml.etree")
    inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "") + inner


def _pictures(element: Any) -> Iterator[tuple[str, str]]:
    """Give the pictures that an enclosure or an element of Media RSS names."""
    kind = element.get("type") or ""
    address = element.get("url") or element.get("href")
    is_picture = (
        kind.startswith("image/") or element.get("medium") == "image" or _local(element) == "thumbnail"
    )
    if address and is_picture:
        yield str(address), str(element.get("alt") or element.get("title") or "")
    for child in element:
        if isinstance(child.tag, str):
            yield from _pictures(child)
