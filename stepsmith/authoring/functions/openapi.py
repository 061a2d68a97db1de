"""OpenAPI 3.1: what HTTP functions answer and which requests start workflows, as one document."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.authoring.calls.converter import EMPTY, Converter
from stepsmith.authoring.functions.arguments import Argument
from stepsmith.authoring.functions.http_function import HttpFunction, is_sent_as_it_is
from stepsmith.authoring.functions.messages import JSON
from stepsmith.authoring.workflows.triggers import HttpRequest
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

VERSION: Final = "3.1.0"
_SCHEMAS: Final = "#/components/schemas/"
_SIGNED: Final = "signed"
_REFUSALS: Final = {400: "Bad Request", 415: "Unsupported Media Type", 422: "Unprocessable Content"}
_MESSAGE: Final[dict[str, Json]] = {
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}
_STARTED: Final[dict[str, Json]] = {
    "type": "object",
    "properties": {"executionArn": {"type": "string"}, "startDate": {"type": "number"}},
    "required": ["executionArn", "startDate"],
}
_SIGNATURE: Final[dict[str, Json]] = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "AWS Signature Version 4",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def openapi(
    functions: Iterable[HttpFunction[..., Any]],
    workflows: Iterable[Workflow[..., Any]] = (),
    *,
    title: str,
    version: str = "0",
) -> dict[str, Json]:
    """Give the document of functions, and of the requests that start workflows.

    Schemas are those that arguments are read by. The parameters of a function stand where a request has them.
    """
    return _Document().of(functions, workflows, title, version)


class _Document:
    def __init__(self) -> None:
        self._schemas: dict[str, Json] = {}
        self._is_signed = False

    def of(
        self,
        functions: Iterable[HttpFunction[..., Any]],
        workflows: Iterable[Workflow[..., Any]],
        title: str,
        version: str,
    ) -> dict[str, Json]:
        operations = [
            (each.path.replace("+}", "}"), each.method.lower(), self._function(each)) for each in functions
        ]
        operations += [
            (trigger.path, "post", self._start(workflow))
            for workflow in workflows
            for trigger in workflow.triggers
            if isinstance(trigger, HttpRequest)
        ]
        paths: dict[str, dict[str, Json]] = {}
        for path, method, operation in sorted(operations, key=lambda each: each[:2]):
            paths.setdefault(path, {})[method] = operation
        components: dict[str, Json] = {
            "schemas": {name: self._schemas[name] for name in sorted(self._schemas)}
        }
        if self._is_signed:
            components["securitySchemes"] = {_SIGNED: _SIGNATURE}
        return {
            "openapi": VERSION,
            "info": {"title": title, "version": version},
            "paths": {path: dict[str, Json](methods) for path, methods in paths.items()},
            "components": components,
        }

    def _function(self, function: HttpFunction[..., Any]) -> dict[str, Json]:
        found = _described(function.function_name, function.name, function.function.__doc__)
        every = function.arguments.all
        parameters = [self._parameter(each) for each in every if each.place in ("path", "query")]
        if parameters:
            found["parameters"] = list[Json](parameters)
        body = next((each for each in every if each.place in ("body", "bytes")), None)
        if body is not None:
            found["requestBody"] = self._body(body)
        found["responses"] = self._responses(function, body)
        return found | self._security(is_signed=function.access == "iam")

    def _parameter(self, argument: Argument) -> dict[str, Json]:
        is_in_path = argument.place == "path"
        found: dict[str, Json] = {
            "name": argument.name,
            "in": argument.place,
            "required": is_in_path or argument.default is EMPTY,
            "schema": self._schema(argument.converter, argument.default),
        }
        return found

    def _body(self, argument: Argument) -> dict[str, Json]:
        if argument.place == "bytes":
            return {"required": False, "content": {"*/*": {}}}
        schema = self._schema(argument.converter, argument.default)
        return {"required": argument.default is EMPTY, "content": {JSON: {"schema": schema}}}

    def _responses(self, function: HttpFunction[..., Any], body: Argument | None) -> dict[str, Json]:
        reads_json = body is not None and body.place == "body"
        statuses = [400] * reads_json + [415] * reads_json + [422] * bool(function.arguments.all)
        found = {str(status): _refused(status) for status in statuses}
        result = function.result
        annotation = result.annotation
        if annotation is None or annotation is type(None):
            return {"204": {"description": "done"}, **found}
        if annotation is bytes:
            return {"200": {"description": "bytes", "content": {"*/*": {}}}, **found}
        if is_sent_as_it_is(annotation) or annotation is Any:
            return {"default": {"description": "what the function says"}, **found}
        schema = self._schema(result, written=True)
        return {"200": {"description": "answered", "content": {JSON: {"schema": schema}}}, **found}

    def _start(self, workflow: Workflow[..., Any]) -> dict[str, Json]:
        found = _described(workflow.name, f"Start {workflow.name}", workflow.function.__doc__)
        parameters = workflow.boundary.parameters
        schema: dict[str, Json] = {
            "type": "object",
            "properties": {each.name: self._schema(each.converter) for each in parameters},
            "required": [each.name for each in parameters if each.required],
        }
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
        given = self._schema(workflow.boundary.result, written=True) if workflow.express else _STARTED
        what = "its output" if workflow.express else "the execution"
        answered: Json = {"description": what, "content": {JSON: {"schema": given}}}
        found["responses"] = {"200": answered}
        return found | self._security(is_signed=True)

    def _security(self, *, is_signed: bool) -> dict[str, Json]:
        self._is_signed |= is_signed
        return {"security": [{_SIGNED: []}] if is_signed else []}

    def _schema(self, converter: Converter, default: object = EMPTY, *, written: bool = False) -> Json:
        """Give the schema of a type; what it defines beside is put among the components."""
        schema: dict[str, Any] = converter.schema(written=written)
        defined: dict[str, Json] = schema.pop("$defs", {})
        title = schema.get("title")
        if schema.get("type") == "object" and isinstance(title, str) and "properties" in schema:
            defined, schema = {**defined, title: schema}, {"$ref": f"#/$defs/{title}"}
        names = {name: self._name(name, defined) for name in defined}
        for name, value in defined.items():
            self._schemas[names[name]] = _renamed(value, names)
        found = _renamed(schema, names)
        if default is not EMPTY and isinstance(found, dict) and _is_json(default):
            found["default"] = cast("Json", default)
        return found

    def _name(self, name: str, defined: Mapping[str, Json]) -> str:
        """Give the name of a component: its own, or with a number where another one has that."""
        number, wanted = 1, name
        while wanted in self._schemas and self._schemas[wanted] != _renamed(defined[name], {name: wanted}):
            number += 1
            wanted = f"{name}{number}"
        return wanted


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    """Let references lead to the components."""
    if isinstance(value, dict):
        found = {key: _renamed(each, names) for key, each in value.items()}
        reference = value.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            found["$ref"] = _SCHEMAS + names.get(name, name)
        return found
    return [_renamed(each, names) for each in value] if isinstance(value, list) else value


def _described(id: str, name: str, doc: str | None) -> dict[str, Json]:
    lines = inspect.cleandoc(doc).splitlines() if doc else []
    rest = "\n".join(lines[1:]).strip()
    found: dict[str, Json] = {"operationId": id, "summary": lines[0] if lines else name}
    return {**found, "description": rest} if rest else found


def _refused(status: int) -> Json:
    return {"description": _REFUSALS[status], "content": {JSON: {"schema": _MESSAGE}}}


def _is_json(value: object) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
