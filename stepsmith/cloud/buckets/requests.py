"""What requests of S3 do to objects, read off the request and its answer as they go over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

_MARK: Final = 'name="key"'
_OTHERS: Final = frozenset({"retention", "legal-hold", "torrent", "attributes", "select"})


@dataclass(frozen=True, slots=True)
class Request:
    """A request of S3; names of headers are lower case."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to an object."""

    event: str
    """Without `s3:`, as in `ObjectCreated:Put`."""
    key: str
    version_id: str | None = None


def read_request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request | None:
    """Read a request; None for one that is not S3's."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path.lstrip("/")
    before, found, _ = f".{host}".partition(".s3.")
    if not found:
        return None
    bucket = before.lstrip(".")
    if not bucket:
        bucket, _, path = path.partition("/")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    lowered = {name.lower(): value for name, value in headers.items()}
    return Request(method.upper(), unquote(bucket), unquote(path), query, lowered, body)


def happenings(request: Request, headers: Mapping[str, str], answer: bytes) -> list[Happening]:
    """Give what a request has done that was answered well, with these headers and this body."""
    query = request.query
    if not request.key:
        if request.method == "POST" and "delete" in query:
            return _several_deleted(request.body, answer)
        if request.method == "POST" and not query:
            key = _form_key(request.body)
            return [Happening("ObjectCreated:Post", key, _version(headers))] if key else []
        return []
    event = _event(request, headers, answer)
    if event is None:
        return []
    return [
        Happening(
            event,
            request.key,
            _version(headers) or _version({"x-amz-version-id": query.get("versionId", "")}),
        )
    ]


def _event(request: Request, headers: Mapping[str, str], answer: bytes) -> str | None:
    query = request.query
    if _OTHERS & query.keys():
        return None
    match request.method:
        case "PUT" if "tagging" in query:
            return "ObjectTagging:Put"
        case "PUT" if "acl" in query:
            return "ObjectAcl:Put"
        case "PUT" if "uploadId" in query:
            return None
        case "PUT":
            return "ObjectCreated:Copy" if "x-amz-copy-source" in request.headers else "ObjectCreated:Put"
        case "POST" if "restore" in query:
            return "ObjectRestore:Post"
        case "POST" if "uploadId" in query:
            # A failure may come with status 200.
            return None if b"<Error>" in answer else "ObjectCreated:CompleteMultipartUpload"
        case "DELETE" if "tagging" in query:
            return "ObjectTagging:Delete"
        case "DELETE" if "uploadId" not in query:
            marked = headers.get("x-amz-delete-marker") == "true" and "versionId" not in query
            return "ObjectRemoved:DeleteMarkerCreated" if marked else "ObjectRemoved:Delete"
        case _:
            return None


def _version(headers: Mapping[str, str]) -> str | None:
    found = headers.get("x-amz-version-id")
    # The version that an object has where versions are suspended is in no record (recorded).
    return found if found and found not in ("null", "None") else None


def _several_deleted(body: bytes, answer: bytes) -> list[Happening]:
    """Read DeleteObjects: each key that was asked for and not refused, absent ones too (recorded)."""
    refused = {_text(one, "Key") for one in _elements(answer, "Error")}
    marked = {
        _text(one, "Key"): _text(one, "DeleteMarkerVersionId")
        for one in _elements(answer, "Deleted")
        if _text(one, "DeleteMarker") == "true"
    }
    found: list[Happening] = []
    for one in _elements(body, "Object"):
        key, version = _text(one, "Key"), _text(one, "VersionId") or None
        if key in refused:
            continue
        if version is None and key in marked:
            found.append(Happening("ObjectRemoved:DeleteMarkerCreated", key, marked[key] or None))
        else:
            found.append(Happening("ObjectRemoved:Delete", key, version))
    return found


def _elements(text: bytes, name: str) -> list[ElementTree.Element]:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - what moto has read and written
    except ElementTree.ParseError:
        return []
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == name]


def _text(element: ElementTree.Element, name: str) -> str:
    return next((one.text or "" for one in element if one.tag.rpartition("}")[2] == name), "")


def _form_key(body: bytes) -> str:
    """Find the key in a form; nothing if there is none."""
    text = body.decode(errors="replace")
    start = text.find(_MARK)
    if start >= 0:
        value = text[start + len(_MARK) :].lstrip("\r\n")
        key = value.partition("\r\n")[0]
    else:
        key = dict(parse_qsl(text)).get("key", "")
    return key.replace("${filename}", _file_name(text))


def _file_name(text: str) -> str:
    return text.partition('filename="')[2].partition('"')[0]
