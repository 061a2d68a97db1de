"""Which album a request is about, and where the photographs of an album lie.

An album is known by a token that only its visitor has, in a cookie. Folders and records are called after a digest of
it, so that nobody who reads a log or lists a bucket can open an album.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from stepsmith.http import Refused, Request
from tasks.image_recognition.keys import FOLDERS

COOKIE: Final = "album"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_YEAR: Final = 31_536_000
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_ID: Final = re.compile(r"[0-9a-f]{32}/[^/]+", re.DOTALL)
_MOST_NAME: Final = 200
"""Bytes of a photograph's name."""


@dataclass(frozen=True, slots=True)
class Album:
    """A visitor's album."""

    name: str
    """The folder of its photographs, and the owner of its records."""

    @property
    def prefix(self) -> str:
        """What the keys of its photographs begin with."""
        return f"{self.name}/{FOLDERS.uploads}/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photograph lies; its `key` is the id of its record, too."""

    key: str
    id: str
    """What it is called in addresses."""
    name: str
    """What its file was called."""


def token_of(request: Request) -> str | None:
    """Return the token that a request has brought, if it is one."""
    found = request.cookies.get(COOKIE, "")
    return found if _TOKEN.fullmatch(found) else None


def album_of(token: str) -> Album:
    """Return the album of a token."""
    return Album(f"album-{hashlib.sha256(token.encode()).hexdigest()[:32]}")


def open_album(request: Request) -> Album:
    """Return the album that a request is about. Raises Refused with 404 where it names none."""
    token = token_of(request)
    if token is None:
        raise Refused(404, "there is no such photograph")
    return album_of(token)


def cookie(token: str, request: Request) -> str:
    """Return the cookie that keeps a token for a year: no script reads it, and no other page sends it."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    secure = "" if host in _LOOPBACK else " Secure;"
    return f"{COOKIE}={token}; Path=/photographs; Max-Age={_YEAR}; HttpOnly;{secure} SameSite=Strict"


def place_of(album: Album, digest: str, name: str) -> Place:
    """Return where a photograph lies; `digest` is that of its name and bytes."""
    id = base64.urlsafe_b64encode(f"{digest}/{name}".encode()).decode().rstrip("=")
    return Place(key=f"{album.prefix}{digest}/{name}", id=id, name=name)


def place_of_upload(album: Album, name: str, content: bytes) -> Place:
    """Return where an upload goes: the same file under the same name is the same photograph."""
    name = clean_name(name)
    digest = hashlib.sha256(name.encode() + b"\0" + content).hexdigest()[:32]
    return place_of(album, digest, name)


def place_of_id(album: Album, id: str) -> Place:
    """Return where the photograph of an address lies. Raises Refused with 404 for what is called like none."""
    try:
        text = base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode()
    except (ValueError, binascii.Error):
        text = ""
    digest, _, name = text.partition("/")
    if not _ID.fullmatch(text) or name != clean_name(name):
        raise Refused(404, "there is no such photograph")
    return place_of(album, digest, name)


def place_of_key(album: Album, key: str) -> Place:
    """Return the place of a record of an album."""
    digest, _, name = key.removeprefix(album.prefix).partition("/")
    return place_of(album, digest, name)


def clean_name(name: str) -> str:
    """Return a file's name without folders and characters that nobody sees, and not too long."""
    composed = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    visible = "".join(
        letter for letter in composed if unicodedata.category(letter)[0] not in "CZ" or letter == " "
    )
    short = visible.encode()[:_MOST_NAME].decode(errors="ignore").strip(" .")
    return unicodedata.normalize("NFC", short) or "photograph"
