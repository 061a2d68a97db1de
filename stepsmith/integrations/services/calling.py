"""The call of AWS that a resource names, and its answer."""

from __future__ import annotations

from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import not_callable
from stepsmith.integrations.resources import SdkAction, ServiceAction, parse_resource


def call_service(clients: ClientRegistry, resource: str, parameters: Json, request_id: str) -> Json:
    """Make the call of AWS that a resource names; raises TaskError as the service fails."""
    match parse_resource(resource):
        case SdkAction() as action:
            from stepsmith.integrations.services.aws_sdk import call_sdk

            return call_sdk(clients, action, resource, parameters)
        case ServiceAction(service=service, action=action):
            from stepsmith.integrations.services.optimised import call_optimised

            return call_optimised(clients, f"{service}:{action}", parameters, request_id)
        case _:
            raise not_callable(resource)


def parsed(description: Json) -> Json:
    """Return the description of an execution with Input and Output as values, as `.sync:2` gives it."""
    from stepsmith.expressions.json_text import InvalidJson, read

    if not isinstance(description, dict):
        return description
    result = dict(description)
    for name in ("Input", "Output"):
        text = result.get(name)
        if isinstance(text, str):
            try:
                result[name] = read(text, repeated_keys=True)
            except InvalidJson:
                continue
    return result
