from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stepsmith.expressions.types import Json
from stepsmith.integrations import HttpAccess, HttpConnection, TaskError
from stepsmith.integrations.http.encoding import form_text, is_forbidden_header
from stepsmith.integrations.http.task import check_request, invoke_http

CONNECTION: Json = {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/c/0"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        seen = {"path": self.path, "method": self.command, "body": body, "headers": dict(self.headers)}
        status, kind, text = self.server.answers.get(  # type: ignore[attr-defined]  # set by the fixture
            self.path.partition("?")[0], (200, "application/json", json.dumps(seen).encode())
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = handle_any

    def log_message(self, format: str, *args: Any) -> None:
        return


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that closes early is what some tests are about."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    server = Server(("127.0.0.1", 0), Handler)
    server.answers = {  # type: ignore[attr-defined]  # read by the handler
        "/missing": (404, "text/plain", b"nothing"),
        "/text": (200, "text/plain; charset=latin-1", "ä".encode("latin-1")),
        "/picture": (200, "image/png", b"\x89PNG"),
        "/octets": (200, "application/octet-stream", b"x"),
        "/broken": (200, "text/plain", b"\xff\xfe\xfa"),
        "/huge": (200, "text/plain", b"x" * 400_000),
        "/no-json": (200, "application/json", b"{broken"),
        "/moved": (302, "text/plain", b""),
    }
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def base(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def invoke(base: str, path: str = "/", *, access: HttpAccess | None = None, **more: Json) -> Any:
    parameters: dict[str, Json] = {
        "ApiEndpoint": base + path,
        "Method": "GET",
        "InvocationConfig": CONNECTION,
        **more,
    }
    return invoke_http(parameters, access or HttpAccess(allowed_hosts=["127.0.0.1"]), "us-east-1")


def test_an_answer_has_headers_body_code_and_text(base: str) -> None:
    answer = invoke(base)

    assert list(answer) == ["Headers", "ResponseBody", "StatusCode", "StatusText"]
    assert (answer["StatusCode"], answer["StatusText"]) == (200, "OK")
    assert answer["Headers"]["content-type"] == ["application/json"]


def test_the_request_says_who_it_is_from(base: str) -> None:
    headers = invoke(base)["ResponseBody"]["headers"]

    assert headers["User-Agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert headers["Range"] == "bytes=0-262144"
    assert headers["Content-Type"] == "application/json; charset=UTF-8"


def test_a_body_is_sent_as_json(base: str) -> None:
    seen = invoke(base, Method="POST", RequestBody={"a": [1, None]})["ResponseBody"]

    assert (seen["method"], seen["body"]) == ("POST", '{"a":[1,null]}')


def test_query_parameters_are_encoded(base: str) -> None:
    seen = invoke(base, "/x?y=1", QueryParameters={"q": ["a b", "c&d"], "n": 5})["ResponseBody"]

    assert seen["path"] == "/x?y=1&q=a%20b&q=c%26d&n=5"


def test_headers_are_sent(base: str) -> None:
    seen = invoke(base, Headers={"X-One": "1", "X-Many": ["a"]})["ResponseBody"]

    assert (seen["headers"]["X-One"], seen["headers"]["X-Many"]) == ("1", "a")


def test_a_form_is_sent_when_asked_for(base: str) -> None:
    options: Json = {
        "RequestBodyEncoding": "URL_ENCODED",
        "RequestEncodingOptions": {"ArrayFormat": "COMMAS"},
    }

    seen = invoke(base, Method="POST", RequestBody={"a": ["x", "y"]}, Transform=options)["ResponseBody"]

    assert seen["body"] == "a=x,y"
    assert seen["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ("INDICES", "array[0]=a&array[1]=b"),
        ("REPEAT", "array=a&array=b"),
        ("COMMAS", "array=a,b"),
        ("BRACKETS", "array[]=a&array[]=b"),
    ],
)
def test_lists_in_a_form_have_four_spellings(arrays: Any, text: str) -> None:
    assert form_text({"array": ["a", "b"]}, arrays) == text


def test_objects_in_a_form_are_written_with_brackets() -> None:
    assert (
        form_text({"metadata": {"order": "x", "n": {"m": True}}}) == "metadata[order]=x&metadata[n][m]=true"
    )


def test_a_connection_wins_over_the_task(base: str) -> None:
    secret = HttpConnection({"Authorization": "Basic x", "X-Key": "k"}, {"key": "v"}, {"token": "t"})
    access = HttpAccess(allowed_hosts=["127.0.0.1"], connections={"c": secret})

    seen = invoke(
        base,
        access=access,
        Method="POST",
        InvocationConfig={"ConnectionArn": "c"},
        Headers={"x-key": "mine"},
        RequestBody={"token": "mine", "a": 1},
    )["ResponseBody"]

    assert seen["headers"]["Authorization"] == "Basic x"
    assert seen["headers"]["X-Key"] == "k"
    assert seen["path"] == "/?key=v"
    assert json.loads(seen["body"]) == {"token": "t", "a": 1}


@pytest.mark.parametrize(
    ("path", "error", "cause"),
    [
        ("/missing", "States.Http.StatusCode.404", "Not Found"),
        ("/moved", "States.Http.StatusCode.302", "Found"),
        ("/picture", "States.Runtime", "image/png"),
        ("/octets", "States.Runtime", "application/octet-stream"),
        ("/broken", "States.Runtime", "cannot be read as text"),
    ],
)
def test_an_answer_that_cannot_be_used_fails_by_name(base: str, path: str, error: str, cause: str) -> None:
    with pytest.raises(TaskError) as caught:
        invoke(base, path)

    assert caught.value.error == error
    assert cause in (caught.value.cause or "")


def test_text_is_decoded_as_it_says(base: str) -> None:
    assert invoke(base, "/text")["ResponseBody"] == "ä"


def test_what_claims_to_be_json_and_is_not_stays_text(base: str) -> None:
    assert invoke(base, "/no-json")["ResponseBody"] == "{broken"


def test_no_more_than_the_limit_is_read(base: str) -> None:
    assert len(invoke(base, "/huge")["ResponseBody"]) == 262_145


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    ],
    ids=["in the body", "in a chunk", "in the head", "before it began"],
)
def test_an_answer_that_is_cut_off_is_none(answer: bytes) -> None:
    import socket

    def cut(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=cut, args=(listening,))
        thread.start()
        with pytest.raises(TaskError) as caught:
            invoke(f"http://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()

    assert caught.value.error == "States.Http.Socket"


def test_a_server_that_says_nothing_is_given_up() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        access = HttpAccess(allowed_hosts=["127.0.0.1"], limit_seconds=0.05)

        with pytest.raises(TaskError) as caught:
            invoke(base, access=access)

    assert caught.value.error == "States.Http.Socket"


def test_a_host_that_is_not_allowed_is_not_connected_to(base: str) -> None:
    with pytest.raises(TaskError, match="only https"):
        invoke(base, access=HttpAccess())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Headers": {"Authorization": "x"}}, "The header 'Authorization' is not allowed"),
        ({"Headers": {"X-Amz-Date": "x"}}, "The header 'X-Amz-Date' is not allowed"),
        ({"Headers": {"If-Match": "x"}}, "The header 'If-Match' is not allowed"),
        ({"Headers": {"A": {"b": 1}}}, "The value of the field 'Headers' has an invalid format"),
        ({"Headers": {"A": "x\r\nB: y"}}, "The value of the field 'Headers' has an invalid format"),
        ({"Headers": "A: b"}, "The value of the field 'Headers' has an invalid format"),
        ({"Method": "TRACE"}, "The value of the field 'Method' has an invalid format"),
        ({"ApiEndpoint": 5}, "The value of the field 'ApiEndpoint' has an invalid format"),
        ({"QueryParameters": 5}, "The value of the field 'QueryParameters' has an invalid format"),
        ({"Transform": "x"}, "The value of the field 'Transform' has an invalid format"),
        ({"InvocationConfig": {}}, "The field 'ConnectionArn' is required but was missing"),
        ({"Timeout": 1}, 'The field "Timeout" is not supported by Step Functions'),
    ],
)
def test_a_request_that_cannot_be_made_says_why(change: dict[str, Json], problem: str) -> None:
    parameters: dict[str, Json] = {
        "ApiEndpoint": "https://a.b/",
        "Method": "GET",
        "InvocationConfig": CONNECTION,
    }

    with pytest.raises(TaskError) as caught:
        check_request({**parameters, **change})

    assert caught.value.error == "States.Runtime"
    assert problem in (caught.value.cause or "")


@pytest.mark.parametrize(
    "name", ["HOST", "if-none-match", "X-Forwarded-For", "x-amzn-trace-id", "TE", "a-im"]
)
def test_some_headers_are_for_aws_alone(name: str) -> None:
    assert is_forbidden_header(name)


@pytest.mark.parametrize("name", ["X-Api-Key", "Accept", "Cookie", "Content-Type"])
def test_other_headers_are_for_everybody(name: str) -> None:
    assert not is_forbidden_header(name)
