from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.integrations import TaskError
from stepsmith.integrations.http.addresses import find_target, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fec0::1",
        "feff:ffff::1",
        "192.0.0.192",
        "192.0.0.8",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "240.0.0.1",
        "168.63.129.16",
        "100.100.100.200",
        "3fff::1",
        "3fff:fff:ffff::1",
        "2001:db8::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff::1",
        "5f00::1",
        "100::1",
        "64:ff9b:1::1",
        "64:ff9b:1::808:808",
        "fd00:ec2::254",
        "4000::1",
        "::8.8.8.8",
        "::127.0.0.1",
        "::ffff:0:8.8.8.8",
        "::ffff:168.63.129.16",
        "::ffff:192.88.99.1",
        "64:ff9b::a83f:8110",
        "64:ff9b::a9fe:a9fe",
        "2002:a83f:8110::1",
        "2002:a9fe:a9fe::",
        "2002:808:808::5efe:a00:1",
        "2606:4700::5efe:a00:1",
        "2606:4700::200:5efe:7f00:1",
        "not an address",
        "",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "168.63.129.15",
        "192.0.1.1",
        "192.88.98.1",
        "2606:4700::1111",
        "2001:200::1",
        "2001:4860:4860::8888",
        "3ffe::1",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
        "2002:808:808::1",
    ],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.text())
def test_no_text_breaks_the_check(text: str) -> None:
    assert is_public(text) in (True, False)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https:///nothing",
        "https://example.com@127.0.0.1/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://example.com/a b",
        "https://example.com/\r\nX: y",
        "example.com",
        "",
    ],
)
def test_what_is_no_https_address_cannot_be_called(endpoint: str) -> None:
    with pytest.raises(TaskError) as caught:
        find_target(endpoint)

    assert caught.value.error == "States.Runtime"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://127.1/",
    ],
)
def test_an_address_inside_is_refused_however_it_is_spelt(endpoint: str) -> None:
    with pytest.raises(TaskError) as caught:
        find_target(endpoint)

    assert caught.value.error == "States.Http.Socket"
    assert "which is not public" in (caught.value.cause or "")


def test_an_allowed_host_may_be_inside_and_without_encryption() -> None:
    target = find_target("http://LOCALHOST:8080/a?b=c", ["localhost"])

    assert (target.port, target.secure, target.path, target.query) == (8080, False, "/a", "b=c")


def test_a_name_is_resolved_once_and_that_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    target = find_target("https://example.com/x")

    assert (target.address, target.host, asked) == ("93.184.216.34", "example.com", ["example.com"])


def test_a_public_name_with_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)

    with pytest.raises(TaskError, match=r"example\.com has the address 10\.1\.2\.3"):
        find_target("https://example.com/")


def test_a_name_that_nobody_knows_is_a_socket_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[object]:
        raise socket.gaierror("no")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    with pytest.raises(TaskError) as caught:
        find_target("https://nobody.example/")

    assert caught.value.error == "States.Http.Socket"
