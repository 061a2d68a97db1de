"""A server for the tests of a module, and clients for it."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from stepsmith.cloud.local import LocalCloud
from stepsmith.server.serving import served
from stepsmith.service.clock import Clock, WallClock

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-west-1"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/r"


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    url: str
    cloud: LocalCloud

    def client(self, service: str = "stepfunctions", **more: Any) -> Any:
        """Return boto3's client, which nothing of this machine configures."""
        import boto3
        from botocore.config import Config

        config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, **more)
        return boto3.Session().client(  # pyright: ignore - any service
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=ACCOUNT,
            aws_secret_access_key="x", config=config,
        )  # fmt: skip

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def send(self, raw: bytes, *, seconds: float = 10) -> bytes:
        """Send bytes and return all that comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            try:
                connection.sendall(raw)
                parts: list[bytes] = []
                while part := connection.recv(65_536):
                    parts.append(part)
            except ConnectionError:
                parts = []
        return b"".join(parts)


@contextmanager
def serving(clock: Clock | None = None) -> Generator[Server]:
    """Serve a cloud of its own."""
    cloud = LocalCloud(clock=clock or WallClock(), is_served=True)
    with served(cloud) as url:
        yield Server(url, cloud)
