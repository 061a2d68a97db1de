"""A DynamoDB of dictionaries, a hundred times faster than moto, for properties that take thousands of runs.

It knows the calls and the shapes of updates that the tasks use, and refuses every other. Tests hold it to moto.
"""

import json
import re
from typing import Any

from botocore import exceptions

from tests.tasks.cart.memory_conditions import Asked, condition

Item = dict[str, Any]
Values = dict[str, Any]
_NONE = {"S": ""}
_CLAUSES = re.compile(r"(SET|ADD|REMOVE) (.+?)(?= ADD | REMOVE |$)")


class ClientError(exceptions.ClientError):
    """What botocore raises."""

    def __init__(self, code: str, **more: Any) -> None:
        response: Any = {"Error": {"Code": code, "Message": code}, **more}
        super().__init__(response, "in memory")


class MemoryDynamoDB:
    """Tables of items by partition and sort key."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, str], Item]] = {}
        """Items are never changed: others are put in their place."""
        self._texts: dict[int, tuple[Item, str]] = {}
        self._shown: dict[str, str] = {}
        """The tables as texts that have not changed since they were made."""

    def copy(self) -> "MemoryDynamoDB":
        """Give the same tables once more."""
        made = MemoryDynamoDB()
        made.tables = {name: dict(items) for name, items in self.tables.items()}
        made._texts, made._shown = dict(self._texts), dict(self._shown)
        return made

    def snapshot(self, without: tuple[str, ...] = ()) -> str:
        """Give all that lies in the tables as a text, without some attributes; that of each item is made once."""
        for table in self.tables:
            if table not in self._shown:
                items = sorted(self.tables[table].items())
                self._shown[table] = "\n".join(
                    f"{table} {key} {self._text(item, without)}" for key, item in items
                )
        return "\n".join(self._shown[table] for table in self.tables)

    def _text(self, item: Item, without: tuple[str, ...]) -> str:
        known = self._texts.get(id(item))
        if known is None:  # the item is kept with its text, so that no other can have its identity
            shown = {name: value for name, value in item.items() if name not in without}
            known = self._texts[id(item)] = item, json.dumps(shown, sort_keys=True)
        return known[1]

    def list_tables(self) -> dict[str, list[str]]:
        return {"TableNames": list(self.tables)}

    def create_table(self, *, TableName: str, **_: Any) -> None:
        self.tables[TableName] = {}
        self._shown.pop(TableName, None)

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:
        assert ConsistentRead, "a task that is tried again has to see what it wrote"
        item = self.tables[TableName].get(_key(Key))
        return {} if item is None else {"Item": dict(item)}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Values,
        ConsistentRead: bool = False,
    ) -> dict[str, list[Item]]:
        assert ConsistentRead, "a task that is tried again has to see what it wrote"
        assert KeyConditionExpression == "pk = :pk AND begins_with(sk, :line)"
        pk, prefix = ExpressionAttributeValues[":pk"]["S"], ExpressionAttributeValues[":line"]["S"]
        rows = self.tables[TableName].items()
        return {
            "Items": [dict(item) for key, item in sorted(rows) if key[0] == pk and key[1].startswith(prefix)]
        }

    def put_item(self, **put: Any) -> None:
        self._one("Put", put)

    def delete_item(self, **delete: Any) -> None:
        self._one("Delete", delete)

    def update_item(self, **update: Any) -> None:
        self._one("Update", update)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:
        actions = [next(iter(item.items())) for item in TransactItems]
        items = [(each["TableName"], _key(each.get("Key") or each["Item"])) for _, each in actions]
        if len(set(items)) < len(items):
            raise ClientError("ValidationException")  # DynamoDB takes no two operations on one item
        reasons = ["None" if self._holds(action) else "ConditionalCheckFailed" for _, action in actions]
        if any(reason != "None" for reason in reasons):
            raise ClientError(
                "TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons]
            )
        for kind, action in actions:
            self._carry_out(kind, action)

    def _one(self, kind: str, action: dict[str, Any]) -> None:
        if not self._holds(action):
            held = self.tables[action["TableName"]].get(_key(action.get("Key") or action["Item"]), {})
            shown = {"Item": dict(held)} if "ReturnValuesOnConditionCheckFailure" in action else {}
            raise ClientError("ConditionalCheckFailedException", **shown)
        self._carry_out(kind, action)

    def _holds(self, action: dict[str, Any]) -> bool:
        text = action.get("ConditionExpression")
        if text is None:
            return True
        item = self.tables[action["TableName"]].get(_key(action.get("Key") or action["Item"]), {})
        names = action.get("ExpressionAttributeNames", {})
        return condition(text)(Asked(item, names, action.get("ExpressionAttributeValues", {})))

    def _carry_out(self, kind: str, action: dict[str, Any]) -> None:
        table = self.tables[action["TableName"]]
        self._shown.pop(action["TableName"], None)
        if kind == "Put":
            table[_key(action["Item"])] = dict(action["Item"])
        elif kind == "Delete":
            table.pop(_key(action["Key"]), None)
        elif kind == "Update":
            key = _key(action["Key"])
            table[key] = _updated(table.get(key) or action["Key"], action)


def _key(item: Item) -> tuple[str, str]:
    return (item.get("pk") or item["id"])["S"], item.get("sk", _NONE)["S"]


def _updated(before: Item, action: dict[str, Any]) -> Item:
    item = dict(before)
    names, values = action.get("ExpressionAttributeNames", {}), action.get("ExpressionAttributeValues", {})
    for clause, text in _CLAUSES.findall(action["UpdateExpression"]):
        for part in text.split(","):
            name, *rest = part.split()
            attribute = names.get(name, name)
            if clause == "REMOVE":
                item.pop(attribute, None)
            elif clause == "SET":
                item[attribute] = values[rest[1]] if rest[1].startswith(":") else before[rest[1]]
            else:
                item[attribute] = _sum(item.get(attribute), values[rest[0]])
    return item


def _sum(held: Any, added: Any) -> dict[str, Any]:
    if "SS" in added:
        return {"SS": sorted({*(held or {"SS": []})["SS"], *added["SS"]})}
    return {"N": str(int((held or {"N": "0"})["N"]) + int(added["N"]))}


class MemoryQueues:
    """SQS queues that keep what they are sent."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}

    def copy(self) -> "MemoryQueues":
        """Give the same queues once more."""
        made = MemoryQueues()
        made.sent = {name: list(messages) for name, messages in self.sent.items()}
        return made

    def create_queue(self, *, QueueName: str) -> None:
        self.sent[QueueName] = []

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def send_message(self, *, QueueUrl: str, MessageBody: str, **_: Any) -> None:
        self.sent[QueueUrl].append(MessageBody)

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int) -> dict[str, Any]:
        return {"Messages": [{"Body": body} for body in self.sent[QueueUrl][:MaxNumberOfMessages]]}


class MemoryMail:
    """An SES that keeps what it is told to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def verify_email_identity(self, *, EmailAddress: str) -> None: ...

    def send_email(self, *, Source: str, Destination: dict[str, list[str]], Message: dict[str, Any]) -> None:
        self.texts.append(Message["Body"]["Text"]["Data"])
        self.sent.append((Destination["ToAddresses"][0], Message["Subject"]["Data"]))
