"""Lambda functions, AWS calls, HTTP tasks and the files of a distributed Map: what answers the engine's commands."""

from stepsmith.integrations.clients.registry import ClientRegistry, MissingPackage
from stepsmith.integrations.dispatch import Dispatcher
from stepsmith.integrations.failures import TaskError
from stepsmith.integrations.http.access import HttpAccess, HttpConnection

__all__ = ["ClientRegistry", "Dispatcher", "HttpAccess", "HttpConnection", "MissingPackage", "TaskError"]
