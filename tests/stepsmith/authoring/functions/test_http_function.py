"""What HTTP functions read out of requests, and how they answer."""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from stepsmith import DefinitionError, client, using_clients
from stepsmith.errors import InvalidInput
from stepsmith.http import HttpFunction, Refused, Request, Response, route


class Order(BaseModel):
    id: int
    items: list[str]
    note: str = ""


@route("PUT", "/orders/{id}")
def put_order(id: int, order: Order, express: bool = False, tag: list[str] | None = None) -> Order:
    """Keep an order."""
    return order.model_copy(update={"id": id, "note": f"{express} {tag}"})


@route("GET", "/orders")
def list_orders(
    since: date, kind: Literal["open", "done"] = "open", limit: int = 10, page: list[int] | None = None
) -> str:
    return f"{since.isoformat()} {kind} {limit} {page}"


def event(
    method: str,
    path: str,
    parameters: dict[str, str] | None = None,
    *,
    query: str = "",
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    found: dict[str, Any] = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers or {},
        "pathParameters": parameters or {},
        "requestContext": {"http": {"method": method, "path": path}},
        "isBase64Encoded": False,
    }
    if isinstance(body, bytes):
        return {**found, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return found if body is None else {**found, "body": text}


def answer(function: HttpFunction[..., Any], *args: Any, **named: Any) -> tuple[int, Any]:
    found: Any = function.handle(event(*args, **named))
    text = base64.b64decode(found["body"]).decode() if found["isBase64Encoded"] else found["body"]
    return found["statusCode"], json.loads(text) if text[:1] in ("{", '"', "[") else text


def test_a_function_is_called_as_it_was_written() -> None:
    assert put_order(7, Order(id=1, items=["tea"])) == Order(id=7, items=["tea"], note="False None")


def test_path_query_and_body_become_arguments() -> None:
    given = {"id": 1, "items": ["tea"]}

    found = answer(
        put_order, "PUT", "/orders/7", {"id": "7"}, query="express=true", body=given,
        headers={"Content-Type": "application/json; charset=utf-8"},
    )  # fmt: skip

    assert found == (200, {"id": 7, "items": ["tea"], "note": "True None"})


def test_a_query_is_decoded_and_lists_are_repeated() -> None:
    found = answer(list_orders, "GET", "/orders", query="since=2030-01-02&kind=%64one&page=1&page=2&other=x")

    assert found == (200, "2030-01-02 done 10 [1, 2]")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "since is missing in the query"),
        (
            "since=yesterday",
            "since: Input should be a valid date or datetime, input is too short",
        ),
        ("since=2030-01-02&kind=lost", "kind: Input should be 'open' or 'done'"),
        (
            "since=2030-01-02&limit=many",
            "limit: Input should be a valid integer, unable to parse string as an integer",
        ),
        (
            "since=2030-01-02&page=1&page=x",
            "page.1: Input should be a valid integer, unable to parse string as an integer",
        ),
    ],
)
def test_a_query_that_does_not_fit_is_named_without_its_value(query: str, message: str) -> None:
    status, found = answer(list_orders, "GET", "/orders", query=query)

    assert (status, found) == (422, {"message": message})


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (None, {}, 422, "the body is missing"),
        ("{", {}, 400, "the body is no JSON"),
        ("NaN", {}, 400, "the body is no JSON"),
        ("[" * 100_000, {}, 400, "the body is no JSON"),
        (b"\xff\xfe", {}, 400, "the body is no text in UTF-8"),
        ({"id": 1}, {}, 422, "body.items: Field required"),
        ({"id": "secret", "items": []}, {}, 422,
         "body.id: Input should be a valid integer, unable to parse string as an integer"),
        ("a=b", {"content-type": "text/plain"}, 415, "the body is text/plain, and has to be application/json"),
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_refused(
    body: Any, headers: dict[str, str], status: int, message: str
) -> None:
    found = answer(put_order, "PUT", "/orders/7", {"id": "7"}, body=body, headers=headers)

    assert found == (status, {"message": message})


def test_another_method_is_told_which_there_are() -> None:
    found: Any = put_order.handle(event("DELETE", "/orders/7", headers={"X-Stepsmith-Allow": "GET, PUT"}))

    assert (found["statusCode"], found["headers"]["allow"]) == (405, "GET, PUT")


def test_something_else_than_a_request_is_refused() -> None:
    assert [put_order.handle(each)["statusCode"] for each in (None, {}, {"requestContext": {}}, [1])] == [  # type: ignore[index, call-overload]
        400, 400, 400, 400,
    ]  # fmt: skip


def test_a_response_has_status_headers_cookies_and_bytes() -> None:
    @route("GET", "/picture")
    def picture(request: Request) -> Response:
        cookie = f"seen={request.cookies['seen']}; HttpOnly"
        return Response(
            b"\x89PNG", status=203, headers={"X-Kind": "test"}, cookies=(cookie,), content_type="image/png"
        )

    found: Any = picture.handle({**event("GET", "/picture"), "cookies": ["seen=1", "other=2"]})

    assert found == {
        "statusCode": 203,
        "headers": {"x-kind": "test", "content-type": "image/png"},
        "cookies": ["seen=1; HttpOnly"],
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }


def test_bytes_come_and_go_as_they_are() -> None:
    @route("POST", "/upload")
    def upload(content: bytes) -> bytes:
        return content[::-1]

    found: Any = upload.handle(event("POST", "/upload", body=b"\x00\x01\x02"))

    assert base64.b64decode(found["body"]) == b"\x02\x01\x00"


def test_nothing_returned_is_an_empty_answer() -> None:
    @route("DELETE", "/orders/{id}")
    def forget(id: str) -> None:
        pass

    found: Any = forget.handle(event("DELETE", "/orders/x", {"id": "x"}))

    assert (found["statusCode"], found["body"]) == (204, "")


def test_a_refusal_has_a_status_and_what_is_raised_goes_on_to_lambda() -> None:
    @route("GET", "/orders/{id}")
    def find(id: int) -> Order:
        if id:
            raise Refused(404, "there is no such order", headers={"retry-after": "5"})
        raise KeyError(id)

    found: Any = find.handle(event("GET", "/orders/7", {"id": "7"}))
    assert (found["statusCode"], found["headers"]["retry-after"]) == (404, "5")
    with pytest.raises(KeyError):
        find.handle(event("GET", "/orders/0", {"id": "0"}))


def test_clients_come_from_the_source_in_use() -> None:
    @route("GET", "/who")
    def who(*, s3: Any = client("s3")) -> str:
        return str(s3)

    with using_clients(lambda service: f"client of {service}"):
        assert answer(who, "GET", "/who") == (200, "client of s3")
        assert who() == "client of s3"
    assert who.clients == {"s3": "s3"}


def test_an_asynchronous_function_is_awaited() -> None:
    @route("GET", "/later")
    async def later() -> int:
        return 7

    assert answer(later, "GET", "/later") == (200, "7")


@pytest.mark.parametrize("headers", [{"x": "a\r\nset-cookie: b"}, {"a b": "c"}, {"x": "a\0"}])
def test_no_header_ends_another(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="can be no header"):
        Response(headers=headers)


def test_a_redirect_says_where() -> None:
    assert Response.redirect("/orders/7") == Response(status=303, headers={"location": "/orders/7"})
    with pytest.raises(ValueError, match="200 sends nobody elsewhere"):
        Response.redirect("/", status=200)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("orders", "is no path"),
        ("/orders/", "is no path"),
        ("/a b", "is no path"),
        ("/../x/{", "is no path"),
        ("/{id}/{id}", "has a parameter twice"),
        ("/{rest+}/x", "is at the end"),
        ("/{other}", "the path has {other}"),
    ],
)
def test_a_path_that_cannot_be_is_refused(path: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        route("GET", path)(lambda id="", rest="": None)


def test_a_function_without_a_body_takes_none_and_has_one_at_most() -> None:
    def both(first: Order, second: Order) -> None: ...

    def one(first: Order) -> None: ...

    with pytest.raises(InvalidInput, match="answers GET, and takes a body"):
        route("GET", "/x")(one)
    with pytest.raises(DefinitionError, match="parameter second is the body as well as first"):
        route("POST", "/x")(both)


def test_a_function_learns_when_the_api_has_taken_a_request() -> None:
    @route("GET", "/time")
    def tell(request: Request) -> str:
        return request.at.isoformat()

    taken = event("GET", "/time")
    taken["requestContext"]["timeEpoch"] = 1893456000500
    found: Any = tell.handle(taken)

    assert json.loads(found["body"]) == datetime(2030, 1, 1, 0, 0, 0, 500_000, UTC).isoformat()


def test_a_request_says_when_the_api_took_it_and_what_it_calls_it() -> None:
    @route("GET", "/when")
    def when(request: Request) -> str:
        return f"{request.at.isoformat()} {request.id}"

    asked = event("GET", "/when")
    asked["requestContext"] |= {"timeEpoch": 1_893_456_000_500, "requestId": "r1"}
    found: Any = when.handle(asked)

    assert json.loads(found["body"]) == "2030-01-01T00:00:00.500000+00:00 r1"
