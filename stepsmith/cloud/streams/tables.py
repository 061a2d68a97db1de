"""What the cloud does besides when moto has answered a call of DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stepsmith.cloud.services import Caller
from stepsmith.cloud.streams.changes import Changes
from stepsmith.expressions.types import Json

_METRICS: Final = ("ConsumedCapacity", "ItemCollectionMetrics")


class Tables:
    """Hears of the calls of DynamoDB."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def heard(
        self, operation: str, parameters: Mapping[str, Any], answer: dict[str, Any], caller: Caller
    ) -> None:
        """Make records of what has changed; take out of the answer what AWS leaves out.

        moto answers with metrics that nobody has asked for: recorded, streams test_transact_write_items_streaming.
        """
        for name in _METRICS:
            if parameters.get(f"Return{name}", "NONE") == "NONE":
                answer.pop(name, None)
        self._changes.flush(_order(operation, parameters))


def _order(operation: str, parameters: Mapping[str, Any]) -> list[dict[str, Json]]:
    """Give the items, or their keys, of a call in its own order."""
    if operation == "BatchWriteItem":
        return [
            next(iter(each.values())).get("Item") or each["DeleteRequest"]["Key"]
            for entries in parameters["RequestItems"].values()
            for each in entries
        ]
    if operation == "TransactWriteItems":
        writes = (next(iter(each.values())) for each in parameters["TransactItems"])
        return [each.get("Item") or each["Key"] for each in writes]
    return []
