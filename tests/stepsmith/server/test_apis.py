"""REST APIs of API Gateway over HTTP, and what the project itself answers."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from stepsmith.http import Request as Asked
from stepsmith.http import Response, route
from stepsmith.service.pages import Page
from tests.stepsmith.server.servers import ACCOUNT, REGION, Server, serving


def api_of(server: Server) -> str:
    """Make an API with one method, which sends to a queue; gives its id."""
    client = server.client("apigateway")
    server.client("sqs").create_queue(QueueName="orders")
    made = client.create_rest_api(name="api")
    place = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "POST"}
    client.put_method(**place, authorizationType="NONE")
    client.put_integration(
        **place,
        type="AWS",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT}/orders",
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=$input.body"},
    )
    client.put_method_response(**place, statusCode="200")
    client.put_integration_response(
        **place, statusCode="200", responseTemplates={"application/json": '{"taken": true}'}
    )
    client.create_deployment(restApiId=made["id"], stageName="dev")
    return str(made["id"])


@pytest.mark.slow
def test_an_api_is_at_its_host_and_at_a_path(server: Server) -> None:
    id_, local = api_of(server), f"http://127.0.0.1:{server.port}"
    kind = {"Content-Type": "application/json"}
    by_host = Request(
        f"{local}/dev/", b'{"n": 1}', {**kind, "Host": f"{id_}.execute-api.localhost:{server.port}"}
    )
    by_path = Request(f"{local}/restapis/{id_}/dev/_user_request_/", b'{"n": 2}', kind)

    for request in (by_host, by_path):
        with urlopen(request, timeout=10) as answer:
            assert json.loads(answer.read()) == {"taken": True}

    sqs = server.client("sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(message["Body"] for message in found) == ['{"n": 1}', '{"n": 2}']


@pytest.mark.slow
def test_an_api_that_is_not_there_is_forbidden(server: Server) -> None:
    request = Request(f"http://127.0.0.1:{server.port}/restapis/none/dev/_user_request_/x")

    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=10)

    with refused.value:  # it holds the connection
        assert (refused.value.code, refused.value.read()) == (403, b'{"message":"Forbidden"}')


@route("PUT", "/echo/{name}")
def echo(name: str, content: bytes, request: Asked) -> Response:
    return Response(
        content, status=201, headers={"x-name": name}, cookies=("a=1", f"b={request.query['q'][0]}; HttpOnly")
    )


@pytest.mark.slow
def test_functions_and_pages_are_at_the_servers_own_address(tmp_path: Path) -> None:
    (tmp_path / "shop" / "page").mkdir(parents=True)
    (tmp_path / "shop" / "page" / "index.html").write_text("<h1>tea</h1>")
    with serving() as server:
        server.cloud.deploy([], functions=[echo], pages=[Page.of(tmp_path / "shop")])
        local = f"http://127.0.0.1:{server.port}"
        put = Request(f"{local}/echo/green%20tea?q=7", b"\x00\xff", method="PUT")

        with urlopen(put, timeout=10) as answer:
            assert (answer.status, answer.read(), answer.headers["x-name"]) == (201, b"\x00\xff", "green tea")
            assert answer.headers.get_all("set-cookie") == ["a=1", "b=7; HttpOnly"]
        with urlopen(f"{local}/", timeout=10) as page:
            assert (page.url, page.read()) == (f"{local}/shop/", b"<h1>tea</h1>")
            assert page.headers["x-content-type-options"] == "nosniff"
        with pytest.raises(HTTPError) as refused:
            urlopen(
                Request(put.full_url, b"", {"Origin": "http://elsewhere.example"}, method="PUT"), timeout=10
            )
        with refused.value:  # it holds the connection
            assert refused.value.code == 403
