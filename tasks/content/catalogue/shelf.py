"""The catalogue in S3: read once for each version of it, and changed by whoever finds it as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tasks.content.catalogue.database import Database, Entry
from tasks.content.faults import NOT_MODIFIED, code_of, named_errors
from tasks.content.tables import BUCKET, CATALOGUE
from tasks.errors import Conflict, NotFound, Throttled

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ATTEMPTS: Final = 4
"""How often a change is tried at once; the task is retried after that."""


@dataclass
class Shelf:
    """One version of the catalogue, opened."""

    etag: str
    database: Database

    @cached_property
    def entries(self) -> list[Entry]:
        """All articles, the newest first."""
        return self.database.entries()

    @cached_property
    def by_id(self) -> dict[str, Entry]:
        """All articles by their ids."""
        return {each.id: each for each in self.entries}

    @cached_property
    def most_popular(self) -> float:
        """What the touch points of the most popular article count."""
        return max((each.popularity for each in self.entries), default=0.0)


_LATEST: list[Shelf] = []
"""The last version that this process has opened; a warm function serves from it."""


def open_shelf(s3: S3Client) -> Shelf:
    """Return the catalogue as it is now; it is loaded only where it has changed. Empty where there is none yet."""
    known = _LATEST[0] if _LATEST else None
    asked: dict[str, Any] = {} if known is None else {"IfNoneMatch": f'"{known.etag}"'}
    try:
        with named_errors("the catalogue"):
            answer = s3.get_object(Bucket=BUCKET.name, Key=CATALOGUE, **asked)
            data = answer["Body"].read()
    except NotFound:
        return Shelf("", Database())
    except Exception as error:
        if known is not None and code_of(error) in NOT_MODIFIED:
            return known
        raise
    shelf = Shelf(answer["ETag"].strip('"'), Database(data))
    _LATEST[:] = [shelf]
    return shelf


def change_catalogue(s3: S3Client, change: Callable[[Database], None]) -> None:
    """Change the catalogue, again where another has changed it meanwhile. Raises Throttled where that goes on."""
    for _ in range(ATTEMPTS):
        condition: dict[str, Any] = {"IfNoneMatch": "*"}
        data = b""
        try:
            with named_errors("the catalogue"):
                answer = s3.get_object(Bucket=BUCKET.name, Key=CATALOGUE)
                data, condition = answer["Body"].read(), {"IfMatch": answer["ETag"]}
        except NotFound:
            pass
        database = Database(data)
        try:
            change(database)
            changed = database.to_bytes()
        finally:
            database.close()
        try:
            with named_errors("the catalogue"):
                s3.put_object(Bucket=BUCKET.name, Key=CATALOGUE, Body=changed, **condition)
        except Conflict:
            continue
        return
    raise Throttled("others change the catalogue all the time")
