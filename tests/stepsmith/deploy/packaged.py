"""Packages of tasks laid out as Lambda lays them out, and the services that their first calls reach."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from threading import Thread
from typing import Any

from botocore import xform_name

from stepsmith.deploy.application import AnyTask, entry_point
from stepsmith.deploy.packaging.package import Package, Packages

ROOT = Path(__file__).resolve().parents[3]
PROCESS = Path(__file__).with_name("lambda_process.py")
PICTURE = ROOT / "examples" / "photographs" / "hay_bales.jpg"
LAMBDAS_OWN = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
"""What the runtime brings."""


@dataclass(frozen=True)
class Called:
    """What importing the handler, or a call of it, came to."""

    loaded: list[str]
    ended: str
    seconds: float
    megabytes: float


def laid_out(packages: Packages, task: AnyTask, folder: Path) -> list[Path]:
    """Link the content of a task's package, and what the runtime brings, into folders, and give these."""
    package = packages.of(task)
    code, runtime = folder / f"code-{_key(package)}", folder / "runtime"
    if not code.exists():
        for entry in package.code:
            _link(entry.path, code / entry.name)
        for pin in package.pins:
            _link_distribution(pin.name, code)
    if not runtime.exists():
        for name in LAMBDAS_OWN:
            _link_distribution(name, runtime)
    return [code, runtime]


def _key(package: Package) -> str:
    return package.key.rpartition("/")[2].removesuffix(".zip")[:12]


def _link_distribution(name: str, folder: Path) -> None:
    found = distribution(name)
    for top in {Path(file).parts[0] for file in found.files or [] if not str(file).startswith("..")}:
        _link(Path(str(found.locate_file(top))), folder / top)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.symlink_to(source)


def started(folders: list[Path], task: AnyTask, payloads: list[Any], endpoint: str) -> list[Called]:
    """Start a fresh process, as Lambda does; give what loading came to, and each call."""
    environment = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_MAX_ATTEMPTS": "1",
        "STEPSMITH_TASK": entry_point(task),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROCESS), *map(str, folders)],
        input="".join(f"{json.dumps(payload)}\n" for payload in payloads),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Called(**json.loads(line)) for line in done.stdout.splitlines()]


@contextmanager
def services(clients: Mapping[str, Any]) -> Iterator[str]:
    """Answer requests over HTTP with what these clients answer, where a request names its action, else with little."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(clients))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(clients: Mapping[str, Any]) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target")
            if target is None:
                self._send(*((200, _XML, {}) if self.path == "/" else _FORBIDDEN))
                return
            status, answer = _asked(clients, target, json.loads(body or b"{}"))
            self._send(status, json.dumps(answer).encode(), {"Content-Type": "application/x-amz-json-1.0"})

        def do_GET(self) -> None:
            if self.path.startswith("/20"):  # Lambda
                self._send(*_FORBIDDEN)
            else:
                self._send(200, PICTURE.read_bytes(), _OBJECT)

        do_HEAD = do_PUT = do_GET

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Answering


_OBJECT = {"ETag": '"e"', "Last-Modified": "Tue, 01 Jan 2030 12:00:00 GMT"}
_FORBIDDEN = 403, b'{"message": "no"}', {"x-amzn-ErrorType": "AccessDeniedException"}
_XML = b"<R><SendEmailResult><MessageId>1</MessageId></SendEmailResult></R>"
_OF_TARGET = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs"}


def _asked(clients: Mapping[str, Any], target: str, parameters: dict[str, Any]) -> tuple[int, Any]:
    prefix, _, action = target.partition(".")
    client = clients.get(_OF_TARGET.get(prefix, ""))
    if client is None:
        return 200, {}
    try:
        answer = getattr(client, xform_name(action))(**parameters)
    except Exception as error:
        response: Any = getattr(error, "response", {})
        return 400, {"__type": response["Error"]["Code"], "message": str(error)}
    return 200, {name: value for name, value in (answer or {}).items() if name != "ResponseMetadata"}
