"""Where photographs lie, where their thumbnails go, and what an execution for one of them is called."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folders:
    """The names of the two folders; each may lie at the top of the bucket or anywhere in it."""

    uploads: str = "uploads"
    resized: str = "resized"

    def split(self, key: str) -> tuple[str, str]:
        """Return the folder in front of the uploads, and the rest of the key; elsewhere folder and name."""
        prefix, found, name = f"/{key}".partition(f"/{self.uploads}/")
        if not found:
            prefix, _, name = f"/{key}".rpartition("/")
        return prefix[1:], name

    def is_upload(self, key: str) -> bool:
        """Whether an object is one that starts an execution: in the uploads, and not in the thumbnails."""
        return f"/{self.uploads}/" in f"/{key}" and not self.is_thumbnail(key)

    def is_thumbnail(self, key: str) -> bool:
        """Whether an object lies among the thumbnails, which must not start an execution."""
        return f"/{self.resized}/" in f"/{key}"

    def thumbnail_key(self, key: str) -> str:
        """Return where the thumbnail of an object goes."""
        prefix, name = self.split(key)
        return f"{prefix}/{self.resized}/{name}" if prefix else f"{self.resized}/{name}"

    def upload_key(self, thumbnail: str) -> str:
        """Return what a thumbnail is one of, by where it lies."""
        prefix, _, name = f"/{thumbnail}".partition(f"/{self.resized}/")
        return f"{prefix[1:]}/{self.uploads}/{name}" if prefix else f"{self.uploads}/{name}"

    def owner(self, key: str) -> str:
        """Return whose photograph it is: the folder in front of the uploads, or `-` at the top of the bucket."""
        return self.split(key)[0] or "-"


FOLDERS = Folders()
"""The folders that the tasks use."""


def execution_name(bucket: str, key: str, state: str) -> str:
    """Return the same name for the same object in the same state, which is its version or ETag.

    Step Functions refuses a second execution of that name, so that an event delivered twice starts one.
    """
    parts = "\0".join((bucket, key, state))
    return "image-" + hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:40]
