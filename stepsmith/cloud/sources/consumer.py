"""What takes the batches of a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from stepsmith.events.mappings import Answer, GivenUp
from stepsmith.expressions.types import Json

Ended: TypeAlias = Callable[[Answer, str], None]
"""Is told the answer to a batch, and the id of the request."""


class Consumer(Protocol):
    """Takes batches of records, in the form that functions get them."""

    @property
    def is_working(self) -> bool:
        """Whether it takes anything at all now; the source is read only then."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether it takes no further batch now, and will later."""
        ...

    @property
    def role(self) -> str:
        """The ARN of the role that reads, as records of Kinesis show it."""
        ...

    def take(self, event: dict[str, Json], ended: Ended) -> None:
        """Take a batch, `{"Records": [...]}`; `ended` is called once, by the agenda or at once."""
        ...

    def give_up(self, shard_id: str, given_up: GivenUp, request_id: str) -> None:
        """Take note of records of a stream that are not tried again."""
        ...
