"""Requests that nobody should send: refused by name, within bounds, and nothing of the server comes out."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import pytest

from stepsmith.server import connections
from tests.shared_data import SHARED, needs_shared
from tests.stepsmith.server.servers import Server

HEAD = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSStepFunctions.{}\r\n" \
       "Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"  # fmt: skip


def entries(kind: str) -> list[dict[str, Any]]:
    file = SHARED / "badinput" / "index.json"
    found = json.loads(file.read_text())["entries"] if file.exists() else []
    return [each for each in found if each["class"] == kind and "inline" in each["payload"]]


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def is_well(server: Server) -> bool:
    answer = server.send(
        b"GET /_stepsmith/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", seconds=1
    )
    return status_of(answer) == 200


def raw_of(payload: dict[str, Any], port: int) -> bytes | None:
    if "raw" in payload:
        return str(payload["raw"]).replace("{port}", str(port)).encode("latin-1")
    if "raw_hex" in payload:
        return bytes.fromhex(payload["raw_hex"]).replace(b"{port}", str(port).encode())
    if "raw_head" in payload:
        return str(payload["raw_head"]).replace("{port}", str(port)).encode() + b"x" * int(payload["fill"])
    return None


@needs_shared
@pytest.mark.parametrize("entry", entries("http"), ids=lambda entry: entry["id"])
def test_a_hostile_request_is_answered_as_it_should_be(server: Server, entry: dict[str, Any]) -> None:
    raw = raw_of(entry["payload"]["inline"], server.port)
    if raw is None:
        pytest.skip("slow clients have a test of their own")
    announced = b"Content-Length: 10737418240" in raw

    answer = server.send(raw)

    assert status_of(answer) in entry["expect"]["status"], answer[:200]
    assert b"Traceback" not in answer
    assert b"access-control-allow-origin" not in answer.lower()
    assert announced or is_well(server)


@needs_shared
@pytest.mark.parametrize("entry", entries("api"), ids=lambda entry: entry["id"])
def test_a_hostile_call_is_refused_by_name(server: Server, entry: dict[str, Any]) -> None:
    asked = entry["payload"]["inline"]
    body = json.dumps(asked["body"]).encode()

    answer = server.send(HEAD.format(asked["operation"], len(body)).encode() + body)

    assert status_of(answer) in entry["expect"]["status"]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["__type"]


def test_slow_clients_are_cut_off_and_others_served(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(50)]

    for each in slow:
        each.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")

    assert is_well(server)
    for each in slow:
        with each, contextlib.suppress(ConnectionError):
            assert each.recv(1) == b""


def test_a_head_without_end_is_not_read_for_ever(server: Server) -> None:
    answer = server.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 200_000)

    assert status_of(answer) in (0, 400, 431)
    assert is_well(server)


def test_what_fails_inside_shows_nothing_of_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(server.cloud.step_functions, "call", fail)

    answer = server.send(HEAD.format("ListStateMachines", 2).encode() + b"{}")

    assert status_of(answer) == 500
    assert b"secret" not in answer
