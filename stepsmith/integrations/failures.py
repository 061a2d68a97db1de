"""How a task call fails: the error name and the cause, as AWS reports them."""

from __future__ import annotations

import json
import re
from typing import Final

from stepsmith.expressions.types import Json

_PYTHON_TYPE: Final = re.compile(r"<class '([\w.]+)'>")
_TYPES: Final = {
    "NoneType": "null",
    "bool": "boolean",
    "decimal.Decimal": "number",
    "dict": "object",
    "float": "number",
    "int": "number",
    "list": "array",
    "str": "string",
    "tuple": "array",
}


_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class TaskError(Exception):
    """A task call that failed with an ASL error name and cause."""

    def __init__(self, error: str | None, cause: str | None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


def compact(value: Json) -> str:
    """Return `value` as JSON text without blanks."""
    return _ENCODE(value)


def words_of(error: Exception) -> str:
    """Return what an error of botocore says, on one line, with the names of JSON's types for Python's."""
    return _PYTHON_TYPE.sub(lambda found: _TYPES.get(found[1], found[1]), " ".join(str(error).split()))


def unusable_parameters(parameters: Json, problems: list[str]) -> TaskError:
    """Return the States.Runtime error for arguments that no call can be made of, in AWS's words."""
    listed = ", ".join(problems)
    cause = f"The Parameters '{compact(parameters)}' could not be used to start the Task: [{listed}]"
    return TaskError("States.Runtime", cause)


def not_callable(name: str) -> TaskError:
    """Return the error for an action that has to be answered by a function here."""
    text = f"The integration {name} cannot be called from here; give a function that answers it."
    return TaskError("States.Runtime", text)


def v1_cause(message: str, *, service: str, status: int, code: str, request_id: str | None = None) -> str:
    """Return a cause in the form of optimised integrations, which use version 1 of AWS's SDK."""
    if request_id is None:
        from uuid import uuid4

        request_id = str(uuid4())
    return (
        f"{message} (Service: {service}; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {request_id}; Proxy: null)"
    )


def v2_cause(message: str, *, service: str, status: int, request_id: str, extended: str | None = None) -> str:
    """Return a cause in the form of AWS SDK integrations, which use version 2 of AWS's SDK."""
    more = f", Extended Request ID: {extended}" if extended else ""
    detail = f"Service: {service}, Status Code: {status}, Request ID: {request_id}{more}"
    return f"{message} ({detail}) (SDK Attempt Count: 1)"
