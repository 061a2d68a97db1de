"""The models of AWS's services, read from where botocore keeps them.

Botocore itself is not imported, which would take far longer, and nothing is before a definition calls a service.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from stepsmith.asl.checks.parameters import unusable
from stepsmith.asl.resources import recognise
from stepsmith.asl.services import ServiceModel
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from pathlib import Path


@cache
def service_model(service: str) -> ServiceModel | None:
    """Return the model of a service by its name in a Resource, such as `s3`; None without botocore, or where it does
    not have the service.
    """
    import gzip
    import json

    from stepsmith.integrations.services.aws_sdk import sdk_services

    known, folder = sdk_services().get(service), _folder()
    if known is None or folder is None:
        return None
    versions = sorted((folder / known.client).glob("*/service-2.json*"))
    if not versions:
        return None
    data = versions[-1].read_bytes()
    return ServiceModel(json.loads(gzip.decompress(data) if versions[-1].suffix == ".gz" else data))


def has_models() -> bool:
    """Say whether botocore is there."""
    return _folder() is not None


def check_call(resource: str, parameters: Json) -> None:
    """Check evaluated parameters of an integration; raises TaskError in AWS's words for what starts no task."""
    from stepsmith.integrations.failures import unusable_parameters

    found = _recognised(resource)
    if found is None:
        return
    if not isinstance(parameters, dict):
        raise unusable_parameters(parameters, ["The parameters must be an object"])
    problems = unusable(found, parameters, service_model)
    if problems:
        raise unusable_parameters(parameters, problems)


_recognised = lru_cache(1024)(recognise)


def signing_name(service: str) -> str | None:
    """Return how requests to a service are signed, such as `states` for `sfn`; None as for `service_model`."""
    model = service_model(service)
    if model is None:
        return None
    return str(model.metadata.get("signingName") or model.metadata["endpointPrefix"])


def _folder() -> Path | None:
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("botocore")
    places = [] if found is None else list(found.submodule_search_locations or ())
    return Path(places[0], "data") if places else None
