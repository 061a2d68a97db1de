"""Runs a cloud's server until it is told to stop."""

from __future__ import annotations

import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from stepsmith.cloud.local import LocalCloud
from stepsmith.errors import InvalidInput
from stepsmith.server.application import Application
from stepsmith.server.guard import Hosts

PORT: Final = 4599
HOST: Final = "127.0.0.1"
STOP_SECONDS: Final = 1
"""How long requests that are under way may go on once it was told to stop."""
GARBAGE: Final = (50_000, 20, 100)
"""When Python looks for garbage: seldom, for what is kept of executions is none."""
SWITCH_SECONDS: Final = 0.0005
"""How long one thread has Python to itself: short, for answers come before executions."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises InvalidInput where somebody else does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(1024)
    except (OSError, OverflowError) as error:
        found.close()
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(f"{host}:{port} cannot be listened on: {reason}; try --port") from None
    return found


def address_of(listening: socket.socket) -> str:
    """Give the address that clients use."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(application: Application) -> object:
    import uvicorn

    from stepsmith.server.connections import BoundedProtocol

    config = uvicorn.Config(
        application,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config)


def serve(cloud: LocalCloud, listening: socket.socket, *, hosts: Hosts | None = None) -> int:
    """Serve a cloud that is open on this thread, until a signal says to stop; gives the number of the signal."""
    application = Application(cloud, hosts=hosts)
    cloud.zips.endpoint_url = address_of(listening)
    server = _server(application)
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    signal.signal(signal.SIGTERM, _interrupt)  # uvicorn stops in good order, and then raises it once more
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    try:
        server.run(sockets=[listening])  # pyright: ignore
    except KeyboardInterrupt as interrupt:
        return int(interrupt.args[0]) if interrupt.args else signal.SIGINT
    finally:
        sys.setswitchinterval(before)
        application.close()
    return signal.SIGINT


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt(number)


@contextmanager
def served(
    cloud: LocalCloud, *, host: str = HOST, port: int = 0, hosts: Hosts | None = None
) -> Generator[str]:
    """Serve a cloud on a thread of its own while the context lasts; gives the address."""
    application = Application(cloud, hosts=hosts)
    server: object = _server(application)
    listening = listen(host, port)
    cloud.zips.endpoint_url = address_of(listening)
    stop: Callable[[], None] = lambda: setattr(server, "should_exit", True)  # noqa: E731
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)  # pyright: ignore
    with cloud:
        thread.start()
        try:
            yield address_of(listening)
        finally:
            stop()
            thread.join(STOP_SECONDS + 5)
            application.close()
            listening.close()
