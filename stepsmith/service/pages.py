"""Static pages of a project: the files beside a system's tasks, as a web server gives them away."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stepsmith.errors import InvalidInput
from stepsmith.frozen import frozen

FOLDER: Final = "page"
"""The folder below `tasks/<system>` that holds a system's page."""
INDEX: Final = "index.html"
TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8", "csv": "text/csv; charset=utf-8", "gif": "image/gif",
    "html": "text/html; charset=utf-8", "ico": "image/x-icon", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8", "json": "application/json", "map": "application/json",
    "md": "text/markdown; charset=utf-8", "mjs": "text/javascript; charset=utf-8", "mp3": "audio/mpeg",
    "mp4": "video/mp4", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8", "wasm": "application/wasm", "wav": "audio/wav",
    "webmanifest": "application/manifest+json", "webp": "image/webp", "woff": "font/woff",
    "woff2": "font/woff2", "xml": "application/xml",
}  # fmt: skip
"""Ending -> content type; the same on every machine, which Python's own table is not."""
POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""What a browser lets a page do: nothing but what comes from where the page comes from."""
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
"""What every file is sent with, here and by CloudFront."""


@frozen
class File:
    """A file of a page."""

    path: Path
    content_type: str


@dataclass(frozen=True)
class Page:
    """The page of a system, at `/<name>/`: the plain files of a folder, hidden ones and links left out."""

    name: str
    folder: Path

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise InvalidInput(f"{self.name!r} is no name of a page")

    @classmethod
    def of(cls, folder: Path) -> Page:
        """Give the page of a system by the folder of its tasks. Raises InvalidInput where it has none."""
        found = folder / FOLDER
        if not (found / INDEX).is_file():
            raise InvalidInput(f"{folder} has no {FOLDER}/{INDEX}")
        return cls(folder.name, found)

    def files(self) -> dict[str, File]:
        """Give the files by their keys, such as `photographs/index.html`; looks at the folder each time."""
        return {
            f"{self.name}/{path.relative_to(self.folder).as_posix()}": File(path, type_of(path.name))
            for path in _plain_files(self.folder)
        }


def type_of(name: str) -> str:
    """Give the content type of a file by its name."""
    return TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def digest_of(files: Mapping[str, File]) -> str:
    """Give a SHA-256 of the files of pages: another one whenever a name, type or content is another."""
    found = hashlib.sha256()
    for key, file in sorted(files.items()):
        content = hashlib.sha256(file.path.read_bytes()).hexdigest()
        found.update(f"{key}\0{file.content_type}\0{content}\n".encode())
    return found.hexdigest()


def _plain_files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda each: each.name)
    for each in found:
        if each.name.startswith(".") or each.is_symlink():
            continue
        if each.is_dir():
            yield from _plain_files(Path(each.path))
        elif each.is_file():
            yield Path(each.path)
