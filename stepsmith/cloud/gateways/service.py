"""The door of REST APIs: a request comes in, an integration makes of it a call, its answer goes back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from stepsmith.cloud.gateways.callers import arrived
from stepsmith.cloud.gateways.integrations import (
    Client,
    Outcome,
    call_function,
    call_service,
    proxy_answer,
    proxy_event,
)
from stepsmith.cloud.gateways.requests import ApiAnswer, ApiRequest, refusal
from stepsmith.cloud.web.routes import find_route
from stepsmith.errors import ExpressionError
from stepsmith.events.templates import Request, Template, TemplateError, TemplateFailure, compile_template
from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json

_HOST: Final = ".execute-api."
_JSON: Final = "application/json"


class Gateways:
    """The REST APIs of a cloud; `find` gives moto's API of an id, with its account and region."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        find: Callable[[str], tuple[Any, str, str] | None],
        client: Callable[[str, str, str], Any],
    ) -> None:
        """Make the door; `client` gives boto3's client of an account, a service and a region."""
        self._now = now
        self._find = find
        self._client = client
        self._templates: dict[str, Template] = {}

    @staticmethod
    def is_asked(url: str) -> bool:
        """Whether an address is one of a REST API."""
        return _HOST in (urlsplit(url).hostname or "")

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: str) -> ApiAnswer:
        """Answer a request to `https://API.execute-api.REGION.amazonaws.com/STAGE/PATH`."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        found = self._find(host.partition(".")[0])
        stage_name, _, path = parts.path.lstrip("/").partition("/")
        if found is None or stage_name not in found[0].stages:
            return refusal(403, "Forbidden")
        api, account, region = found
        route = find_route(api.resources.values(), path, lambda each: str(each.get_path()))
        verb = method.upper()
        if route is None:
            return refusal(403, "Missing Authentication Token")
        resource, parameters = route
        asked = resource.resource_methods.get(verb) or resource.resource_methods.get("ANY")
        if asked is None or asked.method_integration is None:
            return refusal(403, "Missing Authentication Token")
        stage = api.stages[stage_name]
        request = ApiRequest(
            method=verb,
            path=f"/{path}",
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=arrived(headers, host, is_at_edge=_is_at_edge(api)),
            body=body,
            api_id=str(api.id),
            stage=stage_name,
            host=host,
            account=account,
            region=region,
            request_id=str(uuid.uuid4()),
            at=self._now(),
            resource_id=str(resource.id),
            resource_path=str(resource.get_path()),
            deployment_id=str(getattr(stage, "deployment_id", "") or ""),
            path_parameters=parameters,
            stage_variables=dict(getattr(stage, "variables", None) or {}),
        )
        return self._integrate(asked.method_integration, request, partial(self._client, account))

    def _integrate(self, integration: Any, request: ApiRequest, client: Client) -> ApiAnswer:
        uri = _with_variables(str(integration.uri or ""), request.stage_variables)
        try:
            match integration.integration_type:
                case "AWS_PROXY":
                    payload = json.dumps(proxy_event(request))
                    return proxy_answer(call_function(uri, payload, client))
                case "MOCK":
                    made = self._body(integration, request)
                    if isinstance(made, ApiAnswer):
                        return made
                    return self._respond(integration, request, _mocked(made[0]))
                case "AWS":
                    made = self._body(integration, request)
                    if isinstance(made, ApiAnswer):
                        return made
                    outcome = call_service(uri, made[0], made[1], client)
                    return self._respond(integration, request, outcome)
                case _:
                    # There is no network here that another server could be asked over.
                    return refusal(504, "Network error communicating with endpoint")
        except (TemplateError, TemplateFailure):
            return refusal(500, "Internal server error")

    # -- to the service -----------------------------------------------------------------

    def _body(self, integration: Any, request: ApiRequest) -> tuple[str, dict[str, str]] | ApiAnswer:
        """Make body and headers of the call; an answer where the content type is refused."""
        templates: Mapping[str, str] = integration.request_templates or {}
        mappings: Mapping[str, str] = integration.request_parameters or {}
        kind = (request.header("Content-Type") or _JSON).partition(";")[0].strip()
        headers = {
            name.removeprefix("integration.request.header."): value
            for name, source in mappings.items()
            if name.startswith("integration.request.header.")
            and (value := _mapped(source, request)) is not None
        }
        if kind not in templates:
            behaviour = integration.passthrough_behaviour or "WHEN_NO_MATCH"
            if behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates):
                return refusal(415, "Unsupported Media Type")
            return request.body or "{}", headers
        rendered = self._template(templates[kind]).render(
            Request(
                body=request.body,
                context=request.context(),
                path=request.path_parameters,
                query=request.query,
                headers=request.headers,
                stage_variables=dict[str, Json](request.stage_variables),
            )
        )
        override = rendered.context.get("requestOverride")
        more = override.get("header") if isinstance(override, dict) else None
        if isinstance(more, dict):
            headers |= {name: str(value) for name, value in more.items()}
        return rendered.text, headers

    def _template(self, text: str) -> Template:
        found = self._templates.get(text)
        if found is None:
            found = self._templates[text] = compile_template(text)
        return found

    # -- and back -----------------------------------------------------------------------

    def _respond(self, integration: Any, request: ApiRequest, outcome: Outcome) -> ApiAnswer:
        response = _response(integration.integration_responses or {}, outcome)
        if response is None:
            return refusal(500, "Internal server error")
        status, body = int(response.status_code), outcome.body
        headers = {"Content-Type": _JSON, "x-amzn-RequestId": request.request_id}
        mappings: Mapping[str, str] = response.response_parameters or {}
        templates: Mapping[str, str] = response.response_templates or {}
        for name, source in mappings.items():
            value = _answered(source, outcome)
            if name.startswith("method.response.header.") and value is not None:
                headers[name.removeprefix("method.response.header.")] = value
        template = templates.get(_JSON)
        if template:
            rendered = self._template(template).render(
                Request(body=body, context=request.context(), headers=request.headers)
            )
            body = rendered.text
            override = rendered.context.get("responseOverride")
            if isinstance(override, dict):
                new = override.get("status")
                status = int(new) if isinstance(new, int | str) and str(new).isdigit() else status
                more = override.get("header")
                headers |= (
                    {name: str(value) for name, value in more.items()} if isinstance(more, dict) else {}
                )
        return ApiAnswer(status, body, headers)


def _is_at_edge(api: Any) -> bool:
    """Whether requests come to an API by way of CloudFront, as they do unless it says otherwise."""
    configuration: Mapping[str, list[str]] = api.endpoint_configuration or {}
    return "EDGE" in (configuration.get("types") or ["EDGE"])


def _response(responses: Mapping[str, Any], outcome: Outcome) -> Any:
    """Give the response whose pattern fits: the status of a service, or the failure of a function."""
    # Imported here because only answers with patterns need that room.
    from stepsmith.expressions.jsonata.regex import compile_java_pattern

    text = outcome.error or str(outcome.status)
    default = None
    for response in responses.values():
        pattern = response.selection_pattern
        if not pattern:
            default = response if default is None else default
            continue
        if outcome.status == 200 and not outcome.error:
            continue
        try:
            if compile_java_pattern(rf"\A(?:{pattern})\z", "").search(text, 0, lambda work: None) is not None:
                return response
        except ExpressionError:
            continue
    return default


def _mocked(body: str) -> Outcome:
    try:
        status: Any = json.loads(body).get("statusCode", 500)
    except (ValueError, AttributeError):
        status = 500
    return Outcome(int(status) if str(status).isdigit() else 500, "{}")


def _with_variables(text: str, variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace("${stageVariables." + name + "}", value)
    return text


def _mapped(source: str, request: ApiRequest) -> str | None:
    """Give the value of a mapping's right side."""
    if source.startswith("'") and source.endswith("'"):
        return source[1:-1]
    kind, _, name = source.removeprefix("method.request.").partition(".")
    match kind:
        case "header":
            return request.header(name)
        case "querystring":
            return request.query.get(name)
        case "path":
            return request.path_parameters.get(name)
        case "body":
            return _of_body(request.body, name)
        case "context":
            value: Json = request.context()
            for step in name.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            return None if value is None else str(value)
        case "stageVariables":
            return request.stage_variables.get(name)
        case _:
            return None


def _answered(source: str, outcome: Outcome) -> str | None:
    if source.startswith("'") and source.endswith("'"):
        return source[1:-1]
    before, found, path = source.partition("integration.response.body")
    return _of_body(outcome.body, path.removeprefix(".")) if found and not before else None


def _of_body(body: str, path: str) -> str | None:
    try:
        value = compile_path(f"$.{path}" if path else "$").read(json.loads(body or "{}"))
    except (PathFailure, PathSyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else json.dumps(value)
