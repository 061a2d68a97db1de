"""Which requests are served at all."""

from __future__ import annotations

import pytest

from stepsmith.server.guard import Hosts, Refused, check

SERVED = ["127.0.0.1:4599", "localhost", "LOCALHOST:1", "[::1]:4599", "sync-localhost:4599", "sync-127.0.0.1",
          "photographs.localhost:4599", "127.3.2.1"]  # fmt: skip
ELSEWHERE = ["attacker.example", "127.0.0.1.attacker.example:4599", "", "localhost.attacker.example", "10.0.0.1",
             "[::1", "localhost:x", "xlocalhost", "sync-attacker.example"]  # fmt: skip


def checked(method: str = "POST", hosts: Hosts | None = None, **headers: str) -> int:
    """Give the status of the refusal, 0 for none."""
    given = {"host": "localhost:4599", **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    try:
        check(method, raw, given, hosts or Hosts())
    except Refused as error:
        return error.status
    return 0


@pytest.mark.parametrize("host", SERVED)
def test_hosts_that_mean_this_machine_are_served(host: str) -> None:
    assert checked(host=host) == 0


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_hosts_are_not(host: str) -> None:
    assert checked(host=host) == 421


def test_an_address_that_was_asked_for_is_served() -> None:
    hosts = Hosts(frozenset({"10.0.0.1"}))

    assert checked(hosts=hosts, host="10.0.0.1:4599") == 0
    assert checked(hosts=hosts, host="sync-10.0.0.1:4599") == 0
    assert checked(hosts=hosts, host="10.0.0.2:4599") == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://localhost:4599"}, 0),
        ({"origin": "http://localhost:4598"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "same-origin"}, 0),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"content_length": "-1"}, 400),
        ({"content_length": "10737418240"}, 413),
        ({"content_length": "2", "transfer_encoding": "chunked"}, 400),
        ({"x_long": "x" * 33_000}, 431),
        ({f"x{n}": "" for n in range(100)}, 431),
    ],
)
def test_headers_are_checked(headers: dict[str, str], status: int) -> None:
    assert checked(**headers) == status


@pytest.mark.parametrize(
    ("method", "status"), [("OPTIONS", 405), ("TRACE", 405), ("CONNECT", 405), ("PUT", 0)]
)
def test_methods_are_checked(method: str, status: int) -> None:
    assert checked(method) == status


def test_a_header_that_counts_is_given_once() -> None:
    raw = [(b"host", b"localhost"), (b"host", b"attacker.example")]

    with pytest.raises(Refused) as caught:
        check("POST", raw, {"host": "localhost"}, Hosts())

    assert caught.value.status == 400
