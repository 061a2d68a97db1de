"""Lambda functions, AWS calls, HTTP tasks and the files of a distributed Map: what answers the engine's commands.

A name is imported when it is first asked for, so that a Lambda function that wants a client loads no engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.rooms import opened

if TYPE_CHECKING:
    from stepsmith.integrations.clients.registry import ClientRegistry as ClientRegistry
    from stepsmith.integrations.clients.registry import MissingPackage as MissingPackage
    from stepsmith.integrations.dispatch import Dispatcher as Dispatcher
    from stepsmith.integrations.failures import TaskError as TaskError
    from stepsmith.integrations.http.access import HttpAccess as HttpAccess
    from stepsmith.integrations.http.access import HttpConnection as HttpConnection

_HOMES: Final = {
    "ClientRegistry": "stepsmith.integrations.clients.registry",
    "Dispatcher": "stepsmith.integrations.dispatch",
    "HttpAccess": "stepsmith.integrations.http.access",
    "HttpConnection": "stepsmith.integrations.http.access",
    "MissingPackage": "stepsmith.integrations.clients.registry",
    "TaskError": "stepsmith.integrations.failures",
}

__all__ = ["ClientRegistry", "Dispatcher", "HttpAccess", "HttpConnection", "MissingPackage", "TaskError"]

__getattr__ = opened(__name__, _HOMES)
