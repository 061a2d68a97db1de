"""Connections whose clients have to get on: a request's head and body are read for so long and no longer."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
"""How long the head of a request may take."""
BODY_SECONDS: Final = 60.0
"""How long its body may take beyond that."""
MOST_HEAD_BYTES: Final = 65_536
MOST_CONNECTIONS: Final = 2_000
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's connection with bounds on time and size of what comes in."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_body = False

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._expect(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head gets too large."""
        if not self._is_in_body:
            self._head_bytes += len(data)
            if self._deadline is None:
                self._expect(HEAD_SECONDS)
        super().data_received(data)
        if not self._is_in_body and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Go on with the body."""
        self._is_in_body = True
        self._expect(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Have all of it; the next request may come."""
        self._is_in_body = False
        self._head_bytes = 0
        self._expect(None)
        super().on_message_complete()

    def _expect(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._cut_off)

    def _cut_off(self) -> None:
        self._deadline = None
        self.transport.abort()
