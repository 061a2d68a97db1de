"""The actions of the services of AWS, as botocore has them."""

from __future__ import annotations

from functools import cache
from typing import cast

from stepsmith.integrations.services.aws_sdk import sdk_services


@cache
def sdk_actions(service: str) -> frozenset[str] | None:
    """Return the actions of a service by its name in a Resource, such as `s3`; None without botocore, or where it
    does not have the service.
    """
    model = _model(service)
    if model is None:
        return None
    names = cast("dict[str, object]", model["operations"])
    return frozenset(name[:1].lower() + name[1:] for name in names)


@cache
def signing_name(service: str) -> str | None:
    """Return how requests to a service are signed, such as `states` for `sfn`; None as for `sdk_actions`."""
    model = _model(service)
    if model is None:
        return None
    about = cast("dict[str, str]", model["metadata"])
    return about.get("signingName") or about["endpointPrefix"]


def _model(service: str) -> dict[str, object] | None:
    known = sdk_services().get(service)
    try:
        from botocore.exceptions import BotoCoreError
        from botocore.loaders import Loader
    except ImportError:
        return None
    try:
        model = Loader().load_service_model(known.client, "service-2") if known is not None else None
    except BotoCoreError:
        return None
    return cast("dict[str, object] | None", model)
