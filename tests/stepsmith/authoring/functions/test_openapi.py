"""The document of what a project answers: valid OpenAPI 3.1, with the schemas that requests are read by."""

from __future__ import annotations

from enum import Enum
from typing import Any

from openapi_spec_validator import validate
from pydantic import BaseModel, Field

from stepsmith import workflow
from stepsmith.authoring.functions.openapi import openapi
from stepsmith.http import Request, Response, route
from stepsmith.triggers import HttpRequest


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Line(BaseModel):
    item: str
    quantity: int = Field(default=1, ge=1)


class Order(BaseModel):
    lines: list[Line]
    size: Size = Size.SMALL


@route("PUT", "/orders/{id}")
def put_order(id: str, order: Order, express: bool = False) -> Order:
    """Keep an order.

    One that is there is replaced.
    """
    return order


@route("GET", "/orders/{id}", access="public")
def get_order(id: int, tags: list[str] | None = None) -> Response:
    return Response({})


@route("POST", "/files/{rest+}", access="public")
def put_file(rest: str, content: bytes) -> None: ...


@route("GET", "/files/{rest+}", access="public")
def get_file(rest: str, request: Request) -> bytes:
    return request.body


@workflow(triggers=[HttpRequest(path="/orders")])
def ordering(order: Order, note: str = "") -> str:
    """Take an order."""
    return note


def document() -> Any:
    found = openapi([put_order, get_order, put_file, get_file], [ordering], title="shop", version="1")
    validate(found)  # pyright: ignore[reportArgumentType] - its types know no JSON of ours
    return found


def test_each_route_has_an_operation_with_what_the_docstring_says() -> None:
    paths = document()["paths"]

    assert {path: sorted(methods) for path, methods in paths.items()} == {
        "/files/{rest}": ["get", "post"],
        "/orders": ["post"],
        "/orders/{id}": ["get", "put"],
    }
    put = paths["/orders/{id}"]["put"]
    assert (put["operationId"], put["summary"], put["description"]) == (
        "put_order",
        "Keep an order.",
        "One that is there is replaced.",
    )


def test_parameters_stand_where_a_request_has_them() -> None:
    paths = document()["paths"]

    assert paths["/orders/{id}"]["put"]["parameters"] == [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        {
            "name": "express",
            "in": "query",
            "required": False,
            "schema": {"type": "boolean", "default": False},
        },
    ]
    assert [each["name"] for each in paths["/orders/{id}"]["get"]["parameters"]] == ["id", "tags"]


def test_bodies_and_answers_refer_to_the_schemas_that_they_are_read_and_written_by() -> None:
    found = document()
    put = found["paths"]["/orders/{id}"]["put"]

    body = put["requestBody"]
    assert (body["required"], body["content"]["application/json"]["schema"]) == (
        True,
        {"$ref": "#/components/schemas/Order"},
    )
    assert sorted(put["responses"]) == ["200", "400", "415", "422"]
    lines = found["components"]["schemas"]["Order"]["properties"]["lines"]
    assert lines["items"] == {"$ref": "#/components/schemas/Line"}
    assert found["components"]["schemas"]["Line"]["properties"]["quantity"]["minimum"] == 1


def test_bytes_nothing_and_responses_are_told_apart() -> None:
    paths = document()["paths"]

    assert paths["/files/{rest}"]["post"]["requestBody"]["content"] == {"*/*": {}}
    assert sorted(paths["/files/{rest}"]["post"]["responses"]) == ["204", "422"]
    assert sorted(paths["/files/{rest}"]["get"]["responses"]) == ["200", "422"]
    assert sorted(paths["/orders/{id}"]["get"]["responses"]) == ["422", "default"]


def test_a_request_that_starts_a_workflow_takes_its_input_and_gives_the_execution() -> None:
    post = document()["paths"]["/orders"]["post"]

    schema = post["requestBody"]["content"]["application/json"]["schema"]
    answer = post["responses"]["200"]["content"]["application/json"]["schema"]
    assert (post["summary"], sorted(schema["properties"]), schema["required"]) == (
        "Take an order.",
        ["note", "order"],
        ["order"],
    )
    assert sorted(answer["properties"]) == ["executionArn", "startDate"]


def test_signed_requests_are_the_ones_that_nobody_has_made_public() -> None:
    found = document()
    signed = {
        operation["operationId"]
        for methods in found["paths"].values()
        for operation in methods.values()
        if operation["security"]
    }

    assert signed == {"put_order", "ordering"}
    assert found["components"]["securitySchemes"]["signed"]["x-amazon-apigateway-authtype"] == "awsSigv4"


def test_two_models_of_one_name_have_two_schemas() -> None:
    def other() -> type[BaseModel]:
        class Order(BaseModel):
            number: int

        return Order

    another: Any = other()

    def patch_order(id: str, order: Any) -> None: ...

    patch_order.__annotations__["order"] = another
    found: Any = openapi([put_order, route("PATCH", "/orders/{id}")(patch_order)], title="shop")
    body = found["paths"]["/orders/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    validate(found)

    names = sorted(name for name in found["components"]["schemas"] if name.startswith("Order"))
    assert len(names) == 2
    own = found["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert list(own["properties"]) == ["number"]
