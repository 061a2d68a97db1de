"""Calls of AWS from plain Python, made and failing as a state would make them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from stepsmith.authoring.calls.clients import current_client, current_source
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import DEFAULT_REGION, ClientRegistry
from stepsmith.integrations.failures import TaskError, not_callable
from stepsmith.integrations.resources import ServiceAction, parse_resource
from stepsmith.integrations.services.aws_sdk import SdkService
from stepsmith.integrations.services.calling import call_service, parsed
from stepsmith.integrations.services.jobs import JOBS, StartedJob, poll
from stepsmith.integrations.services.sdk_metadata import without_metadata
from stepsmith.integrations.services.service_errors import error_of

_POLL_SECONDS: Final = 5.0


def perform(service: SdkService, resource: str) -> Callable[[dict[str, Any]], Json]:
    """Return what makes the calls of a resource; it raises the service's errors as classes."""

    def call(parameters: dict[str, Any]) -> Json:
        clients = _clients()
        try:
            answer = call_service(clients, resource, parameters, str(uuid4()))
            ended = _end(clients, resource, parameters, answer)
        except TaskError as error:
            raise error_of(service, error) from error
        return without_metadata(ended)

    return call


def _clients() -> ClientRegistry:
    source = current_source()
    if isinstance(source, ClientRegistry):
        return source
    return ClientRegistry(lambda service, _: current_client(service), region=DEFAULT_REGION, local=False)


def _end(clients: ClientRegistry, resource: str, parameters: dict[str, Any], answer: Json) -> Json:
    """Wait for the end of the job that a `.sync` resource has started."""
    match parse_resource(resource):
        case ServiceAction(service=service, action=action, pattern="sync" | "sync:2" as pattern):
            job = JOBS.get(f"{service}:{action}")
            if job is None:
                raise not_callable(f"{service}:{action}.{pattern}")
            ended = _polled(clients, StartedJob(job, parameters, answer))
            return parsed(ended) if pattern == "sync:2" else ended
        case _:
            return answer


def _polled(clients: ClientRegistry, job: StartedJob) -> Json:
    while True:
        ended = poll(clients, job)
        if ended is not None:
            return ended
        if not clients.is_local:
            time.sleep(_POLL_SECONDS)
